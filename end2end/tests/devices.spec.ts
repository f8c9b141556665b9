/** `/devices`: the user's devices and their revocation. */
import { deviceOf, expect, type TestApp, type StoredUser, test } from '../fixtures';

/** A user with two devices: the current one and another. */
async function twoDevices(testApp: TestApp, service: string): Promise<{ here: StoredUser; other: string; token: string }> {
  const here = await testApp.newUser({ name: 'Grace Hopper' });
  const token = await testApp.service(service);
  await testApp.grant(here.email, service);
  return { here, other: await testApp.addDevice(here, 'Lost phone'), token };
}

test('the current device is listed first', async ({ testApp, openBrowser }) => {
  const { here } = await twoDevices(testApp, 'first');
  const grace = await openBrowser({ as: here });
  await grace.goto('/devices');
  const titles = grace.page.getByRole('heading', { level: 3 });
  await expect(titles).toHaveCount(2);
  await expect(titles.nth(0)).toContainText('This device');
  await expect(titles.nth(0)).toContainText('Passkey');
  await expect(titles.nth(1)).toContainText('Lost phone');
  await expect(titles.nth(1)).toContainText('Not approved');
  await expect(grace.page.getByRole('listitem').filter({ hasText: 'In use now' })).toContainText('127.0.0.1');
});

test('a user renames a device', async ({ testApp, openBrowser }) => {
  const { here } = await twoDevices(testApp, 'rename');
  const grace = await openBrowser({ as: here });
  const { page } = grace;
  await grace.goto('/devices');
  const row = page.getByRole('listitem').filter({ hasText: 'Lost phone' });
  await row.getByText('Rename').click();
  await row.getByLabel('Name').fill('  Old phone 📱 ');
  await grace.send(row.getByRole('button', { name: 'Save' }));
  await grace.expectStatus('The device was renamed to Old phone 📱.');
  await expect(page.getByRole('heading', { level: 3, name: 'Old phone 📱' })).toBeVisible();
  await page.reload();
  await expect(page.getByText('The device was renamed to'), 'said once').toHaveCount(0);
});

test('r40_a_long_name_is_rejected_beside_the_field_and_kept', async ({ testApp, openBrowser }) => {
  const { here } = await twoDevices(testApp, 'too-long');
  const grace = await openBrowser({ as: here });
  await grace.goto('/devices');
  const row = grace.page.getByRole('listitem').filter({ hasText: 'Lost phone' });
  await row.getByText('Rename').click();
  const field = row.getByLabel('Name');
  await field.evaluate((input: HTMLInputElement) => input.removeAttribute('maxlength'));
  await field.fill('x'.repeat(65));
  await grace.send(row.getByRole('button', { name: 'Save' }));
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription('A name has at most 64 characters.');
  await expect(field).toHaveValue('x'.repeat(65));
  await expect(grace.page.getByRole('heading', { level: 3, name: /Lost phone/ })).toBeVisible();
});

test('r41_a_device_name_is_escaped_everywhere', async ({ testApp, openBrowser }) => {
  const name = '<img src=x onerror=alert(1)>\'"</script><b>';
  const here = await testApp.newUser();
  await testApp.addDevice(here, name);
  const grace = await openBrowser({ as: here });
  grace.page.on('dialog', (dialog) => {
    throw new Error(`a script ran: ${dialog.message()}`);
  });
  for (const path of ['/devices', '/activity', '/security', '/']) {
    await grace.goto(path);
    await grace.hydrated();
    await expect(grace.page.locator('img')).toHaveCount(0);
    if (path !== '/' && path !== '/security') await expect(grace.page.getByText(name).first()).toBeVisible();
  }
  const ada = await openBrowser({ as: await testApp.admin() });
  const { items } = await testApp.server.cli<{ items: { email: string; id: string }[] }>('user', 'list', '--search', here.email);
  for (const path of ['/admin/devices', `/admin/users/${items[0]!.id}`, '/admin/audit', '/admin']) {
    await ada.goto(path);
    await ada.hydrated();
    await expect(ada.page.locator('img')).toHaveCount(0);
    if (path === '/admin/devices') await expect(ada.page.getByText(name).first()).toBeVisible();
  }
});

