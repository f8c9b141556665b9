/** `/enrol/{code}`: an invited user, from the link to a device with a passkey. */
import { AuthenticatorApp, expect, test } from '../fixtures';

interface Added {
  id: string;
  email: string;
  enrolment_url: string;
}

test('an administrator adds a user, who enrols with the link on a phone', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  const email = testApp.newEmail();
  await ada.goto('/admin/users');
  await ada.unfold('Add a user');
  await ada.page.getByLabel('E-mail').fill(email);
  await ada.page.getByLabel(/^Name/).fill('Grace Hopper');
  await ada.send('Add user and create link');

  const link = await ada.secretOnce();
  expect(link).toMatch(new RegExp(`^${testApp.server.url}/enrol/[0-9a-z]{20,}$`, 'i'));

  const grace = await openBrowser({ phone: true });
  const { page } = grace;
  await grace.goto(link);
  const steps = page.getByRole('list', { name: 'Progress' });
  await expect(steps.locator('[aria-current=step]')).toHaveText('Scan');
  await expect(grace.heading('Welcome, Grace')).toBeVisible();
  await grace.confirm(await grace.scan());
  await expect(steps.locator('[aria-current=step]')).toHaveText('Passkey');
  await grace.createPasskey();
  await expect(grace.heading('Hello, Grace')).toBeVisible();
  await grace.goto('/devices');
  await expect(page.getByRole('heading', { level: 3, name: /Chrome on Android/ })).toContainText('Passkey');
  await expect(page.getByRole('heading', { level: 3, name: /Chrome on Android/ })).toContainText('This device');
});

test('the command line adds a user and prints a valid link', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const added = await testApp.server.cli<Added>('user', 'add', email, '--name', 'Alan Turing');
  expect(added).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), email, enrolment_url: expect.stringContaining(`${testApp.server.url}/enrol/`) });
  const alan = await openBrowser();
  await alan.enrol(added.enrolment_url, { deviceName: 'Workshop bench' });
  await alan.goto('/devices');
  await expect(alan.heading('Devices')).toBeVisible();
  await expect(alan.page.getByRole('heading', { level: 3, name: /Workshop bench/ })).toBeVisible();
});

test('r05_an_invitation_is_single_use', async ({ testApp, openBrowser }) => {
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail());
  const first = await openBrowser();
  await first.enrol(enrolment_url, { passkey: false });
  const second = await openBrowser();
  await second.gotoRefused(enrolment_url, 404);
  await expect(second.heading('This link is no longer valid')).toBeVisible();
  await first.gotoRefused(enrolment_url, 404);
});

test('must_survive_25_one_of_two_users_racing_with_one_invitation_wins', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', email);
  const racers = [await openBrowser(), await openBrowser()];
  const keys: string[] = [];
  for (const racer of racers) {
    await racer.goto(enrolment_url);
    await racer.unfold('Can’t scan it?');
    keys.push(await racer.page.locator('#totp-secret').innerText());
    await racer.page.getByLabel('Code from the app').fill(await (await racer.scan()).code());
    racer.problems.allowStatus(404);
  }
  expect(keys[0], 'each browser sees a secret of its own').not.toBe(keys[1]);
  await Promise.all(racers.map(({ page }) => page.getByRole('button', { name: 'Confirm' }).click()));
  for (const racer of racers) await expect(racer.heading(/Create a passkey for this device|no longer valid/)).toBeVisible();
  const devices = await Promise.all(racers.map((racer) => racer.deviceCookie()));
  expect(devices.filter(Boolean)).toHaveLength(1);
  const { items } = await testApp.server.cli<{ items: unknown[] }>('device', 'list', '--user', email);
  expect(items).toHaveLength(1);
});

test('a newer invitation replaces the older one', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const older = await testApp.server.cli<Added>('user', 'add', email);
  const newer = await testApp.server.cli<Added>('user', 'invite', email);
  const grace = await openBrowser();
  await grace.gotoRefused(older.enrolment_url, 404);
  await grace.goto(newer.enrolment_url);
  await expect(grace.heading(/Welcome/)).toBeVisible();
});

test('the link of a disabled user is invalid', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', email);
  const grace = await openBrowser();
  await grace.goto(enrolment_url);
  await testApp.server.cli('user', 'disable', email);
  await grace.page.getByLabel('Code from the app').fill(await (await grace.scan()).code());
  grace.problems.allowStatus(404);
  await grace.send('Confirm');
  await expect(grace.heading('This link is no longer valid')).toBeVisible();
  expect(await grace.deviceCookie()).toBeUndefined();
});

