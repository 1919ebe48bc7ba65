import { expect, type Page, test } from '@playwright/test';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import type { TimelineRun } from '@/lib/contract/timeline';
import { complaintsOf, expectAccessible, expectNoSidewaysScroll } from './look';
import { readCluster, readLoops, scriptStream } from './scripted-stream';

const CHECKOUT = '/c/demo/deployments/shop/checkout';
const GATEWAY = '/c/demo/deployments/edge/gateway';
const QUERY_API = '/c/demo/deployments/search/query-api';

const section = (page: Page) => page.getByRole('region', { name: 'Timeline' });
const lanesOf = (page: Page) => page.getByRole('group', { name: 'Timeline of runs, crashes and waits' });
const worst = (page: Page) =>
  lanesOf(page)
    .getByRole('img', { name: /^Replica/ })
    .first();
const stretch = (page: Page) => section(page).getByRole('combobox', { name: 'Stretch of time' });

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('banner').getByRole('status')).toHaveText('Live', { timeout: 30_000 });
  await expect(worst(page)).toBeVisible();
}

/** Points of the tracks, as shares of their width. */
async function pointAt(page: Page, ...shares: readonly number[]): Promise<{ x: number; y: number }[]> {
  await worst(page).scrollIntoViewIfNeeded();
  const box = await worst(page).boundingBox();
  if (!box) throw new Error('the first lane is not drawn');
  return shares.map((share) => ({ x: box.x + share * box.width, y: box.y + box.height / 3 }));
}

test.describe('what the picture says', () => {
  test('names the change before the first crash, the crashes and the next restart', { tag: '@everywhere' }, async ({
    page,
  }) => {
    const complaints = complaintsOf(page);
    await open(page, CHECKOUT);
    await expect(section(page)).toContainText(/rev 14: image checkout:2\.31\.0\. The first crash came \d+s later/);
    await expect(worst(page)).toHaveAttribute('aria-label', /\d\d recorded crashes, exit 1;.*waits from .* to 5m/);
    await expect(page.getByRole('paragraph').filter({ hasText: /^Next restart/ })).toContainText(
      /in \d+|due now|overdue/,
    );
    await expect(page.getByText(/Waits fit 10s doubling to 5m: \d+ of \d+ recorded waits/)).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(complaints).toEqual([]);
  });

  test('names the change before a loop ran well again', async ({ page }) => {
    await open(page, GATEWAY);
    await expect(section(page)).toContainText(/runs (?:well )?again since .* after ConfigMap gateway-conf/);
  });

  test('lets a wait off the curve explain itself by keyboard', async ({ page }) => {
    await open(page, QUERY_API);
    const dot = page.getByRole('button', { name: /a probe killed it/ }).first();
    await dot.focus();
    await expect(dot.getByText(/a probe killed it/).first()).toBeVisible();
    await expect(dot.locator('.tip')).toHaveCSS('opacity', '1');
  });
});

test.describe('by pointer', () => {
  test('a drag narrows what is below to that time, in the address too', async ({ page }) => {
    await open(page, CHECKOUT);
    const [from, to] = await pointAt(page, 0.3, 0.55);
    if (!from || !to) throw new Error('no points');
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move((from.x + to.x) / 2, from.y);
    await page.mouse.move(to.x, to.y);
    await page.mouse.up();
    await expect(page).toHaveURL(/time=\d{4}-\d{2}-\d{2}T[\d:%A]+Z\.\.\d{4}/);

    await section(page).getByRole('button', { name: 'As table' }).click();
    const rows = section(page).getByRole('row');
    const few = await rows.count();
    await page.reload();
    await section(page).getByRole('button', { name: 'As table' }).click();
    await expect(rows).toHaveCount(few);
    await section(page).getByRole('button', { name: 'Clear selection' }).click();
    await expect(page).not.toHaveURL(/time=/);
    expect(await rows.count()).toBeGreaterThan(few + 5);
  });

  test('Ctrl and wheel zoom, a double press shows the whole again', async ({ page }) => {
    await open(page, CHECKOUT);
    const [middle] = await pointAt(page, 0.4);
    if (!middle) throw new Error('no point');
    await page.mouse.move(middle.x, middle.y);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await expect(page).toHaveURL(/zoom=/);
    await expect(stretch(page)).toHaveValue('part');
    await page.reload();
    await expect(stretch(page)).toHaveValue('part');
    await expect(page.getByRole('banner').getByRole('status')).toHaveText('Live', { timeout: 30_000 });
    await page.mouse.dblclick(middle.x, middle.y);
    await expect(page).not.toHaveURL(/zoom=/);
    await expect(stretch(page)).toHaveValue('whole');
  });

  test('one line with its time follows the pointer through all lanes', async ({ page }) => {
    await open(page, CHECKOUT);
    const [middle] = await pointAt(page, 0.5);
    if (!middle) throw new Error('no point');
    await page.mouse.move(middle.x, middle.y);
    await expect(lanesOf(page).locator('.vline.hover')).toHaveText(/^\d\d:\d\d:\d\d$|^\d+ \w+ \d\d:\d\d$/);
  });
});