test('a user revokes a lost device, and verify refuses it at once', async ({ testApp, openBrowser }) => {
  const { here, other, token } = await twoDevices(testApp, 'lost');
  expect((await testApp.verify('lost', token, other)).status).toBe(200);
  const grace = await openBrowser({ as: here });
  const { page } = grace;
  await grace.goto('/devices');
  await page.getByRole('button', { name: 'Revoke Lost phone' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Revoke Lost phone?' });
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Cancel' }), 'the safe answer has the focus').toBeFocused();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  expect((await testApp.verify('lost', token, other)).status).toBe(200);

  await page.getByRole('button', { name: 'Revoke Lost phone' }).click();
  await grace.send(dialog.getByRole('button', { name: 'Revoke device' }));
  expect((await testApp.verify('lost', token, other)).status, 'the next request is refused').toBe(404);
  await grace.expectStatus('The device was revoked.');
  await expect(page.getByRole('heading', { level: 3, name: /Lost phone/ })).toHaveCount(0);
  expect((await testApp.verify('lost', token, deviceOf(here))).status, 'the other one goes on').toBe(200);
});

test('r15_revoking_a_device_ends_its_cookie_session_and_passkey', async ({ testApp, openBrowser }) => {
  const here = await testApp.newUser();
  const second = await openBrowser({ passkeys: here.passkeys });
  await second.goto('/login');
  await expect(second.heading(/Hello/)).toBeVisible();
  const revoke = async () => {
    await second.goto('/devices');
    const others = second.page.getByRole('region', { name: 'Other devices' });
    await others.getByRole('button', { name: /Revoke/ }).first().click();
    await second.send(second.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke device' }));
  };
  // The only passkey belongs to that device: one of this device's own comes first.
  await revoke();
  await expect(second.page.getByRole('alert')).toContainText('Your last passkey would end with that device');
  await second.replaceAuthenticator();
  await second.goto('/security');
  await second.pressHydrated('Add a passkey');
  await expect(second.page.getByText(/The passkey .* was added\./)).toBeVisible();
  await revoke();
  await second.expectStatus('The device was revoked.');

  const first = await openBrowser({ as: here, autofill: false });
  await first.goto('/');
  expect(first.currentPath()).toMatch(/^\/login/);
  // The passkey was made on that device.
  first.problems.allowStatus(401);
  await first.pressHydrated('Use a passkey');
  await expect(first.page.getByRole('alert')).toContainText('That passkey was not accepted: it was removed.');
});

test('audit_4_revoking_the_current_device_explains_how_to_sign_in_again', async ({ testApp, openBrowser }) => {
  const here = await testApp.newUser();
  const grace = await openBrowser({ as: here });
  const requested = async () => {
    await grace.goto('/devices');
    await grace.page.getByRole('region', { name: 'This device' }).getByRole('button', { name: /Revoke/ }).click();
    return grace.page.getByRole('alertdialog');
  };
  await expect(await requested()).toContainText('revoking it removes your last passkey');
  // Signed in elsewhere with that passkey: the device there makes one of its own.
  const second = await openBrowser({ passkeys: here.passkeys });
  await second.goto('/login');
  await expect(second.heading(/Hello/)).toBeVisible();
  await second.replaceAuthenticator();
  await second.goto('/security');
  await second.pressHydrated('Add a passkey');
  await expect(second.page.getByText(/The passkey .* was added\./)).toBeVisible();
  await expect(await requested()).toContainText('sign in again with one of your other passkeys');
});

test('audit_4_a_phone_lost_after_signing_out_is_replaced_as_documented', async ({ testApp, openBrowser }) => {
  const lost = await testApp.newUser({ name: 'Grace Hopper' });
  const phone = await openBrowser({ as: lost, authenticator: false });
  await phone.goto('/');
  await phone.send(phone.page.getByRole('button', { name: 'Sign out' }));
  const { items } = await testApp.server.cli<{ items: { id: string }[] }>('device', 'list', '--search', lost.email, '--filter', 'signed_out');
  const ended = await testApp.server.cli<{ revoked: boolean; was_revoked: boolean; passkeys_removed: unknown[] }>('device', 'revoke', items[0]!.id, '--with-passkeys');
  expect(ended).toMatchObject({ revoked: true, was_revoked: false });
  expect(ended.passkeys_removed).toHaveLength(1);

  const thief = await openBrowser({ passkeys: lost.passkeys, autofill: false });
  thief.problems.allowStatus(401);
  await thief.goto('/login');
  await thief.pressHydrated('Use a passkey');
  await expect(thief.page.getByRole('alert')).toContainText('That passkey was not accepted: it was removed.');

  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'invite', lost.email, '--vouch');
  const tablet = await openBrowser();
  await tablet.enrol(enrolment_url, { deviceName: 'Tablet' });
  await tablet.goto('/security');
  await expect(tablet.page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem')).toHaveCount(1);
});

test('audit_7_a_device_registered_by_code_beside_a_passkey_is_approved_from_another_one', async ({ testApp, openBrowser }) => {
  const { here, other, token } = await twoDevices(testApp, 'approve');
  expect((await testApp.verify('approve', token, other)).status, 'an ordinary service opens').toBe(200);
  const grace = await openBrowser({ as: here });
  await grace.goto('/devices');
  const row = grace.page.getByRole('listitem').filter({ hasText: 'Lost phone' });
  await expect(row).toContainText('cannot change your account until you approve it');
  await grace.send(row.getByRole('button', { name: 'Approve Lost phone' }));
  await grace.expectStatus('The device was approved.');
  await expect(row.getByRole('heading')).toContainText('Code only');
});

test('audit_6_a_new_passkey_ends_copied_cookies_and_other_tabs_keep_working', async ({ testApp, openBrowser }) => {
  const here = await testApp.newUser({ passkey: false });
  const token = await testApp.service('rotation');
  await testApp.grant(here.email, 'rotation');
  const copied = deviceOf(here);
  expect((await testApp.verify('rotation', token, copied)).status).toBe(200);
  const grace = await openBrowser({ as: here });
  const tab = await grace.context.newPage();
  await tab.goto('/devices');
  // Authenticators serve the window in front.
  await grace.page.bringToFront();
  await grace.goto('/security');
  await grace.pressHydrated('Add a passkey');
  await expect(grace.page.getByText(/The passkey .* was added\./)).toBeVisible();
  expect((await testApp.verify('rotation', token, copied)).status, 'the copy').toBe(404);
  expect((await testApp.verify('rotation', token, await grace.deviceCookie())).status).toBe(200);
  await tab.getByText('Rename').first().click();
  await tab.getByLabel('Name', { exact: true }).first().fill('Desk');
  await tab.getByRole('button', { name: 'Save' }).first().click();
  await expect(tab.getByRole('heading', { level: 3, name: /Desk/ })).toBeVisible();
});

test('revoking the current device signs the user out', async ({ testApp, openBrowser }) => {
  const here = await testApp.newUser();
  const grace = await openBrowser({ as: here, authenticator: false });
  await grace.goto('/devices');
  const row = grace.page.getByRole('listitem').filter({ hasText: 'In use now' });
  await row.getByRole('button', { name: /^Revoke/ }).click();
  await grace.send(grace.page.getByRole('alertdialog').getByRole('button', { name: 'Revoke device' }));
  expect(grace.currentPath()).toBe('/login');
  await grace.expectStatus('This device was revoked.');
  expect(await grace.deviceCookie()).toBeUndefined();
});

test('must_survive_17_a_signed_out_device_is_refused', async ({ testApp, openBrowser }) => {
  const here = await testApp.newUser();
  const token = await testApp.service('sign-out');
  await testApp.grant(here.email, 'sign-out');
  const cookie = deviceOf(here);
  expect((await testApp.verify('sign-out', token, cookie)).status).toBe(200);
  const grace = await openBrowser({ as: here, authenticator: false });
  await grace.goto('/');
  await grace.send(grace.page.getByRole('button', { name: 'Sign out' }));
  expect(grace.currentPath()).toBe('/login');
  await grace.expectStatus('You are signed out.');
  // The cookie stays without access: it distinguishes this browser from clients that guess.
  expect((await testApp.verify('sign-out', token, await grace.deviceCookie())).status).toBe(404);
  expect((await testApp.verify('sign-out', token, cookie)).status).toBe(404);
  const copy = await openBrowser({ authenticator: false });
  await copy.context.addCookies(here.cookies);
  await copy.goto('/');
  expect(copy.currentPath()).toMatch(/^\/login/);
});

test('a device of another user can be neither renamed nor revoked', async ({ testApp, openBrowser }) => {
  const victim = await testApp.newUser();
  const { items } = await testApp.server.cli<{ items: { id: string; name: string }[] }>('device', 'list', '--user', victim.email);
  const id = items[0]!.id;
  const mallory = await openBrowser({ as: await testApp.newUser({ name: 'Mallory' }) });
  await mallory.goto('/devices');
  for (const action of ['/actions/device/rename', '/actions/device/revoke']) {
    const form = mallory.page.locator(`form[action="${action}"]`).first();
    await form.locator('input[name=id]').evaluate((input: HTMLInputElement, id) => (input.value = id), id);
    const answered = mallory.page.waitForEvent('domcontentloaded');
    await form.evaluate((form: HTMLFormElement) => form.requestSubmit());
    await answered;
    await expect(mallory.page.getByRole('alert')).toContainText('This device no longer exists.');
  }
  const after = await testApp.server.cli<{ items: { name: string; revoked_at: string | null }[] }>('device', 'list', '--user', victim.email);
  expect(after.items).toEqual([expect.objectContaining({ name: items[0]!.name, revoked_at: null })]);
});
