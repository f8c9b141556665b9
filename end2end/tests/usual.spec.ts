/** What is usual for a user, and copies of what is stored, on `/security` and on the page of a user. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '../fixtures';

test('audit_56_hours_are_shown_in_the_time_zone_of_the_browser_and_countries_by_their_names', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser();
  // Half an hour from every whole hour of UTC.
  const grace = await openBrowser({ passkeys: storedUser.passkeys, autofill: false, timeZone: 'Asia/Kolkata' });
  const { page } = grace;
  for (let signIns = 0; signIns < 5; signIns += 1) {
    await grace.context.clearCookies();
    await grace.goto('/login');
    await grace.pressHydrated('Use a passkey');
    await page.waitForURL(/\/$/);
  }
  // There is no location file here: a place as the server writes one.
  await page.route('**/security', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace('<li class="mono">', '<li><span data-region="DE">DE</span></li><li class="mono">');
    await route.fulfill({ response, body });
  });
  await grace.goto('/security');
  await grace.hydrated();
  const usual = page.getByRole('region', { name: 'What is usual for you' });
  await expect(usual).toContainText(/\d sign-ins with a passkey, since /);
  await expect(usual).toContainText('Germany');
  const clocks = usual.locator('time[data-clock]');
  expect(await clocks.count()).toBeGreaterThan(0);
  await expect(clocks.first()).toHaveText(/^\d\d:30$/);
  await expect(clocks.first()).toHaveAttribute('title', /^\d\d:00 UTC$/);
  await page.unroute('**/security');

  await page.getByRole('button', { name: 'Erase what is usual' }).click();
  await grace.send(page.getByRole('alertdialog').getByRole('button', { name: 'Erase' }));
  await grace.expectStatus('What was usual for you was erased.');
  await expect(usual).toContainText('Nothing was learnt yet.');
});

test('audit_56_a_user_downloads_their_data_with_a_form_of_the_page', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const { page } = grace;
  await grace.goto('/security');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download my data' }).click()]);
  expect(download.suggestedFilename()).toBe('latchkey-user.json');
  const copy = JSON.parse(await readFile(await download.path(), 'utf8')) as { events: { action: string }[] };
  expect(copy.events.at(-1)!.action).toBe('user.exported');
});
