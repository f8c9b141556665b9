/** `/security` and `/activity`: credentials and events of the user. */
import { expect, test } from '../fixtures';

test('a user adds a second passkey, renames it and removes it', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() , authenticator: {} });
  const { page } = grace;
  await grace.goto('/security');
  await expect(page.getByRole('region', { name: 'Passkeys' }).getByRole('heading', { level: 3 })).toHaveCount(1);
  // The authenticator already has the first one and reports it.
  await grace.pressHydrated('Add a passkey');
  await expect(page.getByRole('alert')).toContainText('This device already has a passkey for your account.');

  // Another authenticator on the same device: a security key.
  await grace.replaceAuthenticator();
  await grace.pressHydrated('Add a passkey');
  await expect(page.getByText(/The passkey .* was added\./)).toBeVisible();
  expect(grace.currentPath()).toBe('/security');
  const rows = page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');
  await expect(rows).toHaveCount(2);

  const row = rows.filter({ hasText: 'Never used' }).last();
  await row.getByText('Rename').click();
  await row.getByLabel('Name').fill('Security key');
  await grace.send(row.getByRole('button', { name: 'Save' }));
  await grace.expectStatus('The passkey was renamed to Security key.');

  await page.getByRole('button', { name: 'Remove Security key' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Remove Security key?' });
  await expect(dialog).toContainText('You have one other passkey.');
  await grace.send(dialog.getByRole('button', { name: 'Remove passkey' }));
  await grace.expectStatus('The passkey was removed.');
  await expect(rows).toHaveCount(1);
});

test('audit_4_only_an_administrator_removes_the_last_passkey_and_it_stops_working', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser();
  const grace = await openBrowser({ as: storedUser });
  await grace.goto('/security');
  await expect(grace.page.getByText('Your only passkey cannot be removed.')).toBeVisible();
  await expect(grace.page.getByRole('button', { name: /^Remove / })).toHaveCount(0);
  const { items } = await testApp.server.cli<{ items: { id: string }[] }>('passkey', 'list', storedUser.email);
  await testApp.server.cli('passkey', 'remove', items[0]!.id);
  const later = await openBrowser({ passkeys: storedUser.passkeys, autofill: false });
  later.problems.allowStatus(401);
  await later.goto('/login');
  await later.pressHydrated('Use a passkey');
  await expect(later.page.getByRole('alert')).toContainText('That passkey was not accepted: it was removed.');
  await expect.poll(async () => (await later.authenticator.credentials()).length, 'the authenticator forgets it').toBe(0);
});

test('an authenticator forgets a passkey that was removed, and learns how its user is called now', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser({ name: 'Grace Hopper' });
  const grace = await openBrowser({ as: storedUser });
  const first = (await grace.authenticator.credentials())[0]!;
  await grace.replaceAuthenticator();
  await grace.authenticator.importCredentials([{ ...first, userName: 'old@example.com', userDisplayName: 'Grace Murray' }]);
  await grace.goto('/security');
  const names = async () =>
    (await grace.authenticator.credentials()).map(({ userName, userDisplayName }) => [userName, userDisplayName]);
  await expect.poll(names).toEqual([[storedUser.email, 'Grace Hopper']]);

  await grace.replaceAuthenticator();
  await grace.pressHydrated('Add a passkey');
  await expect(grace.page.getByText(/The passkey .* was added\./)).toBeVisible();
  expect(await grace.authenticator.credentials()).toHaveLength(1);
  const rows = grace.page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');
  await expect(rows.first()).toContainText('Unknown authenticator');
  const row = rows.filter({ hasText: 'Never used' }).last();
  await row.getByRole('button', { name: /^Remove / }).click();
  await grace.send(grace.page.getByRole('alertdialog').getByRole('button', { name: 'Remove passkey' }));
  await grace.expectStatus('The passkey was removed.');
  await expect.poll(async () => (await grace.authenticator.credentials()).length).toBe(0);
});

