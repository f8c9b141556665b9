/** The management API, as whoever reads about it sees it. */
import { expect, test } from '../fixtures';

test('the page of the API has its style, and fits a small screen', async ({ openBrowser }) => {
  const anyone = await openBrowser();
  const { page } = anyone;
  await page.setViewportSize({ width: 320, height: 640 });
  await anyone.goto('/api');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Management API');
  await expect(page.getByText('/api/v1/users/{id}/role')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await expect(page.getByRole('link', { name: 'openapi.json' })).toBeVisible();
});
