/** Every form works without scripts, except passkeys, which need one. */
import { AuthenticatorApp, deviceOf, expect, type TestApp, type StoredUser, test, type BrowserUser } from '../fixtures';

/** An administrator who created a passkey and then disabled scripts. */
async function administrator(testApp: TestApp, openBrowser: (options: { as: StoredUser; script: false }) => Promise<BrowserUser>): Promise<BrowserUser> {
  const ada = await openBrowser({ as: await testApp.newUser({ name: 'Ada Lovelace', admin: true }), script: false });
  await ada.goto('/admin');
  await expect(ada.heading('Overview')).toBeVisible();
  return ada;
}

test('the first administrator sets up Latchkey up to the passkey', async ({ isolatedApp, openBrowser }) => {
  const ada = await openBrowser({ at: isolatedApp, script: false });
  const { page } = ada;
  await ada.goto(isolatedApp.server.setupLink);
  await page.getByLabel('E-mail', { exact: true }).fill('ada@example.com');
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  await ada.send('Continue');
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  await ada.unfold('Can’t scan it?');
  await expect(page.locator('#totp-secret')).toBeVisible();
  const totpApp = await ada.scan();
  await page.getByLabel('Code from the app').fill(totpApp.wrongCode());
  await ada.send('Confirm');
  await expect(page.getByLabel('Code from the app')).toHaveAccessibleDescription(/That code does not fit/);
  await ada.confirm(totpApp);
  await expect(page.locator('noscript p')).toBeVisible();
  await expect(page.locator('noscript p')).toContainText('Passkeys need JavaScript.');
  await page.getByRole('link', { name: 'Not now' }).click();
  await expect(ada.heading('Hello, Ada')).toBeVisible();
  // Administration redirects to the passkey page.
  await ada.goto('/admin');
  await expect(ada.heading('Create a passkey for this device')).toBeVisible();
});

test('a user signs in with e-mail and code, and is told why a passkey cannot be used', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const { otpauth_uri } = await testApp.server.cli<{ otpauth_uri: string }>('user', 'add', email, '--name', 'Grace', '--print-totp');
  const totpApp = AuthenticatorApp.scan(otpauth_uri);
  const grace = await openBrowser({ script: false });
  const { page } = grace;
  await grace.goto('/login');
  await expect(page.locator('noscript p')).toBeVisible();
  await expect(page.locator('noscript p')).toContainText('Passkeys need JavaScript.');
  await grace.registerWithCode(email, totpApp.wrongCode());
  await expect(page.getByRole('alert')).toContainText('do not fit together');
  await expect(page.getByLabel('E-mail', { exact: true }), 'the form is open, with what was typed').toHaveValue(email);
  await page.getByLabel('Code from your authenticator app').fill(await totpApp.code());
  await grace.send('Register this device');
  await expect(grace.heading('Hello, Grace')).toBeVisible();
});

test('a user renames and revokes a device', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser({ passkey: false }), script: false });
  const { page } = grace;
  await grace.goto('/devices');
  await grace.unfold('Rename');
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByLabel('Name', { exact: true }).fill('Kitchen');
  await grace.send('Save');
  await expect(page.getByRole('heading', { level: 3, name: /Kitchen/ })).toBeVisible();
  await page.getByRole('button', { name: 'Revoke Kitchen' }).click();
  await expect(page.getByRole('alertdialog', { name: 'Revoke Kitchen?' })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Revoke Kitchen' }).click();
  await grace.send('Revoke device');
  expect(grace.currentPath()).toBe('/login');
});

test('a user signs out and changes the theme', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser({ passkey: false }), script: false });
  await grace.goto('/activity');
  await grace.send('Dark theme');
  expect(grace.currentPath()).toBe('/activity');
  await expect(grace.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await grace.send('Sign out');
  expect(grace.currentPath()).toBe('/login');
  await expect(grace.page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('an administrator adds a user, and an error is shown beside the field with the input', async ({ testApp, openBrowser }) => {
  const ada = await administrator(testApp, openBrowser);
  const { page } = ada;
  await ada.goto('/admin/users');
  await ada.unfold('Add a user');
  await page.getByLabel('E-mail', { exact: true }).fill('grace..hopper@example.com');
  await page.getByLabel(/^Name/).fill('Grace Hopper');
  await ada.send('Add user and create link');
  await expect(page.getByLabel('E-mail', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/Write the e-mail address like/);
  await expect(page.getByLabel('E-mail', { exact: true })).toHaveValue('grace..hopper@example.com');
  await expect(page.getByLabel(/^Name/)).toHaveValue('Grace Hopper');
  await page.getByLabel('E-mail', { exact: true }).fill(testApp.newEmail());
  await ada.send('Add user and create link');
  await expect(page.getByText('You won’t see this again.')).toBeVisible();
  await expect(page.locator('#revealed')).toHaveText(new RegExp(`^${testApp.server.url}/enrol/`));
});

test('an administrator adds a service, grants it, and rotates its token', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ passkey: false });
  const ada = await administrator(testApp, openBrowser);
  const { page } = ada;
  await ada.goto('/admin/services');
  await ada.unfold('Add a service');
  await page.getByLabel('Name').fill('No Script');
  await page.getByLabel('Hosts').fill('plain.example.com');
  await ada.send('Add service and create token');
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/lower-case letters/);
  await expect(page.getByLabel('Hosts')).toHaveValue('plain.example.com');
  await page.getByLabel('Name').fill('plain');
  await ada.send('Add service and create token');
  const token = await page.locator('#revealed').innerText();
  await ada.unfold('Grant access to a user');
  await page.getByLabel('E-mail', { exact: true }).fill(grace.email);
  await ada.send('Grant');
  expect((await testApp.verify('plain', token, deviceOf(grace))).status).toBe(200);
  await page.getByRole('checkbox', { name: /^read:username for/ }).check();
  await ada.send('Save scopes');
  expect(JSON.parse((await testApp.verify('plain', token, deviceOf(grace))).body)).toMatchObject({ scopes: ['read:username'] });
  await page.getByRole('button', { name: 'Rotate token' }).click();
  await ada.send(page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }));
  await expect(page.locator('#revealed')).not.toHaveText(token);
});
