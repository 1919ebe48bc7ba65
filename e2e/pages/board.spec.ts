import { expect, type Locator, type Page, test } from '@playwright/test';
import type { Loop, LoopsPage } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';
import { complaintsOf, expectAccessible, expectNoSidewaysScroll } from './look';
import { readCluster, readLoops, scriptStream } from './scripted-stream';

const rows = (page: Page): Locator => page.getByRole('table', { name: /^Loops/ }).locator('tbody tr[data-state]');
const field = (page: Page): Locator => page.getByRole('textbox', { name: 'Filter loops' });
const names = (page: Page): Promise<string[]> => page.locator('tbody a.open').allTextContents();

async function openBoard(page: Page, query = ''): Promise<void> {
  await page.goto(`/c/demo${query}`);
  await expect(rows(page).first()).toBeVisible();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

/** A row of the demo cluster under another name. */
function another(model: Loop, name: string, change: Partial<Loop> = {}): Loop {
  return {
    ...model,
    id: `deployments/shop/${name}/${name}`,
    workload: { kind: 'Deployment', namespace: 'shop', name },
    container: name,
    fingerprint: null,
    ...change,
  };
}

function firstOf(board: LoopsPage): Loop {
  const [first] = board.loops;
  if (!first) throw new Error('the demo cluster has no loop');
  return first;
}

function changeOf(board: LoopsPage, upserts: Loop[]): Extract<StreamFrame, { kind: 'change' }> {
  return { kind: 'change', sequence: board.sequence + 1, asOf: board.asOf, upserts, removed: [] };
}

test.describe('the board', () => {
  test('opens from the root, with rows, totals and the banner of the demo cluster @everywhere', async ({ page }) => {
    const complaints = complaintsOf(page);
    await page.goto('/');
    await expect(page).toHaveURL(/\/c\/demo$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Loops in demo');
    await expect(page.getByRole('complementary', { name: 'Demo cluster' })).toBeVisible();
    await expect(rows(page).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /looping now/ })).toContainText(/^\d+/);
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await expectNoSidewaysScroll(page);
    expect(complaints).toEqual([]);
  });

  test('has no accessibility fault, with its floats open too @everywhere', async ({ page }) => {
    await openBoard(page, '?q=!ns:sandbox');
    await expectAccessible(page);
    await page.getByRole('button', { name: /^Namespaces/ }).click();
    await expectAccessible(page, '.filters');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Theme/ }).click();
    await expectAccessible(page, '.bar');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await expectAccessible(page, 'dialog');
  });

  test('shows its rows without any script', async ({ browser, baseURL }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, ...(baseURL ? { baseURL } : {}) });
    const page = await context.newPage();
    await page.goto('/c/demo');
    await expect(rows(page).first()).toBeVisible();
    await context.close();
  });

  test('agrees with the API row by row', async ({ page }) => {
    await openBoard(page, '?group=off');
    await expect(async () => {
      const { loops } = await readLoops(page);
      expect((await names(page)).toSorted()).toEqual(loops.map((loop) => loop.workload.name).toSorted());
    }).toPass();
  });

  test('filters by words as they are typed and by conditions once they end, and keeps both in the URL', async ({
    page,
  }) => {
    await openBoard(page);
    await page.keyboard.press('/');
    await expect(field(page)).toBeFocused();
    await page.keyboard.type('ns:shop ');
    await expect(page.getByRole('button', { name: 'Remove filter ns:shop' })).toBeVisible();
    await expect(page.getByText(/more hidden by the filter/)).toBeVisible();
    for (const namespace of await page.locator('td.c-ns').allTextContents()) expect(namespace).toBe('shop');
    await page.keyboard.type('catalog');
    await expect(async () => expect(new Set(await names(page))).toEqual(new Set(['catalog']))).toPass();
    await expect(page).toHaveURL(/q=ns:shop\+catalog/);

    await page.reload();
    await expect(field(page)).toHaveValue('catalog');
    expect(new Set(await names(page))).toEqual(new Set(['catalog']));

    await field(page).fill('');
    await field(page).press('Backspace');
    await expect(field(page)).toHaveValue('ns:shop');
    await field(page).press('Escape');
    await expect(page.getByText(/hidden by the filter/)).toHaveCount(0);
  });

  test('says so where the filter hides everything, and takes it away', async ({ page }) => {
    await page.goto('/c/demo?q=nothing-has-this-name');
    await expect(page.getByRole('heading', { name: 'No loop matches the filter' })).toBeVisible();
    await page.getByRole('button', { name: 'Remove the filter' }).click();
    await expect(rows(page).first()).toBeVisible();
  });

  test('names a condition that makes no sense instead of hiding rows', async ({ page }) => {
    await openBoard(page, '?q=restarts:many');
    await expect(page.getByText(/ignored: restarts:many is not a number/)).toBeVisible();
  });

  test('filters by a press on a number, and again to take it back', async ({ page }) => {
    await openBoard(page);
    const never = page.getByRole('button', { name: /never started/ });
    await never.click();
    await expect(never).toHaveAttribute('aria-pressed', 'true');
    await expect(page.locator('tbody tr:not([data-state=never-started])')).toHaveCount(0);
    await never.click();
    await expect(page.locator('tbody tr[data-state=looping]').first()).toBeVisible();
  });

  test('narrows to namespaces that are pressed or typed', async ({ page }) => {
    await openBoard(page);
    await page.getByRole('button', { name: /^Namespaces/ }).click();
    await page.getByRole('checkbox', { name: /^shop/ }).check();
    await expect(page).toHaveURL(/ns=shop/);
    await expect(async () =>
      expect(new Set(await page.locator('td.c-ns').allTextContents())).toEqual(new Set(['shop'])),
    ).toPass();
    await page.getByRole('textbox', { name: 'Find or type a namespace' }).fill('not-listed');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/ns=not-listed,shop/);
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect(page).not.toHaveURL(/ns=/);
  });

  test('sorts by a column, the other way, and worst first again', async ({ page }) => {
    await openBoard(page);
    const head = page.getByRole('columnheader', { name: 'Restarts' });
    const restarts = async (): Promise<number[]> =>
      (await page.locator('td.c-restarts b').allTextContents()).map((text) => Number(text));
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect(page).toHaveURL(/sort=-restarts/);
    const falling = await restarts();
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    await head.getByRole('button').click();
    await expect(page).not.toHaveURL(/sort=/);
  });

  test('walks by keyboard: j, k, Enter, and back to the same view', async ({ page }) => {
    await openBoard(page, '?q=state:failing&group=off');
    const links = page.locator('tbody a.open');
    await page.keyboard.press('j');
    await expect(links.nth(0)).toBeFocused();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await expect(links.nth(1)).toBeFocused();
    const target = await links.nth(1).getAttribute('href');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`${target?.replace('?', '\\?')}`));
    await page.goBack();
    await expect(page).toHaveURL(/q=state:failing/);
    await expect(rows(page).first()).toBeVisible();
  });

  test('remembers the theme, and nothing else', async ({ page }) => {
    await openBoard(page);
    await page.getByRole('button', { name: /^Theme/ }).click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(['unloop-theme']);
  });
});

