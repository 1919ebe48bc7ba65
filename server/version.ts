import packageJson from '@/package.json' with { type: 'json' };

/** Unloop's own version, as in package.json. */
export const VERSION = packageJson.version;