test('a wrong code keeps the QR code, and the correct one enrols', async ({ testApp, openBrowser }) => {
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail(), '--name', 'Grace');
  const grace = await openBrowser();
  const { page } = grace;
  await grace.goto(enrolment_url);
  const totpApp = await grace.scan();
  const code = page.getByLabel('Code from the app');
  await code.fill(totpApp.wrongCode());
  await page.getByLabel('Name for this device').fill('Kitchen tablet');
  await grace.send('Confirm');
  await expect(code).toHaveAttribute('aria-invalid', 'true');
  await expect(code).toHaveAccessibleDescription(/That code does not fit/);
  await expect(code, 'a code is never given back').toHaveValue('');
  await expect(page.getByLabel('Name for this device')).toHaveValue('Kitchen tablet');
  expect((await grace.scan()).wrongCode(), 'the same secret').toBe(totpApp.wrongCode());
  await grace.confirm(totpApp);
  await expect(grace.heading('Create a passkey for this device')).toBeVisible();
});

test('r29_a_code_in_other_digits_is_rejected_and_field_7_one_with_a_space_is_accepted', async ({ testApp, openBrowser }) => {
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail());
  const grace = await openBrowser();
  await grace.goto(enrolment_url);
  const totpApp = await grace.scan();
  const right = await totpApp.code();
  await grace.page.getByLabel('Code from the app').fill([...right].map((digit) => '٠١٢٣٤٥٦٧٨٩'[Number(digit)]).join(''));
  await grace.send('Confirm');
  await expect(grace.page.getByLabel('Code from the app')).toHaveAttribute('aria-invalid', 'true');
  // As the app displays it, and with the white space of a copied one.
  await grace.page.getByLabel('Code from the app').fill(` ${right.slice(0, 3)} ${right.slice(3)} `);
  await grace.send('Confirm');
  await expect(grace.heading('Create a passkey for this device')).toBeVisible();
});

test('r11_audit_1_wrong_enrolment_codes_are_throttled_and_the_link_and_the_secret_are_kept', async ({ testApp, openBrowser }) => {
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail());
  const grace = await openBrowser();
  await grace.goto(enrolment_url);
  const totpApp = await grace.scan();
  const tooMany = grace.page.getByRole('alert').filter({ hasText: 'Too many attempts.' });
  for (let guess = 0; guess < 10 && !(await tooMany.isVisible()); guess++) {
    await grace.page.getByLabel('Code from the app').fill(totpApp.wrongCode());
    await grace.send('Confirm');
  }
  await expect(tooMany).toBeVisible();
  // As the page says: after a delay the correct code of the same app is accepted.
  await expect(async () => {
    await grace.page.getByLabel('Code from the app').fill(await totpApp.code());
    await grace.send('Confirm');
    await expect(grace.heading('Create a passkey for this device')).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
});

test('must_survive_1_the_code_that_confirmed_an_app_cannot_be_used_again', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', email);
  const grace = await openBrowser();
  const totpApp = await grace.enrol(enrolment_url, { passkey: false });
  const thief = await openBrowser();
  await thief.registerWithCode(email, totpApp.usedCode());
  await expect(thief.page.getByRole('alert')).toContainText('do not fit together');
  expect(await thief.deviceCookie()).toBeUndefined();
});

test('a user who skips the passkey is asked again later', async ({ testApp, openBrowser }) => {
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail(), '--name', 'Grace');
  const grace = await openBrowser();
  await grace.goto(enrolment_url);
  await grace.confirm(await grace.scan());
  await grace.page.getByRole('link', { name: 'Not now' }).click();
  await expect(grace.heading('Hello, Grace')).toBeVisible();
  await expect(grace.page.getByText('Create a passkey for this device.')).toBeVisible();
  await grace.pressHydrated('Create a passkey');
  await expect(grace.page.getByText(/The passkey .* was added\./)).toBeVisible();
  await expect(grace.page.getByText('Create a passkey for this device.')).toHaveCount(0);
});

test('a user with an app provisioned on the command line registers at login', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const added = await testApp.server.cli<{ id: string; email: string; otpauth_uri: string }>('user', 'add', email, '--print-totp');
  expect(Object.keys(added).sort()).toEqual(['email', 'id', 'otpauth_uri']);
  const totpApp = AuthenticatorApp.scan(added.otpauth_uri);
  const grace = await openBrowser();
  await grace.registerWithCode(email, await totpApp.code());
  await expect(grace.heading(/Hello/)).toBeVisible();
  expect(grace.currentPath()).toBe('/');
});
