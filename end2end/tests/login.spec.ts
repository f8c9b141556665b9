/** `/login`: with a passkey, or by registering the device with a code; and the redirect afterwards. */
import type { Request } from '@playwright/test';
import { DEVICE_COOKIE, expect, test } from '../fixtures';

test('a user signs in with a passkey by the button, without typing an email address', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  // A new device with synchronised passkeys.
  const user = await openBrowser({ passkeys: grace.passkeys, autofill: false });
  await user.goto('/login');
  await user.pressHydrated('Use a passkey');
  await expect(user.heading('Hello, Grace')).toBeVisible();
});

test('the button takes over from a pending autofill', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const user = await openBrowser({ passkeys: grace.passkeys, authenticator: { present: false } });
  await user.page.addInitScript(() => {
    const get = CredentialsContainer.prototype.get;
    CredentialsContainer.prototype.get = function (options) {
      setTimeout(() => ((globalThis as { isWaiting?: boolean }).isWaiting = true));
      return get.call(this, options);
    };
  });
  await user.goto('/login');
  await user.page.waitForFunction(() => (globalThis as { isWaiting?: boolean }).isWaiting);
  await user.authenticator.setPresent(true);
  await user.pressHydrated('Use a passkey');
  await expect(user.heading('Hello, Grace')).toBeVisible();
});

test('a user picks a passkey from the autofill of the e-mail field', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const user = await openBrowser({ passkeys: grace.passkeys });
  const requested: string[] = [];
  user.page.on('request', (request: Request) => requested.push(new URL(request.url()).pathname));
  await user.goto('/login');
  // Nothing is pressed: the conditional request is answered.
  await expect(user.heading('Hello, Grace')).toBeVisible();
  expect(requested.filter((path) => path.startsWith('/actions/'))).toEqual(['/actions/passkey/begin-login', '/actions/passkey/finish-login']);
});

test('a passkey on a new device registers that device', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const token = await testApp.service('atlas');
  await testApp.grant(grace.email, 'atlas');
  const user = await openBrowser({ passkeys: grace.passkeys, phone: true });
  expect(await user.deviceCookie()).toBeUndefined();
  await user.goto('/login');
  await expect(user.heading(/Hello/)).toBeVisible();
  const { items } = await testApp.server.cli<{ items: { name: string; assurance: string }[] }>('device', 'list', '--user', grace.email);
  expect(items).toHaveLength(2);
  const response = await testApp.verify('atlas', token, await user.deviceCookie());
  expect(JSON.parse(response.body)).toMatchObject({ device: { assurance: 'passkey' }, auth: { methods: ['hwk', 'user'] } });
});

test('a passkey on a registered device of the same user registers no second one', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const user = await openBrowser({ as: grace });
  // The session is over; the device is still hers.
  await user.context.clearCookies({ name: `${DEVICE_COOKIE}-session` });
  await user.goto('/login');
  await expect(user.heading(/Hello/)).toBeVisible();
  const { items } = await testApp.server.cli<{ items: unknown[] }>('device', 'list', '--user', grace.email);
  expect(items).toHaveLength(1);
});

test('must_survive_15_signing_in_creates_a_new_session_and_ends_the_old_one', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const session = (cookies: { name: string; value: string }[]) => cookies.find(({ name }) => name === `${DEVICE_COOKIE}-session`)?.value;
  const planted = session(grace.cookies);
  const user = await openBrowser({ passkeys: grace.passkeys, autofill: false });
  await user.goto('/login');
  await user.hydrated();
  // An attacker plants a session in her browser while she signs in.
  await user.context.addCookies(grace.cookies);
  await user.pressHydrated('Use a passkey');
  await expect(user.heading(/Hello/)).toBeVisible();
  const isolatedApp = await user.context.cookies();
  expect(session(isolatedApp)).toBeTruthy();
  expect(session(isolatedApp)).not.toBe(planted);
  // The old session id on the new device is invalid: changes require a login.
  const thief = await openBrowser({ authenticator: false });
  await thief.context.addCookies(isolatedApp.map((cookie) => (cookie.name === `${DEVICE_COOKIE}-session` ? { ...cookie, value: planted! } : cookie)));
  await thief.goto('/devices');
  await thief.page.getByText('Rename').first().click();
  await thief.page.getByLabel('Name', { exact: true }).first().fill('Stolen');
  await thief.send(thief.page.getByRole('button', { name: 'Save' }).first());
  expect(thief.currentPath()).toMatch(/^\/login\?/);
  // And the device cookie from before the login is invalid: its secret was changed.
  const stale = await openBrowser({ authenticator: false });
  await stale.context.addCookies(grace.cookies);
  await stale.goto('/devices');
  expect(stale.currentPath()).toMatch(/^\/login\?/);
});

