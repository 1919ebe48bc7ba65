import { version } from '@/package.json';

/** Unloop's own version, as in package.json. */
export const VERSION = version;
