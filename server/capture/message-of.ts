import { z } from 'zod';

/** One line that says what an error is about, without the paths that Node repeats. */
export function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [first] = error.issues;
    return first ? `${first.path.join('.') || 'the whole'}: ${first.message}` : 'not of the expected form';
  }
  if (error instanceof RangeError && error.message.includes('call stack')) return 'it nests too deep';
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