test.describe('by keyboard alone', () => {
  test('steps from crash to crash and from replica to replica, selects and zooms', async ({ page }) => {
    await open(page, CHECKOUT);
    await lanesOf(page).focus();
    const said = lanesOf(page).getByRole('status');
    await page.keyboard.press('End');
    await expect(said).toHaveText(/^Run \d+ of \w+: exit 1 at/);
    const newest = await said.innerText();
    await page.keyboard.press('ArrowLeft');
    await expect(said).not.toHaveText(newest);
    await expect(said).toHaveText(/then waited 5m\d*s?, nominal 5m/);
    const first = (await said.innerText()).split(' of ')[1]?.split(':')[0] ?? '';
    await page.keyboard.press('ArrowDown');
    await expect(said).not.toContainText(` of ${first}:`);

    await page.keyboard.press('Shift+ArrowLeft');
    await expect(page).toHaveURL(/time=/);
    await page.keyboard.press('Escape');
    await expect(page).not.toHaveURL(/time=/);
    await expect(page).toHaveURL(/shop\/checkout/);

    await page.keyboard.press('+');
    await expect(page).toHaveURL(/zoom=/);
    await page.keyboard.press('0');
    await expect(page).not.toHaveURL(/zoom=/);
  });
});

/** Characters of path data of one lane: what keeps a zoom from stuttering. 2,500 runs drawn one by one take 150,000. */
const DRAWN_MAX = 20_000;

test('draws two weeks of 5,000 runs as blocks, and zooms into no more than what is seen', async ({ page }) => {
  const api = '/api/v1/clusters/demo/loops/deployments/shop/checkout';
  const stream = await scriptStream(page, await readCluster(page), await readLoops(page));
  const before: Diagnosis = await (await page.request.get(api)).json();
  await open(page, CHECKOUT);
  const [timeline] = before.timelines;
  const [loop] = before.loops;
  if (!timeline || !loop) throw new Error('the demo lost its checkout loop');
  const now = Math.floor(Date.now() / 1000);
  const failing = timeline.lanes.filter((lane) => lane.restarts > 0);
  const lanes = timeline.lanes.map((lane) => {
    if (!failing.includes(lane)) return lane;
    const count = 2_500;
    const runs = Array.from({ length: count }, (_, i): TimelineRun => {
      const start = now - (count - i) * 480;
      return [i, start, start + 20, 1, 0, i === count - 1 ? null : 'back-off', 300, true];
    });
    return {
      ...lane,
      runs,
      createdAt: new Date((now - 1_209_600) * 1000).toISOString(),
      firstStartAt: null,
      replaced: null,
    };
  });
  const after: Diagnosis = { ...before, loops: [{ ...loop, restarts: 2_499 }], timelines: [{ ...timeline, lanes }] };
  await page.route(`**${api}`, (route) => route.fulfill({ json: after }));
  await stream.send({ kind: 'change', sequence: 1, asOf: before.asOf, upserts: after.loops, removed: [] });
  await expect(lanesOf(page).getByText('2500 crashes').first()).toBeVisible();

  const drawn = () =>
    worst(page).evaluate((lane) =>
      [...lane.querySelectorAll('path')].reduce((sum, path) => sum + (path.getAttribute('d') ?? '').length, 0),
    );
  expect(await drawn()).toBeLessThan(DRAWN_MAX);
  const frames = await worst(page).evaluate(async (lane) => {
    const box = lane.getBoundingClientRect();
    const times: number[] = [];
    for (let turn = 0; turn < 30; turn++) {
      const began = performance.now();
      const at = { clientX: box.x + box.width * 0.7, clientY: box.y + 10, deltaY: -120 };
      lane.dispatchEvent(new WheelEvent('wheel', { ...at, ctrlKey: true, bubbles: true, cancelable: true }));
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      times.push(performance.now() - began);
    }
    return times.sort((a, b) => a - b).map(Math.round);
  });
  // A figure for people, no claim: it depends on what else the machine does.
  test.info().annotations.push({ type: 'two frames of zoom, ms', description: `${frames[15]}, at most ${frames[29]}` });
  expect(await drawn()).toBeLessThan(DRAWN_MAX);
  await expect(stretch(page)).toHaveValue('part');
});
