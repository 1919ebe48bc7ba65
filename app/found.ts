import { notFound } from 'next/navigation';
import { UnloopError } from '@/lib/domain/unloop-error';

/** What a read of the server gives; what it does not find becomes the not-found page, anything else is thrown on. */
export async function found<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof UnloopError && error.code === 'not-found') notFound();
    throw error;
  }
}