test('must_survive_9_an_assertion_without_user_verification_is_rejected', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const user = await openBrowser({ passkeys: grace.passkeys, authenticator: { verifies: false } });
  await user.goto('/login');
  await user.pressHydrated('Use a passkey');
  await expect(user.page.getByRole('alert')).toBeVisible();
  expect(user.currentPath()).toBe('/login');
  expect(await user.deviceCookie()).toBeUndefined();
});

for (const [name, override] of [
  ['user verification', { isBadUV: true }],
  ['user presence', { isBadUP: true }],
  ['signature', { isBogusSignature: true }],
] as const) {
  test(`must_survive_9_a_passkey_with_a_false_${name.replace(' ', '_')}_is_rejected`, async ({ testApp, openBrowser }) => {
    const grace = await testApp.newUser();
    const user = await openBrowser({ passkeys: grace.passkeys, autofill: false });
    await user.goto('/login');
    await user.authenticator.override(override);
    user.problems.allowStatus(401);
    await user.pressHydrated('Use a passkey');
    await expect(user.page.getByRole('alert')).toContainText('That passkey was not accepted.');
    expect(await user.deviceCookie()).toBeUndefined();
    const { items } = await testApp.server.cli<{ items: unknown[] }>('device', 'list', '--user', grace.email);
    expect(items).toHaveLength(1);
  });
}

test('must_survive_10_a_replayed_assertion_is_rejected', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const user = await openBrowser({ passkeys: grace.passkeys });
  const sent = user.page.waitForRequest('**/actions/passkey/finish-login');
  await user.goto('/login');
  const { headers, body } = { headers: await (await sent).allHeaders(), body: (await sent).postData() ?? '' };
  await expect(user.heading(/Hello/)).toBeVisible();
  const again = await user.page.request.post('/actions/passkey/finish-login', {
    data: body,
    headers: { 'content-type': 'application/json', origin: testApp.server.url, cookie: headers['cookie'] ?? '' },
  });
  expect(again.status()).toBe(401);
  expect(await again.json()).toMatchObject({ error: 'ceremony_expired', status: 401 });
});

test('r08_a_disabled_user_cannot_sign_in', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  await testApp.server.cli('user', 'disable', grace.email);
  const withPasskey = await openBrowser({ passkeys: grace.passkeys, autofill: false });
  await withPasskey.goto('/login');
  withPasskey.problems.allowStatus(401);
  await withPasskey.pressHydrated('Use a passkey');
  await expect(withPasskey.page.getByRole('alert')).toContainText('That passkey was not accepted.');
  const withCode = await openBrowser();
  await withCode.registerWithCode(grace.email, await grace.totpApp.code());
  await expect(withCode.page.getByRole('alert')).toContainText('do not fit together');
  const withCookie = await openBrowser({ as: grace, authenticator: false });
  await withCookie.goto('/');
  expect(withCookie.currentPath()).toMatch(/^\/login/);
});

test('a user registers a device with e-mail and code', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper', passkey: false });
  const user = await openBrowser({ phone: true });
  await user.registerWithCode(` ${grace.email.toUpperCase()} `, await grace.totpApp.code());
  await expect(user.heading('Hello, Grace')).toBeVisible();
  await user.goto('/devices');
  await expect(user.page.getByRole('heading', { level: 3, name: /Chrome on Android/ })).toContainText('Code only');
});