test.describe('the live board', () => {
  test('changes a row in its place within the minute', async ({ page }) => {
    test.setTimeout(120_000);
    await openBoard(page);
    const read = (): Promise<string[]> => page.locator('td.c-restarts b, td.c-status').allTextContents();
    const before = await read();
    await expect.poll(read, { timeout: 90_000 }).not.toEqual(before);
  });

  test('holds order and new rows while somebody points at the list, then applies them', async ({ page }) => {
    const board = await readLoops(page);
    const first = firstOf(board);
    const worse = another(first, 'brand-new', { replicas: { failing: 99, total: 99 }, state: 'looping' });
    const stream = await scriptStream(page, await readCluster(page), board);
    await openBoard(page);
    const before = await names(page);
    await rows(page).nth(3).hover();
    await stream.send(changeOf(board, [worse, { ...first, restarts: 4321 }]));
    await expect(page.getByText('1 change waiting')).toBeVisible();
    await expect(page.getByText('1 new loop')).toBeVisible();
    await expect(page.getByText('4321')).toBeVisible();
    expect(await names(page)).toEqual(before);

    await page.keyboard.press('u');
    await expect(page.locator('tbody a.open').first()).toHaveText('brand-new');
    await expect(page.getByText('1 change waiting')).toHaveCount(0);
  });

  test('applies changes at once where nobody points at the list', async ({ page }) => {
    const board = await readLoops(page);
    const worse = another(firstOf(board), 'brand-new', { replicas: { failing: 99, total: 99 }, state: 'looping' });
    const stream = await scriptStream(page, await readCluster(page), board);
    await openBoard(page);
    await stream.send(changeOf(board, [worse]));
    await expect(page.locator('tbody a.open').first()).toHaveText('brand-new');
  });

  test('says what holds the page up: no way to Unloop, no way to the cluster', async ({ page }) => {
    const board = await readLoops(page);
    const cluster = await readCluster(page);
    const stream = await scriptStream(page, cluster, board);
    await openBoard(page);
    const reason = 'GET /api/v1/pods: no answer for 30 s.';
    await stream.send({ ...changeOf(board, []), cluster: { ...cluster, state: 'stale', reason } });
    await expect(page.locator('.banner.problem')).toContainText('demo stopped answering');
    await expect(page.locator('.banner.problem')).toContainText(reason);
    await expect(page.locator('.live')).toContainText('Stale');
    await expectAccessible(page);
    await stream.cut();
    await expect(page.getByText('Reconnecting', { exact: true })).toBeVisible();
    await stream.mend();
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 15_000 });
    await expect(page.locator('.banner.problem')).toHaveCount(0);
  });

  test('shows hostile names and causes as text @everywhere', async ({ page }) => {
    const complaints = complaintsOf(page);
    const board = await readLoops(page);
    const evil = '<img src=x onerror="window.hit=1">\u0000\u001b[31m</script>\u202e';
    const loop = another(firstOf(board), 'evil', {
      status: evil,
      verdict: { cause: 'app-exception', category: 'application', confidence: 'likely', what: evil },
      change: { kind: 'rollout', at: null, text: evil },
    });
    await scriptStream(page, await readCluster(page), { ...board, loops: [loop] });
    await openBoard(page, '?q=%3Cimg');
    await expect(page.getByText('<img src=x onerror="window.hit=1">').first()).toBeVisible();
    expect(await page.evaluate(() => 'hit' in window)).toBe(false);
    expect(await page.locator('main img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await expectNoSidewaysScroll(page);
  });

  test('keeps 5,000 loops light: few rows in the page, all of them reachable, filtered at once @everywhere', async ({
    page,
  }) => {
    const board = await readLoops(page);
    const loops = Array.from({ length: 5000 }, (_, index) => another(firstOf(board), `loop-${index}`));
    await scriptStream(page, await readCluster(page), { ...board, loops });
    await openBoard(page);
    await expect(page.getByText('5,000 loops')).toBeVisible();
    await expect(async () => expect(await rows(page).count()).toBeLessThan(120)).toPass();
    await expect(page.getByRole('table', { name: /^Loops/ })).toHaveAttribute('aria-rowcount', '5001');
    await expect(async () => {
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
      await expect(page.locator('tr[aria-rowindex="5001"]')).toBeVisible({ timeout: 500 });
    }).toPass();
    await field(page).fill('loop-4321');
    await expect(page.getByText('1 loop', { exact: true })).toBeVisible();
  });

  test('says what is watched where nothing loops @everywhere', async ({ page }) => {
    const board = await readLoops(page);
    const loops = board.loops.slice(0, 1).map((loop): Loop => ({ ...loop, state: 'recovered' }));
    await scriptStream(page, await readCluster(page), { ...board, loops });
    await page.goto('/c/demo');
    await expect(page.getByRole('heading', { name: 'Nothing is looping' })).toBeVisible();
    await expect(page.getByText(/pods in \d+ namespaces, watched since/)).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Recovered lately' })).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });

  test('never says that nothing loops where nothing was seen', async ({ page }) => {
    const board = await readLoops(page);
    const coverage = board.coverage.map((part) => ({
      ...part,
      state: 'forbidden' as const,
      text: 'No right to list.',
    }));
    await scriptStream(page, await readCluster(page), { ...board, loops: [], coverage });
    await page.goto('/c/demo');
    await expect(page.getByRole('heading', { name: 'Nothing can be said yet' })).toBeVisible();
    await expect(page.getByText('Nothing is looping')).toHaveCount(0);
    await expect(page.getByText('No right to list.').first()).toBeVisible();
  });
});

test('the API compresses a board for a client that takes gzip, and for no other', async ({ request }) => {
  const ask = (encoding: string) =>
    request.get('/api/v1/clusters/demo/loops', { headers: { 'accept-encoding': encoding } });
  const packed = await ask('br, gzip');
  expect(packed.headers()).toMatchObject({ 'content-encoding': 'gzip', 'cache-control': 'no-store' });
  expect(((await packed.json()) as LoopsPage).loops.length).toBeGreaterThan(10);
  for (const encoding of ['identity', 'gzip;q=0']) {
    const plain = await ask(encoding);
    expect(plain.headers()).not.toHaveProperty('content-encoding');
    expect(plain.headers().vary).toMatch(/accept-encoding/i);
    expect(((await plain.json()) as LoopsPage).loops.length).toBeGreaterThan(10);
  }
});

test('an address of no cluster, and one that nobody can decode, are answered in words', async ({ page, request }) => {
  const nowhere = await page.goto('/c/no-such/history');
  expect(nowhere?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is nothing at this address' })).toBeVisible();
  for (const address of ['/c/demo/%ff', '/api/v1/clusters/%ff', '/c/demo/pods/a/%ff']) {
    const answer = await request.get(address);
    expect(answer.status(), address).toBe(400);
    expect((await answer.json()).error.message).toContain('percent-encoding');
  }
});
