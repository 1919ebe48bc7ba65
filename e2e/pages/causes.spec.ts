import { expect, test } from '@playwright/test';
import { CAUSE_IDS } from '@/lib/domain/causes';
import { complaintsOf, expectAccessible, expectNoSidewaysScroll } from './look';

const NOT_READY = { timeout: 30_000 };

test.describe('the quick reference', () => {
  test('lists every cause under its category, with who is affected @everywhere', async ({ page }) => {
    const complaints = complaintsOf(page);
    await page.goto('/causes');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Why containers crash-loop');
    await expect(page.locator('.category tbody tr')).toHaveCount(CAUSE_IDS.length);
    for (const category of ['Application error', 'Resource exhaustion', 'Image issue', 'Dependency failure']) {
      await expect(page.getByRole('heading', { name: category })).toBeVisible();
    }
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
    expect(complaints).toEqual([]);
  });

  test('finds a cause by a pasted line, and the address keeps the search', async ({ page }) => {
    await page.goto('/causes');
    await expect(page.getByText(`${CAUSE_IDS.length} causes`, { exact: true })).toBeVisible();
    await page.keyboard.press('/');
    await page.keyboard.type('standard_init_linux.go:228: exec format error');
    await expect(page.getByText(/no cause holds all of it/)).toBeVisible();
    await expect(page.locator('.category tbody a.open').first()).toHaveText("Binary does not fit the node's processor");
    await expect(page).toHaveURL(/q=standard_init/);
    await page.reload();
    await expect(page.locator('.category tbody a.open').first()).toHaveText("Binary does not fit the node's processor");
    await page.getByRole('textbox', { name: 'Find a cause' }).fill('zzzz-nothing');
    await expect(page.getByRole('heading', { name: 'No cause holds any of these words' })).toBeVisible();
    await page.getByRole('button', { name: 'Show all causes' }).click();
    await expect(page.locator('.category tbody tr')).toHaveCount(CAUSE_IDS.length);
  });

  test('leads from a cause to who fails for it, to the diagnosis, and back to the cause', async ({ page }) => {
    await expect
      .poll(async () => {
        const { affected } = await (await page.request.get('/api/v1/causes/env-missing')).json();
        return affected.map((loop: { id: string }) => loop.id);
      }, NOT_READY)
      .toContain('deployments/shop/checkout/app');
    await page.goto('/causes');
    await page.getByRole('link', { name: 'Required environment variable missing' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Required environment variable missing');
    await expect(page.getByRole('heading', { name: 'What to do' })).toBeVisible();
    await page.getByRole('link', { name: /shop\/checkout/ }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('DATABASE_URL');
    await page.getByRole('link', { name: 'env-missing', exact: true }).click();
    await expect(page).toHaveURL(/\/causes\/env-missing$/);
  });

  test('shows a cause and its neighbours without a fault @everywhere', async ({ page }) => {
    await page.goto('/causes/oom-killed');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Killed at its memory limit');
    await expect(page.getByRole('heading', { name: /^Affected now/ })).toBeVisible();
    await expectAccessible(page);
    await expectNoSidewaysScroll(page);
  });

  test('helps where there is no such cause', async ({ page }) => {
    const response = await page.goto('/causes/oomkilled');
    expect(response?.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no cause “oomkilled”');
    await page.getByRole('link', { name: 'Killed at its memory limit' }).click();
    await expect(page).toHaveURL(/\/causes\/oom-killed$/);
    const answer = await page.request.get('/api/v1/causes/oomkilled');
    expect(answer.status()).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'not-found' } });
  });

  test('computes what a kubelet does to a container, and the address keeps the choice @everywhere', async ({
    page,
  }) => {
    await page.goto('/causes?lived=360#back-off');
    const story = page.getByRole('table', { name: 'Wait before each restart' });
    await expect(story.getByRole('row').nth(7)).toContainText('4m');
    await expect(story.getByRole('row').nth(7)).toContainText('forgotten while it waits');
    await page.getByRole('button', { name: '1s to 60s' }).click();
    await page.getByRole('button', { name: '2s', exact: true }).click();
    await expect(page).toHaveURL(/backoff=1-60/);
    await expect(story.getByRole('row').nth(8)).toContainText('60s');
    await expect(page.getByText('ReduceDefaultCrashLoopBackOffDecay')).toBeVisible();
    await expect(page.getByRole('img', { name: /^Waits before 12 restarts: 0s, 1s, 2s, 4s/ })).toBeVisible();
    await expectAccessible(page, '.lesson');
    await expectNoSidewaysScroll(page);
  });
});