test('a wrong code keeps e-mail and device name, and gets the message of a wrong e-mail', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ passkey: false });
  const user = await openBrowser();
  const { page } = user;
  await user.goto('/login');
  await user.unfold('Register this device with a code');
  await page.getByLabel('E-mail').fill(grace.email);
  await page.getByLabel('Code from your authenticator app').fill(grace.totpApp.wrongCode());
  await page.getByLabel('Name for this device').fill('Reading room');
  await user.send('Register this device');
  await expect(page.getByRole('alert')).toContainText('That e-mail address and code do not fit together.');
  await expect(page.getByLabel('E-mail')).toHaveValue(grace.email);
  await expect(page.getByLabel('Name for this device')).toHaveValue('Reading room');
  await expect(page.getByLabel('Code from your authenticator app')).toHaveValue('');
});

test('must_survive_13_a_device_registered_with_a_code_cannot_add_a_passkey_beside_an_existing_one', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const thief = await openBrowser();
  await thief.registerWithCode(grace.email, await grace.totpApp.code());
  await expect(thief.heading(/Hello/)).toBeVisible();
  await thief.goto('/security');
  thief.problems.allowStatus(401);
  await thief.pressHydrated('Add a passkey');
  await thief.page.waitForURL('**/login?**');
  await expect(thief.heading(/Confirm it’s you/)).toBeVisible();
  expect(await thief.authenticator.credentials()).toEqual([]);
});

const RETURNS_HOME = [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https://evil.example',
  'https://photos.example.com@evil.example',
  'https://evil.example\\@photos.example.com',
  'https://evil.example#@photos.example.com',
  'https://photos.example.com.evil.example',
  'https://photos.example.com:444',
  'https://user:pw@photos.example.com',
  'https://PHOTOS.example.com',
  'javascript:alert(1)',
  'data:text/html,x',
  ' /',
];

test('must_survive_24_r03_r16_a_code_login_never_redirects_to_another_host', async ({ testApp, openBrowser }) => {
  test.setTimeout(120_000);
  const grace = await testApp.newUser({ passkey: false });
  const user = await openBrowser();
  const gone: string[] = [];
  await user.context.route(
    (url) => url.origin !== testApp.server.url,
    (route) => {
      gone.push(route.request().url());
      return route.abort();
    },
  );
  // No target is in the form of the page.
  for (const target of RETURNS_HOME) {
    await user.goto(`/login?return_to=${encodeURIComponent(target)}`);
    await expect(user.page.locator('input[name=return_to]'), target).toHaveValue('');
  }
  // And one of them posted in the form redirects home.
  await user.unfold('Register this device with a code');
  await user.page.getByLabel('E-mail').fill(grace.email);
  await user.page.getByLabel('Code from your authenticator app').fill(await grace.totpApp.code());
  await user.page.locator('input[name=return_to]').evaluate((input: HTMLInputElement) => (input.value = '//evil.example'));
  await user.send('Register this device');
  expect(user.currentPath()).toBe('/');
  expect(gone).toEqual([]);
});

test('must_survive_24_r03_r16_a_passkey_login_never_redirects_to_another_host', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const user = await openBrowser({ passkeys: grace.passkeys });
  let target = '';
  let led: unknown;
  await user.page.route('**/actions/passkey/finish-login', async (route) => {
    const response = await route.fetch({ postData: { ...route.request().postDataJSON(), return_to: target } });
    led = await response.json();
    await route.fulfill({ response });
  });
  for (target of RETURNS_HOME) {
    await user.goto('/login');
    await user.page.waitForURL(`${testApp.server.url}/`);
    expect(led, target).toBe('/');
  }
});

test('login redirects back to the requested page', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const user = await openBrowser({ passkeys: grace.passkeys });
  await user.goto('/activity?page=1');
  await user.page.waitForURL('**/activity?page=1');
  await expect(user.heading('Activity')).toBeVisible();
});

