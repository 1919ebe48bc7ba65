import { defineConfig } from 'vitest/config';
import { RULESET } from './scripts/ruleset.mjs';

const alias = { '@': import.meta.dirname, 'server-only': `${import.meta.dirname}/scripts/server-only.mjs` };
const node = { alias, environment: 'node' as const, env: { TZ: 'UTC', UNLOOP_RULESET: RULESET } };

export default defineConfig({
  test: {
    projects: [
      { resolve: { alias }, test: { ...node, name: 'pure', include: ['lib/**/*.test.ts', 'components/**/*.test.ts'] } },
      {
        resolve: { alias },
        test: { ...node, name: 'server', include: ['server/**/*.test.ts', 'scripts/**/*.test.ts'] },
      },
      {
        resolve: { alias },
        test: {
          ...node,
          name: 'cluster',
          include: ['e2e/cluster/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
