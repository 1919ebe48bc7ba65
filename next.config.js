import { RULESET } from './scripts/ruleset.mjs';

/** @type {import('next').NextConfig} */
const config = {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  reactStrictMode: true,
  poweredByHeader: false,
  productionBrowserSourceMaps: false,
  devIndicators: false,
  env: { UNLOOP_RULESET: RULESET },
};

export default config;
