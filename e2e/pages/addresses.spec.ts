import { request as httpRequest } from 'node:http';
import { expect, test } from '@playwright/test';
import { ErrorBodySchema } from '@/lib/contract/error';
import { complaintsOf } from './look';

/** What people, scripts and broken links put into an address. */
const VALUES = [
  '',
  'nothing-of-this-name',
  '-1',
  '0',
  '1e309',
  'null',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '"><img src=x>',
  '%00',
  'a\u0000b',
  '\u202egnp.exe',
  '2026-13-45T99:99:99Z',
  '1970-01-01T00:00:00Z',
  '..',
  'x'.repeat(4000),
  '[object Object]',
  '1&pod=2',
  ',,,',
  '!cause:',
  'restarts:>',
];
const DIAGNOSIS = '/c/demo/deployments/shop/checkout';
/** Each page with each parameter that it reads. */
const PAGES: readonly (readonly [string, readonly string[]])[] = [
  ['/c/demo', ['q', 'ns', 'sort', 'group']],
  [DIAGNOSIS, ['pod', 'container', 'tab', 'run', 'line', 'event', 'at', 'time', 'zoom']],
  ['/c/demo/history', ['q', 'ns', 'period', 'before']],
  ['/causes', ['q', 'category']],
  ['/api/v1/clusters/demo/loops', ['q', 'ns']],
  ['/api/v1/clusters/demo/history', ['q', 'ns', 'period', 'before']],
  [DIAGNOSIS.replace('/c/demo', '/api/v1/clusters/demo/loops'), ['at']],
  ['/api/v1/clusters/demo/pods', ['ns']],
];
const PATHS = [
  '/c',
  '/c/nowhere',
  '/c/demo/pods',
  '/c/demo/secrets/shop/checkout',
  '/c/demo/deployments/shop',
  '/causes',
  '/api',
  '/api/v1',
  '/api/v1/clusters/nowhere/loops',
];

test.describe('addresses', () => {
  test('no parameter of any page makes the server fail', async ({ request }) => {
    test.slow();
    const asked = PAGES.flatMap(([page, names]) =>
      names.flatMap((name) => VALUES.map((value) => `${page}?${name}=${encodeURIComponent(value)}`)),
    );
    const paths = PATHS.flatMap((path) => [
      path,
      ...VALUES.slice(1, 12).map((value) => `${path}/${encodeURIComponent(value)}`),
    ]);
    const failed: string[] = [];
    const all = [...asked, ...paths];
    const next = all.values();
    const ask = async () => {
      for (const address of next) {
        const response = await request.get(address, { maxRedirects: 0 });
        if (response.status() >= 500) failed.push(`${response.status()} ${address.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: 6 }, ask));
    expect(failed).toEqual([]);
    expect(all.length).toBeGreaterThan(400);
  });

  test('a pod that is not recorded shows the runs of the others and says so, and stays after a reload', async ({
    page,
  }) => {
    await page.goto(`${DIAGNOSIS}?pod=checkout-of-last-week&tab=logs&line=x`);
    const note = page.getByRole('complementary', { name: 'Not found' });
    await expect(note).toContainText('No pod "checkout-of-last-week" of this workload is recorded');
    await expect(note).toContainText('line="x" in this address cannot be read');
    await expect(note).toBeInViewport();
    await expect(page.getByRole('combobox', { name: 'Run whose log is shown' })).toBeVisible();
    await page.reload();
    await expect(note).toBeVisible();
  });

  test('every refusal has the error shape, a hint, and no sniffing', async ({ request, baseURL }) => {
    const cases = [
      ['POST', '/api/v1/clusters', 405],
      ['DELETE', '/', 405],
      ['PUT', '/c/demo', 405],
      ['GET', '/api', 404],
      ['GET', '/api/v2', 404],
      ['GET', '/api/v1/clusters/nowhere/stream', 404],
      ['GET', '/api/v1/clusters/demo/loops?ns=A_B', 400],
      ['GET', '/c/%zz', 400],
    ] as const;
    for (const [method, path, status] of cases) {
      const response = await fetch(`${baseURL}${path}`, { method });
      expect([path, response.status]).toEqual([path, status]);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(ErrorBodySchema.parse(await response.json()).error.hint).not.toBe('');
    }
    const icon = await request.get('/icon.svg');
    expect(icon.headers()['x-content-type-options']).toBe('nosniff');
  });

  test('HEAD and OPTIONS open no stream, and streams that were left are forgotten', async ({ request, baseURL }) => {
    const stream = `${baseURL}/api/v1/clusters/demo/stream`;
    const viewers = async () =>
      Number(/^unloop_streams\S* (\d+)$/m.exec(await (await request.get('/metrics')).text())?.[1]);
    const before = await viewers();
    for (let i = 0; i < 400; i++) {
      const answer = await fetch(stream, { method: i % 2 === 0 ? 'HEAD' : 'OPTIONS' });
      expect(answer.ok).toBe(true);
      expect(await answer.text()).toBe('');
    }
    expect(await viewers()).toBeLessThanOrEqual(before + 10);
    const leave = new AbortController();
    await Promise.all(Array.from({ length: 100 }, () => fetch(stream, { signal: leave.signal })));
    expect(await viewers()).toBeGreaterThanOrEqual(100);
    leave.abort();
    await expect.poll(viewers, { timeout: 15_000 }).toBeLessThanOrEqual(before + 10);
  });

  test('a page of another site reads nothing, and a foreign host name gets nothing', async ({ baseURL }) => {
    const { hostname, port } = new URL(baseURL ?? '');
    const statusOf = (headers: Readonly<Record<string, string>>) =>
      new Promise<number | undefined>((done, refuse) => {
        const asked = httpRequest({ hostname, port, path: '/api/v1/clusters', headers }, (response) => {
          response.resume();
          done(response.statusCode);
        });
        asked.once('error', refuse).end();
      });
    expect(await statusOf({ host: 'rebound.example' })).toBe(421);
    expect(await statusOf({ origin: 'https://elsewhere.example' })).toBe(403);
    expect(await statusOf({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' })).toBe(403);
    expect(await statusOf({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })).toBe(200);
  });

  test('no page breaks its own content policy, runs a script from an address, or asks another host @everywhere', async ({
    page,
    baseURL,
  }) => {
    test.slow();
    const complaints = complaintsOf(page);
    const elsewhere: string[] = [];
    page.on('request', (asked) => {
      if (!asked.url().startsWith('data:') && new URL(asked.url()).origin !== baseURL) elsewhere.push(asked.url());
    });
    const script = encodeURIComponent('"><img src=x onerror="window.hit=1"><script>window.hit=1</script>');
    const visited = [
      '/',
      `/c/demo?q=${script}&ns=shop`,
      ...['logs', 'events', 'spec'].map((tab) => `${DIAGNOSIS}?tab=${tab}`),
      `${DIAGNOSIS}?pod=${script}&container=${script}&run=${script}&event=${script}`,
      `/c/demo/history?q=${script}`,
      `/causes?q=${script}`,
      '/causes/env-missing',
    ];
    for (const address of visited) {
      await page.goto(address);
      await expect(page.getByRole('main')).toBeVisible();
      expect([address, await page.evaluate(() => 'hit' in window)]).toEqual([address, false]);
    }
    expect(complaints).toEqual([]);
    expect(elsewhere).toEqual([]);
  });
});
