/** The end of a session: the Back button, and pages that were left open. */
import type { Page } from '@playwright/test';
import { clock, expect, test } from '../fixtures';
import { axeViolations } from '../fixtures/looks';
import config from '../playwright.config';

const HOUR = 3600;

// With the back/forward cache, which Playwright turns off.
test.use({ launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] } });

/** Lets the time of the server and of these pages pass. */
async function wait(seconds: number, ...pages: Page[]): Promise<void> {
  clock.moveBy(seconds);
  for (const page of pages) await page.clock.fastForward(seconds * 1000);
}

for (const script of [true, false]) {
  test(`audit_47_the_back_button_shows_nothing_after_a_sign_out_${script ? 'with' : 'without'}_scripts`, async ({ testApp, openBrowser }) => {
    const grace = await openBrowser({ as: await testApp.newUser({ name: 'Grace Hopper' }), script, authenticator: false });
    const { page } = grace;
    await grace.goto('/security');
    await grace.goto('/devices');
    const cleared = page.waitForResponse('**/actions/session/sign-out');
    await grace.send('Sign out');
    expect((await (await cleared).allHeaders())['clear-site-data']).toBe('"cache", "storage"');
    for (const path of ['/devices', '/security']) {
      await page.goBack();
      expect(grace.currentPath()).toBe(`/login?return_to=${encodeURIComponent(path)}`);
      await expect(page.getByText('Grace Hopper')).toHaveCount(0);
    }
  });
}

test('audit_47_a_page_that_a_browser_restores_is_shown_to_its_user_only', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper', passkey: false });
  const grace = await openBrowser({ as: stored });
  const { page } = grace;
  await grace.goto('/devices');
  // As browsers do that restore pages in spite of `no-store`.
  const leave = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  const restore = () => page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  const heading = grace.heading('Devices');
  await expect(heading).toBeVisible();
  await leave();
  await expect(heading, 'not even for a moment').toBeHidden();
  await restore();
  await expect(heading).toBeVisible();
  await leave();
  const { items } = await testApp.server.cli<{ items: { id: string }[] }>('device', 'list', '--user', stored.email);
  await testApp.server.cli('device', 'revoke', items[0]!.id);
  await testApp.settle();
  await restore();
  await page.waitForURL('**/login?return_to=%2Fdevices');
});

test('audit_47_a_page_left_open_says_that_its_session_has_ended_and_keeps_what_was_typed', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper', passkey: false });
  const grace = await openBrowser({ as: stored });
  const { page } = grace;
  await page.clock.install();
  await grace.goto('/devices');
  await grace.unfold('Rename');
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Kitchen');
  const ended = page.getByRole('status').filter({ hasText: 'Your session has ended.' });
  const asked: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/session') asked.push(request.url());
  });

  // Another tab keeps it alive: nothing is said, and nothing prolongs it but that tab.
  const other = await grace.context.newPage();
  await wait(HOUR / 2, page);
  await other.goto('/activity');
  const answered = page.waitForResponse('**/session');
  await wait(HOUR / 2 + 1, page);
  const { ends_in } = (await (await answered).json()) as { ends_in: number };
  expect(ends_in).toBeLessThan(HOUR / 2);
  expect(ends_in).toBeGreaterThan(HOUR / 2 - 30);
  await expect(ended).toHaveCount(0);
  expect(asked).toHaveLength(1);

  await wait(HOUR / 2, page);
  await expect(ended).toBeVisible();
  await expect(name).toHaveValue('Kitchen');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await axeViolations(page)).toEqual([]);
  // However long it stays open, it does not ask again by itself.
  await wait(24 * HOUR, page);
  expect(asked).toHaveLength(2);

  // The link opens a tab of its own; afterwards the page continues.
  const opened = grace.context.waitForEvent('page');
  await page.getByRole('link', { name: 'Sign in in a new tab' }).click();
  const signIn = await opened;
  await signIn.waitForURL('**/login?return_to=%2Fdevices');
  await signIn.getByLabel('Code from your authenticator app').fill(await stored.totpApp.code());
  await signIn.getByRole('button', { name: 'Confirm', exact: true }).click();
  await signIn.waitForURL('**/devices');
  await page.bringToFront();
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(ended).toHaveCount(0);
  await grace.expectStatus('You are signed in again.');
  await expect(name).toHaveValue('Kitchen');
  await grace.send('Save');
  await expect(page.getByRole('heading', { level: 3, name: /Kitchen/ })).toBeVisible();
});

test('audit_47_a_form_that_is_sent_after_the_end_of_its_session_continues_after_the_sign_in', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper', passkey: false });
  const grace = await openBrowser({ as: stored, script: false });
  const { page } = grace;
  await grace.goto('/devices');
  await grace.unfold('Rename');
  await page.getByLabel('Name', { exact: true }).fill('Kitchen');
  await wait(HOUR + 1);
  await grace.send('Save');
  await expect(page.getByText('Your entries were kept.')).toBeVisible();
  await page.getByLabel('Code from your authenticator app').fill(await stored.totpApp.code());
  await grace.send('Confirm');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Kitchen');
  await grace.send('Save');
  await expect(page.getByRole('heading', { level: 3, name: /Kitchen/ })).toBeVisible();
});
