import { expect, type Locator, type Page, test } from '@playwright/test';
import type { Loop } from '@/lib/contract/loop';
import { expectAccessible, expectNoSidewaysScroll } from './look';
import { readCluster, readLoops, type ScriptedStream, scriptStream } from './scripted-stream';

const groupRow = (page: Page): Locator => page.getByRole('button', { name: 'orders +2 more with the same failure' });
const members = (page: Page): Locator => page.locator('tr.member a.open');

/** Three loops that fail alike on two nodes, and one that fails for itself. */
async function openGroups(
  page: Page,
  query = '',
): Promise<{ loops: readonly Loop[]; sequence: number; stream: ScriptedStream }> {
  const board = await readLoops(page);
  const [model] = board.loops;
  if (!model) throw new Error('the demo cluster has no loop');
  const loop = (name: string, over: Partial<Loop>): Loop => ({
    ...model,
    id: `deployments/shop/${name}/${name}`,
    workload: { kind: 'Deployment', namespace: 'shop', name },
    container: name,
    state: 'looping',
    replicas: { failing: 1, total: 1 },
    fingerprint: null,
    ...over,
  });
  const alike = { fingerprint: 'abc123' };
  const loops = [
    loop('orders', {
      ...alike,
      replicas: { failing: 3, total: 3 },
      placement: [{ node: 'worker-7', failing: 3, total: 3 }],
    }),
    loop('alone', { replicas: { failing: 2, total: 2 } }),
    loop('mailer', { ...alike, placement: [{ node: 'worker-7', failing: 1, total: 1 }] }),
    loop('reports', {
      ...alike,
      replicas: { failing: 0, total: 1 },
      placement: [{ node: 'worker-1', failing: 0, total: 1 }],
    }),
  ];
  const stream = await scriptStream(page, await readCluster(page), { ...board, loops });
  await page.goto(`/c/demo${query}`);
  await expect(page.getByText('4 loops', { exact: true })).toBeVisible();
  return { loops, sequence: board.sequence + 1, stream };
}

test.describe('loops with the same failure', () => {
  test('stand in one row that opens in its place, and the address keeps it open @everywhere', async ({ page }) => {
    await openGroups(page);
    await expect(page.getByText('4 loops in 2 rows')).toBeVisible();
    await expect(page.locator('tbody .open')).toHaveCount(2);
    await expect(page.locator('tr.group .c-fail')).toHaveText('4/5');
    await groupRow(page).click();
    await expect(groupRow(page)).toHaveAttribute('aria-expanded', 'true');
    await expect(members(page)).toHaveText(['orders', 'mailer', 'reports']);
    await expect(page).toHaveURL(/open=abc123/);
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);

    await page.reload();
    await expect(members(page)).toHaveCount(3);
    await groupRow(page).click();
    await expect(members(page)).toHaveCount(0);
    await expect(page).not.toHaveURL(/open=/);
  });

  test('say in words and in a table whether it is one node or everywhere', async ({ page }) => {
    await openGroups(page, '?open=abc123');
    await expect(
      page.getByText('All 4 that fail are on worker-7, and none of those on 1 other node: look at this node first.'),
    ).toBeVisible();
    const table = page.getByRole('table', { name: 'Failing replicas by workload and node' });
    await expect(table.getByRole('columnheader')).toHaveText(['Failing of all', 'worker-7', 'worker-1']);
    await expect(table.getByRole('row', { name: /reports/ }).getByRole('cell')).toHaveText(['–', '0/1']);
  });

  test('open and come apart by keyboard alone', async ({ page }) => {
    await openGroups(page);
    await page.keyboard.press('j');
    await expect(groupRow(page)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(members(page)).toHaveCount(3);
    await page.keyboard.press('j');
    await expect(members(page).first()).toBeFocused();
    await page.keyboard.press('g');
    await expect(page).toHaveURL(/group=off/);
    await expect(page.locator('tbody a.open')).toHaveText(['orders', 'alone', 'mailer', 'reports']);
    await page.getByRole('button', { name: 'Group same failure' }).click();
    await expect(groupRow(page)).toBeVisible();
  });

  test('stay together while somebody points at them, and take a new one in when asked', async ({ page }) => {
    const { loops, sequence, stream } = await openGroups(page, '?open=abc123');
    await members(page).first().hover();
    const [orders] = loops;
    if (!orders) throw new Error('no loop was made');
    const later = { ...orders, id: 'deployments/shop/later/later', workload: { ...orders.workload, name: 'later' } };
    const moved = { ...orders, restarts: 4321, fingerprint: 'zzz' };
    await stream.send({
      kind: 'change',
      sequence,
      asOf: new Date().toISOString(),
      upserts: [later, moved],
      removed: [],
    });
    await expect(page.getByText('4321').first()).toBeVisible();
    await expect(members(page)).toHaveText(['orders', 'mailer', 'reports']);
    await page.keyboard.press('u');
    await expect(members(page)).toHaveText(['later', 'mailer', 'reports']);
  });
});
