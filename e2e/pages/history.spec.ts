import { expect, type Page, test } from '@playwright/test';
import type { EndedLoop, HistoryPage } from '@/lib/contract/history';
import { complaintsOf, expectAccessible, expectNoSidewaysScroll } from './look';

const API = '/api/v1/clusters/demo/history';
/** The first loops of the demo cluster end within two minutes of its opening. */
const UNTIL_ONE_ENDS = { timeout: 240_000, intervals: [1_000] };

async function firstEnd(page: Page): Promise<EndedLoop> {
  let first: EndedLoop | undefined;
  await expect
    .poll(async () => {
      const answer: HistoryPage = await (await page.request.get(API)).json();
      first = answer.ended.find((ended) => ended.crashes > 0 && ended.loop.verdict !== null);
      return first !== undefined;
    }, UNTIL_ONE_ENDS)
    .toBe(true);
  if (!first) throw new Error('nothing has ended');
  return first;
}

test.describe('the history', () => {
  test.setTimeout(300_000);

  test('is reached from the bar, and shows what ended, how, and whether that lasted @everywhere', async ({ page }) => {
    const complaints = complaintsOf(page);
    const { loop } = await firstEnd(page);
    await page.goto('/c/demo');
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'History' }).click();
    await expect(page).toHaveURL(/\/c\/demo\/history$/);
    const row = page.getByRole('row').filter({ hasText: loop.workload.name }).first();
    await expect(row).toContainText(loop.verdict?.what ?? '');
    await expect(row).toContainText(/recovered|gone|came back/);
    await expect(page.getByText(/^The record begins on .* UTC: what ended before is not known\./)).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(complaints).toEqual([]);
  });

  test('opens a loop as it was, with verdict, log and events, by keyboard alone', async ({ page }) => {
    const { loop, endedAt } = await firstEnd(page);
    await page.goto(`/c/demo/history?q=${loop.workload.name}`);
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await page.keyboard.press('j');
    await expect(page.locator('tbody a.open').first()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/at=/);
    await expect(page.getByRole('complementary', { name: 'An earlier loop' })).toContainText(/Recovered|Gone/);
    const bar = page.getByRole('navigation', { name: 'Main' });
    await expect(bar.getByRole('link', { name: 'History' })).toHaveAttribute('aria-current', 'true');
    await expect(bar.getByRole('link', { name: 'Board' })).not.toHaveAttribute('aria-current');
    await expect(page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link').first()).toHaveText('History');
    await expect(page.getByRole('heading', { level: 1 })).toContainText(loop.workload.name);
    await expect(
      page
        .getByRole('region', { name: /^Log of run/ })
        .getByRole('listitem')
        .first(),
    ).toBeVisible();
    await page.keyboard.press('e');
    await expect(page.getByRole('columnheader', { name: 'Reason' })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/\/history/);

    const path = loop.id.split('/').slice(0, 3).join('/');
    const past = await (await page.request.get(`/api/v1/clusters/demo/loops/${path}?at=${endedAt}`)).json();
    expect(past).toMatchObject({ past: { endedAt }, loops: [{ id: loop.id }] });
    expect(past.runs.length).toBeGreaterThan(0);
    expect(past.runs.every((run: { startedAt: string | null }) => (run.startedAt ?? '') <= endedAt)).toBe(true);
  });

  test('filters in the language of the board, and keeps filter and period in the address', async ({ page }) => {
    const { loop } = await firstEnd(page);
    await page.goto('/c/demo/history');
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await page.keyboard.press('/');
    await page.keyboard.type(`!ns:${loop.workload.namespace} `);
    await expect(page).toHaveURL(new RegExp(`q=!ns:${loop.workload.namespace}`));
    await expect(page.getByRole('row').filter({ hasText: loop.workload.name })).toHaveCount(0);
    await page.getByRole('button', { name: `Remove filter !ns:${loop.workload.namespace}` }).click();
    await expect(page.getByRole('row').filter({ hasText: loop.workload.name }).first()).toBeVisible();
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await expect(page).toHaveURL(/period=all/);
    await page.reload();
    await expect(page.getByRole('button', { name: 'All', exact: true })).toHaveAttribute('aria-pressed', 'true');
  });

  test('says what is kept where nothing ended, and takes a filter away that hides all', async ({ page }) => {
    await firstEnd(page);
    await page.goto('/c/demo/history?ns=not-listed');
    await expect(page.getByRole('heading', { name: 'No loop ended in the last 7 days' })).toBeVisible();
    await expect(page.getByText(/Ends are kept 30 days, up to 2Gi in all\./)).toBeVisible();
    await expectAccessible(page);
    await page.goto('/c/demo/history?q=nothing-has-this-name');
    await expect(page.getByRole('heading', { name: 'No ended loop matches the filter' })).toBeVisible();
    await page.getByRole('button', { name: 'Remove the filter' }).click();
    await expect(page.locator('tbody a.open').first()).toBeVisible();
  });
});

test('the API pages the history, and refuses what makes no sense', async ({ request }) => {
  const page: HistoryPage = await (await request.get(`${API}?period=24h&ns=shop`)).json();
  expect(page.ended.every(({ loop }) => loop.workload.namespace === 'shop')).toBe(true);
  expect(page.totals.spans).toHaveLength(25);
  const before: HistoryPage = await (await request.get(`${API}?before=2020-01-01T00:00:00Z`)).json();
  expect([before.ended, before.next]).toEqual([[], null]);
  expect((await request.get(`${API}?period=1000y`)).status()).toBe(400);
  expect((await request.get(`${API}?before=yesterday`)).status()).toBe(400);
  expect((await request.get('/api/v1/clusters/no-such/history')).status()).toBe(404);
  const nowhere = await request.get('/api/v1/clusters/demo/loops/pods/no-name');
  expect([nowhere.status(), (await nowhere.json()).error.code]).toEqual([404, 'not-found']);
  const never = await request.get('/api/v1/clusters/demo/loops/deployments/shop/checkout?at=2020-01-01T00:00:00Z');
  expect(never.status()).toBe(404);
});