test('what needs the fingerprint, face or PIN of a device is not offered on one without', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser({ passkey: false });
  for (const available of [true, false]) {
    const grace = await openBrowser({ as: storedUser });
    await grace.page.addInitScript((userVerifyingPlatformAuthenticator) => {
      PublicKeyCredential.getClientCapabilities = async () => ({ userVerifyingPlatformAuthenticator });
    }, available);
    await grace.goto('/');
    const lead = grace.page.getByText('You then sign in with your fingerprint, face or PIN');
    await expect(grace.page.getByText('Create a passkey for this device.')).toBeVisible();
    await expect(lead).toBeVisible({ visible: available });
  }
});

test('a user who cancels the passkey dialog sees why and can try again', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser({ passkey: false });
  const grace = await openBrowser({ as: storedUser, authenticator: { verifies: false } });
  await grace.goto('/security');
  await grace.pressHydrated('Add a passkey');
  await expect(grace.page.getByRole('alert')).toContainText('The passkey request was cancelled or timed out.');
  await grace.authenticator.setVerifies(true);
  await grace.pressHydrated('Add a passkey');
  await expect(grace.page.getByText(/The passkey .* was added\./)).toBeVisible();
});

test('a change on a device registered with a code waits for a passkey and keeps its input', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser();
  const grace = await openBrowser({ passkeys: storedUser.passkeys, autofill: false });
  await grace.registerWithCode(storedUser.email, await storedUser.totpApp.code());
  await expect(grace.heading(/Hello/)).toBeVisible();
  await grace.goto('/devices');
  const row = grace.page.getByRole('listitem').filter({ hasText: 'In use now' });
  await row.getByText('Rename').click();
  await row.getByLabel('Name').fill('Desk');
  await grace.send(row.getByRole('button', { name: 'Save' }));
  await expect(grace.heading(/Confirm it’s you/)).toBeVisible();
  await expect(grace.page.getByText('The form you sent has not been applied yet. Your entries were kept.')).toBeVisible();
  await grace.pressHydrated('Use a passkey');
  await grace.page.waitForURL('**/devices');
  await expect(row.getByLabel('Name'), 'what was typed is still there').toHaveValue('Desk');
  await grace.send(row.getByRole('button', { name: 'Save' }));
  await expect(grace.page.getByRole('heading', { level: 3, name: /Desk/ })).toBeVisible();
});

test('a user sees their own activity and nothing of other users', async ({ testApp, openBrowser }) => {
  const storedUser = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.newUser({ email: 'somebody-else@example.com' });
  const thief = await openBrowser();
  await thief.registerWithCode(storedUser.email, storedUser.totpApp.wrongCode());
  const grace = await openBrowser({ as: storedUser });
  await grace.goto('/activity');
  await expect(grace.page.getByRole('heading', { level: 2, name: 'Today' })).toBeVisible();
  const list = grace.page.getByRole('main');
  for (const text of ['A passkey was added', 'A device was registered', 'An authenticator app was set up', 'A sign-in was refused']) {
    await expect(list.getByText(text).first()).toBeVisible();
  }
  await expect(grace.page.getByRole('listitem').filter({ hasText: 'A sign-in was refused' }).first()).toContainText('By someone who was not signed in');
  await expect(list).not.toContainText('somebody-else@example.com');
  await expect(list.locator('time[datetime]').first()).toHaveAttribute('title', /UTC/);
});

test('a user without the role neither sees nor opens the administration', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  await grace.goto('/');
  const main = grace.page.getByRole('navigation', { name: 'Main' });
  await expect(main.getByRole('link', { name: 'Devices' })).toBeVisible();
  await expect(main.getByText('Administration')).toHaveCount(0);
  for (const path of ['/admin', '/admin/users', '/admin/devices', '/admin/services', '/admin/audit']) {
    await grace.gotoRefused(path, 403);
  }
});

test('the chosen theme is kept, and the default follows the device', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const { page } = grace;
  const html = page.locator('html');
  await grace.goto('/security');
  await expect(html).not.toHaveAttribute('data-theme');
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await ground();
  await grace.send('Dark theme');
  expect(grace.currentPath(), 'the page stays').toBe('/security');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('button', { name: 'Dark theme' })).toHaveAttribute('aria-pressed', 'true');
  expect(await ground()).not.toBe(light);
  await grace.goto('/');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await grace.send('System theme');
  await expect(html).not.toHaveAttribute('data-theme');
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await ground()).not.toBe(light);
});
