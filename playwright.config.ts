import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

const PORT = Number(process.env.UNLOOP_E2E_PORT ?? 21_377);

/**
 * The headless browser that comes with `npm ci`, the same on every machine and a third faster at these tests than a whole
 * Chromium; where there is none for this machine's architecture, an installed one.
 */
async function chromium(): Promise<string> {
  if (process.env.UNLOOP_CHROMIUM) return process.env.UNLOOP_CHROMIUM;
  let cause: unknown;
  if (process.arch === 'x64') {
    try {
      const { default: bundled } = await import('@sparticuz/chromium');
      return await bundled.executablePath();
    } catch (error) {
      cause = error;
    }
  }
  const installed = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  if (installed) return installed;
  throw new Error('No Chromium found: install the Debian package "chromium" or set UNLOOP_CHROMIUM', { cause });
}

const desktop = { width: 1440, height: 900 };

export default defineConfig({
  testDir: 'e2e/pages',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  // One server, one demo cluster, and often a machine with two cores.
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    launchOptions: { executablePath: await chromium() },
    timezoneId: 'America/New_York',
    // Recording costs a quarter of the time, and nobody opens a trace that ends with the machine.
    trace: process.env.CI ? 'off' : 'retain-on-failure',
  },
  // Journeys run once; what is tagged @everywhere must also hold in the dark and on a phone.
  projects: [
    { name: 'light', use: { viewport: desktop, colorScheme: 'light' } },
    { name: 'dark', use: { viewport: desktop, colorScheme: 'dark' }, grep: /@everywhere/ },
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true }, grep: /@everywhere/ },
  ],
  webServer: {
    command: `npm start -- --demo --port ${PORT} --data ${mkdtempSync(join(tmpdir(), 'unloop-pages-'))}`,
    url: `http://127.0.0.1:${PORT}/readyz`,
    timeout: 180_000,
    reuseExistingServer: process.env.UNLOOP_E2E_REUSE === '1',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5000 },
  },
});