test('login redirects back to the service, with a passkey and with a code', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  await testApp.service('photos', '--host', 'photos.example.com');
  await testApp.settle();
  for (const way of ['passkey', 'code']) {
    const user = await openBrowser({ passkeys: way === 'passkey' ? grace.passkeys : [], autofill: false });
    await user.context.route('https://photos.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Photos</h1>' }));
    const path = `/login?return_to=${encodeURIComponent('https://photos.example.com/album?x=1')}`;
    if (way === 'passkey') {
      await user.goto(path);
      await expect(user.page.getByText('Sign in to continue to photos.example.com.')).toBeVisible();
      await user.pressHydrated('Use a passkey');
    } else {
      await user.registerWithCode(grace.email, await grace.totpApp.code(), path);
    }
    await user.page.waitForURL('https://photos.example.com/album?x=1');
    await expect(user.heading('Photos')).toBeVisible();
  }
});

test('field_4_the_fragment_is_kept_across_a_login', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  await testApp.service('maps', '--host', 'maps.example.com');
  await testApp.settle();
  const ada = await openBrowser({ passkeys: (await testApp.newUser()).passkeys });
  await ada.page.goto('/activity?page=1#dash/3');
  await ada.page.waitForURL('**/activity?page=1#dash/3');
  for (const way of ['passkey', 'code']) {
    const user = await openBrowser({ passkeys: way === 'passkey' ? grace.passkeys : [], autofill: false });
    await user.context.route('https://maps.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Maps</h1>' }));
    // As a proxy redirects: the browser keeps the fragment across redirects.
    const path = `/login?return_to=${encodeURIComponent('https://maps.example.com/app?x=1')}#/dash/3`;
    if (way === 'passkey') {
      await user.goto(path);
      await user.pressHydrated('Use a passkey');
    } else {
      await user.registerWithCode(grace.email, grace.totpApp.wrongCode(), path);
      await expect(user.page.getByRole('alert')).toContainText('do not fit together');
      await user.page.getByLabel('Code from your authenticator app').fill(await grace.totpApp.code());
      await user.send('Register this device');
    }
    await user.page.waitForURL('https://maps.example.com/app?x=1#/dash/3');
  }
});

test('an administrator confirms a stale passkey and returns to the page', async ({ testApp, openBrowser }) => {
  const ada = await testApp.newUser({ name: 'Ada Lovelace', admin: true });
  // Her session is over; her device is not.
  const user = await openBrowser({ as: ada, autofill: false });
  await user.context.clearCookies({ name: `${DEVICE_COOKIE}-session` });
  await user.goto('/admin/users?q=ada');
  await expect(user.heading('Confirm it’s you, Ada')).toBeVisible();
  await user.pressHydrated('Use a passkey');
  await user.page.waitForURL('**/admin/users?q=ada');
  await expect(user.heading('Users')).toBeVisible();
});

test('r14_audit_7_an_administrator_with_a_passkey_cannot_sign_in_with_a_code', async ({ testApp, openBrowser }) => {
  const ada = await testApp.newUser({ admin: true });
  const user = await openBrowser({ autofill: false });
  await user.registerWithCode(ada.email, await ada.totpApp.code());
  await expect(user.page.getByRole('alert')).toContainText('signs in with passkeys only');
  expect(await user.deviceCookie()).toBeUndefined();
});

test('audit_8_an_administrator_without_a_passkey_must_create_one_first', async ({ testApp, openBrowser }) => {
  const ada = await testApp.newUser({ admin: true, passkey: false });
  const user = await openBrowser({ as: ada });
  await user.goto('/admin/users');
  await expect(user.heading('Create a passkey for this device')).toBeVisible();
  await expect(user.page.getByText('Administration requires a passkey')).toBeVisible();
  await user.createPasskey();
  await expect(user.heading('Overview')).toBeVisible();
});

