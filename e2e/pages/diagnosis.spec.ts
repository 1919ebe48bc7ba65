import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import { readCluster, readLoops, scriptStream } from './scripted-stream';

const BOARD = '/c/demo';
const CHECKOUT = '/c/demo/deployments/shop/checkout';

/** Waits until the page's scripts are at work: before that a press on a link reloads, which is right but another test. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('banner').getByRole('status')).toHaveText('Live', { timeout: 30_000 });
}

const evidence = (page: Page) => page.getByRole('region', { name: 'Evidence' });
const decisive = (page: Page) => evidence(page).getByRole('listitem').filter({ hasText: 'decisive' }).first();

test.describe('from the board to the line that decides', () => {
  test('opens the crashed log at the decisive line, and the address keeps it', { tag: '@everywhere' }, async ({
    page,
  }) => {
    await page.goto(BOARD);
    await settled(page);
    await page.getByRole('link', { name: 'checkout', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('checkout');
    await expect(page.getByText(/^exit 1/).first()).toBeVisible();

    await page
      .getByRole('listitem')
      .getByRole('link', { name: /^Logs, line \d+$/ })
      .first()
      .click();
    await expect(page).toHaveURL(/tab=logs.*run=.*line=\d+/);
    await expect(page.getByRole('tab', { name: 'Logs' })).toHaveAttribute('aria-selected', 'true');
    await expect(decisive(page)).toBeInViewport();
    const text = await decisive(page).innerText();

    await page.reload();
    await expect(page.getByRole('tab', { name: 'Logs' })).toHaveAttribute('aria-selected', 'true');
    await expect(decisive(page)).toHaveText(text.replaceAll(/\s+/g, ' '), { useInnerText: true });
    await expect(decisive(page)).toBeInViewport();
  });

  test('shows verdict, log and fix without any script', async ({ browser, baseURL }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, ...(baseURL ? { baseURL } : {}) });
    const page = await context.newPage();
    await page.goto(CHECKOUT);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('checkout');
    await expect(decisive(page)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Guided fix' })).toBeVisible();
    await context.close();
  });

  test('takes a new crash over live, and keeps the log that is being read', async ({ page }) => {
    const api = '/api/v1/clusters/demo/loops/deployments/shop/checkout';
    const stream = await scriptStream(page, await readCluster(page), await readLoops(page));
    const before: Diagnosis = await (await page.request.get(api)).json();
    await page.goto(CHECKOUT);
    await settled(page);
    const runs = page.getByRole('combobox', { name: 'Run whose log is shown' });
    const shown = await runs.inputValue();
    const line = await decisive(page).innerText();
    const [loop] = before.loops;
    const run = before.runs.find(({ id }) => id === shown);
    if (!loop || !run) throw new Error('the demo lost its checkout loop');

    const finishedAt = new Date().toISOString();
    const next = { ...run, id: `${run.id}-next`, restartIndex: 98, startedAt: finishedAt, finishedAt };
    const after = { ...before, loops: [{ ...loop, restarts: 98 }], runs: [next, ...before.runs] };
    await page.route(`**${api}`, (route) => route.fulfill({ json: after }));
    await stream.send({ kind: 'change', sequence: 1, asOf: finishedAt, upserts: after.loops, removed: [] });

    await expect(page.getByText(/^98 \(/)).toBeVisible();
    await expect(page.getByText('A newer crash of this replica was recorded.')).toBeAttached();
    await expect(runs).toHaveValue(shown);
    expect(await decisive(page).innerText()).toBe(line);
  });
});

test.describe('by keyboard alone', () => {
  test('walks tabs and runs, lists the keys, and goes back to the board', { tag: '@everywhere' }, async ({ page }) => {
    await page.goto(BOARD);
    await settled(page);
    await page.getByRole('link', { name: 'checkout', exact: true }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { level: 1 })).toContainText('checkout');
    await expect(page.getByRole('tab', { name: 'Logs' })).toBeVisible();

    await page.keyboard.press('e');
    await expect(page.getByRole('tab', { name: /^Events/ })).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('columnheader', { name: 'Reason' })).toBeVisible();
    await page.keyboard.press('y');
    await expect(evidence(page).getByText('apiVersion').first()).toBeVisible();
    await page.keyboard.press('l');
    const runs = page.getByRole('combobox', { name: 'Run whose log is shown' });
    const newest = await runs.inputValue();
    await page.keyboard.press('[');
    await expect(runs).not.toHaveValue(newest);
    await page.keyboard.press(']');
    await expect(runs).toHaveValue(newest);

    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toContainText('Earlier crash');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/\/c\/demo$/);
  });

  test('moves between the tabs with the arrow keys and into the log with Tab', async ({ page }) => {
    await page.goto(CHECKOUT);
    await settled(page);
    await page.getByRole('tab', { name: 'Logs' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('tab', { name: /^Events/ })).toBeFocused();
    await page.keyboard.press('Home');
    await expect(page.getByRole('tab', { name: 'Logs' })).toBeFocused();
    const log = evidence(page).getByRole('region', { name: /^Log of run/ });
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      if (await log.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('Tab never reached the log');
  });
});

test.describe('the log', () => {
  test('finds, counts and walks the hits', async ({ page }) => {
    await page.goto(CHECKOUT);
    await settled(page);
    const search = page.getByRole('textbox', { name: 'Search this log' });
    await search.fill('dist/');
    await expect(evidence(page).getByText(/^1 of \d+$/)).toBeVisible();
    await search.press('Enter');
    await expect(evidence(page).getByText(/^2 of \d+$/)).toBeVisible();
    await search.press('Shift+Enter');
    await expect(evidence(page).getByText(/^1 of \d+$/)).toBeVisible();
    await search.fill('no such words');
    await expect(evidence(page).getByText('none', { exact: true })).toBeVisible();
  });

  test('shows hostile output as text and executes nothing', async ({ page }) => {
    const hostile = [
      '<img src=x onerror="window.owned = true"><script>window.owned = true</script>',
      '\u001b[31mred\u001b[0m \u001b[8mhidden\u001b[0m \u001b]0;title\u0007end',
      `nul \u0000 and reversed \u202egnp.exe`,
      'A'.repeat(5_000_000),
      'last line',
    ].join('\n');
    await page.route(/\/logs\/.*run=/, (route) =>
      route.fulfill({ body: hostile, contentType: 'text/plain; charset=utf-8', headers: { 'x-unloop-stamped': '0' } }),
    );
    await page.goto(CHECKOUT);
    await settled(page);
    await page.getByRole('button', { name: 'Earlier crash' }).click();
    const lines = evidence(page)
      .getByRole('region', { name: /^Log of run/ })
      .getByRole('listitem');
    await expect(lines).toHaveCount(5);
    await expect(lines.nth(0)).toContainText('<img src=x onerror="window.owned = true"><script>');
    await expect(lines.nth(1)).toContainText('red hidden end');
    await expect(lines.nth(2)).toContainText('nul \\x00 and reversed ⟨U+202E⟩gnp.exe');
    await expect(lines.nth(3).getByRole('button', { name: /^show 60,000 more of 5,000,000/ })).toBeVisible();
    await expect(lines.nth(4)).toContainText('last line');
    expect(await page.evaluate(() => 'owned' in window)).toBe(false);
    expect(await page.locator('.log img, .log script').count()).toBe(0);
    expect((await lines.nth(3).innerText()).length).toBeLessThan(10_000);
  });

  test('stays quick with 100,000 lines', async ({ page }) => {
    const many = Array.from({ length: 100_000 }, (_, index) => `\u001b[32minfo\u001b[0m request ${index} done`).join(
      '\n',
    );
    await page.route(/\/logs\/.*run=/, (route) =>
      route.fulfill({ body: many, contentType: 'text/plain; charset=utf-8', headers: { 'x-unloop-stamped': '0' } }),
    );
    await page.goto(CHECKOUT);
    await settled(page);
    await page.getByRole('button', { name: 'Earlier crash' }).click();
    await expect(evidence(page).getByText('request 99999 done')).toBeVisible();
    expect(await evidence(page).getByRole('listitem').count()).toBeLessThan(200);
    await page.getByRole('textbox', { name: 'Search this log' }).fill('request 4242 done');
    await expect(evidence(page).getByText('request 4242 done')).toBeInViewport();
    await expect(evidence(page).getByText('1 of 1', { exact: true })).toBeVisible();
  });
});

test('says in words what a workload without loops is', async ({ page }) => {
  await page.goto('/c/demo/deployments/shop/no-such-workload');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No container of no-such-workload loops.');
  await expect(page.getByRole('banner').getByText('Live', { exact: true })).toBeVisible();
  await expect(page.getByRole('link', { name: 'To the board of demo' })).toBeVisible();
});

test.describe('axe finds nothing', { tag: '@everywhere' }, () => {
  for (const tab of ['logs', 'events', 'spec']) {
    test(`on ${tab}, and nothing runs out of the page`, async ({ page }) => {
      await page.goto(`${CHECKOUT}?tab=${tab}`);
      await expect(page.getByRole('heading', { level: 1 })).toContainText('checkout');
      await settled(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations).toEqual([]);
      const { scroll, view } = await page.evaluate(() => ({
        scroll: document.documentElement.scrollWidth,
        view: document.documentElement.clientWidth,
      }));
      expect(scroll).toBeLessThanOrEqual(view);
    });
  }
});
