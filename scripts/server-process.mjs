import { join } from 'node:path';

/**
 * How the server's process is started, so that it stays small. By default V8 lets the young generation grow to three times 32 MB for
 * a burst such as the first list, and keeps it; and glibc keeps what each thread freed in heaps of its own, up to eight for each
 * core. Both together were a third of the resident memory beside 50,000 pods, and less of them cost no time that could be measured.
 */
export const SERVER_ARGUMENTS = ['--max-semi-space-size=8'];

/** Variables for glibc (mallopt(3)); who sets one has the say. Other C libraries pass over them. */
const MALLOC = {
  MALLOC_ARENA_MAX: '2',
  // A fixed threshold: glibc raises it with each large buffer that is freed, and then keeps buffers of that size.
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

/**
 * The environment of the server's process. From its second start on it need not compile its modules again; where the folder cannot be
 * written, Node goes on without.
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env that of the process which starts it
 * @returns {NodeJS.ProcessEnv}
 */
export function serverEnvironment(root, env) {
  const cache = { NODE_COMPILE_CACHE: join(root, '.next/compile-cache') };
  return { ...MALLOC, ...cache, ...env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' };
}
