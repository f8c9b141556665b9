/** `/login`: with a passkey, or by registering the device with a code; and where it leads afterwards. */
import type { Request } from '@playwright/test';
import { DEVICE_COOKIE, expect, test } from '../fixtures';

test('somebody signs in with a passkey by the button, without typing a name', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper' });
  // A new device to which the passkeys are synchronised.
  const visitor = await visit({ passkeys: grace.passkeys, autofill: false });
  await visitor.goto('/login');
  await visitor.pressAwake('Use a passkey');
  await expect(visitor.heading('Hello, Grace')).toBeVisible();
});

test('the button takes over from the autofill that waits', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper' });
  const visitor = await visit({ passkeys: grace.passkeys, authenticator: { present: false } });
  await visitor.page.addInitScript(() => {
    const get = CredentialsContainer.prototype.get;
    CredentialsContainer.prototype.get = function (options) {
      setTimeout(() => ((globalThis as { isWaiting?: boolean }).isWaiting = true));
      return get.call(this, options);
    };
  });
  await visitor.goto('/login');
  await visitor.page.waitForFunction(() => (globalThis as { isWaiting?: boolean }).isWaiting);
  await visitor.authenticator.setPresent(true);
  await visitor.pressAwake('Use a passkey');
  await expect(visitor.heading('Hello, Grace')).toBeVisible();
});

test('somebody picks a passkey from the autofill of the e-mail field', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper' });
  const visitor = await visit({ passkeys: grace.passkeys });
  const asked: string[] = [];
  visitor.page.on('request', (request: Request) => asked.push(new URL(request.url()).pathname));
  await visitor.goto('/login');
  // Nothing is pressed: the conditional request is answered.
  await expect(visitor.heading('Hello, Grace')).toBeVisible();
  expect(asked.filter((path) => path.startsWith('/api/'))).toEqual(['/api/passkey/begin-login', '/api/passkey/finish-login']);
});

test('a passkey on a new device registers that device', async ({ house, visit }) => {
  const grace = await house.person();
  const token = await house.service('atlas');
  await house.grant(grace.email, 'atlas');
  const visitor = await visit({ passkeys: grace.passkeys, phone: true });
  expect(await visitor.deviceCookie()).toBeUndefined();
  await visitor.goto('/login');
  await expect(visitor.heading(/Hello/)).toBeVisible();
  const { items } = await house.server.cli<{ items: { name: string; assurance: string }[] }>('device', 'list', '--user', grace.email);
  expect(items).toHaveLength(2);
  const answer = await house.verify('atlas', token, await visitor.deviceCookie());
  expect(JSON.parse(answer.body)).toMatchObject({ device: { assurance: 'passkey' }, auth: { methods: ['hwk', 'user'] } });
});

test('a passkey on a device of the same person signs in there and registers no second one', async ({ house, visit }) => {
  const grace = await house.person();
  const visitor = await visit({ as: grace });
  // The session is over; the device is still hers.
  await visitor.context.clearCookies({ name: `${DEVICE_COOKIE}-session` });
  await visitor.goto('/login');
  await expect(visitor.heading(/Hello/)).toBeVisible();
  const { items } = await house.server.cli<{ items: unknown[] }>('device', 'list', '--user', grace.email);
  expect(items).toHaveLength(1);
});

test('must_survive_15_signing_in_makes_a_new_session_and_the_old_one_is_dead', async ({ house, visit }) => {
  const grace = await house.person();
  const session = (cookies: { name: string; value: string }[]) => cookies.find(({ name }) => name === `${DEVICE_COOKIE}-session`)?.value;
  const planted = session(grace.cookies);
  const visitor = await visit({ passkeys: grace.passkeys, autofill: false });
  await visitor.goto('/login');
  await visitor.awake();
  // Somebody puts a session into her browser while she signs in.
  await visitor.context.addCookies(grace.cookies);
  await visitor.pressAwake('Use a passkey');
  await expect(visitor.heading(/Hello/)).toBeVisible();
  const fresh = await visitor.context.cookies();
  expect(session(fresh)).toBeTruthy();
  expect(session(fresh)).not.toBe(planted);
  // The old name on the new device is nobody's session: changes ask to sign in first.
  const thief = await visit({ authenticator: false });
  await thief.context.addCookies(fresh.map((cookie) => (cookie.name === `${DEVICE_COOKIE}-session` ? { ...cookie, value: planted! } : cookie)));
  await thief.goto('/devices');
  await thief.page.getByText('Rename').first().click();
  await thief.page.getByLabel('Name', { exact: true }).first().fill('Stolen');
  await thief.send(thief.page.getByRole('button', { name: 'Save' }).first());
  expect(thief.where()).toMatch(/^\/login\?/);
  // And the cookie of before the sign-in is a device no more: its secret was changed.
  const stale = await visit({ authenticator: false });
  await stale.context.addCookies(grace.cookies);
  await stale.goto('/devices');
  expect(stale.where()).toMatch(/^\/login\?/);
});

test('must_survive_9_an_assertion_without_user_verification_is_refused', async ({ house, visit }) => {
  const grace = await house.person();
  const visitor = await visit({ passkeys: grace.passkeys, authenticator: { verifies: false } });
  await visitor.goto('/login');
  await visitor.pressAwake('Use a passkey');
  await expect(visitor.page.getByRole('alert')).toBeVisible();
  expect(visitor.where()).toBe('/login');
  expect(await visitor.deviceCookie()).toBeUndefined();
});

for (const [name, lie] of [
  ['user verification', { isBadUV: true }],
  ['user presence', { isBadUP: true }],
  ['signature', { isBogusSignature: true }],
] as const) {
  test(`must_survive_9_a_passkey_with_a_false_${name.replace(' ', '_')}_is_refused`, async ({ house, visit }) => {
    const grace = await house.person();
    const visitor = await visit({ passkeys: grace.passkeys, autofill: false });
    await visitor.goto('/login');
    await visitor.authenticator.lie(lie);
    visitor.watch.allowStatus(401);
    await visitor.pressAwake('Use a passkey');
    await expect(visitor.page.getByRole('alert')).toContainText('That passkey was not accepted.');
    expect(await visitor.deviceCookie()).toBeUndefined();
    const { items } = await house.server.cli<{ items: unknown[] }>('device', 'list', '--user', grace.email);
    expect(items).toHaveLength(1);
  });
}

test('must_survive_10_an_assertion_that_was_accepted_is_refused_the_second_time', async ({ house, visit }) => {
  const grace = await house.person();
  const visitor = await visit({ passkeys: grace.passkeys });
  const sent = visitor.page.waitForRequest('**/api/passkey/finish-login');
  await visitor.goto('/login');
  const { headers, body } = { headers: await (await sent).allHeaders(), body: (await sent).postData() ?? '' };
  await expect(visitor.heading(/Hello/)).toBeVisible();
  const again = await visitor.page.request.post('/api/passkey/finish-login', {
    data: body,
    headers: { 'content-type': 'application/json', origin: house.server.url, cookie: headers['cookie'] ?? '' },
  });
  expect(again.status()).toBe(401);
  expect(await again.json()).toMatchObject({ kind: 'refused' });
});

test('r08_a_disabled_account_is_refused_at_the_door', async ({ house, visit }) => {
  const grace = await house.person();
  await house.server.cli('user', 'disable', grace.email);
  const withPasskey = await visit({ passkeys: grace.passkeys, autofill: false });
  await withPasskey.goto('/login');
  withPasskey.watch.allowStatus(401);
  await withPasskey.pressAwake('Use a passkey');
  await expect(withPasskey.page.getByRole('alert')).toContainText('That passkey was not accepted.');
  const withCode = await visit();
  await withCode.registerWithCode(grace.email, await grace.app.code());
  await expect(withCode.page.getByRole('alert')).toContainText('do not fit together');
  const withCookie = await visit({ as: grace, authenticator: false });
  await withCookie.goto('/');
  expect(withCookie.where()).toMatch(/^\/login/);
});

test('somebody registers a device with e-mail and code', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper', passkey: false });
  const visitor = await visit({ phone: true });
  await visitor.registerWithCode(` ${grace.email.toUpperCase()} `, await grace.app.code());
  await expect(visitor.heading('Hello, Grace')).toBeVisible();
  await visitor.goto('/devices');
  await expect(visitor.page.getByRole('heading', { level: 3, name: /Chrome on Android/ })).toContainText('Code only');
});

test('somebody who types a wrong code keeps e-mail and device name, and reads one sentence for both', async ({ house, visit }) => {
  const grace = await house.person({ passkey: false });
  const visitor = await visit();
  const { page } = visitor;
  await visitor.goto('/login');
  await visitor.unfold('Register this device with a code');
  await page.getByLabel('E-mail').fill(grace.email);
  await page.getByLabel('Code from your authenticator app').fill(grace.app.wrongCode());
  await page.getByLabel('Name for this device').fill('Reading room');
  await visitor.send('Register this device');
  await expect(page.getByRole('alert')).toContainText('That e-mail address and code do not fit together.');
  await expect(page.getByLabel('E-mail')).toHaveValue(grace.email);
  await expect(page.getByLabel('Name for this device')).toHaveValue('Reading room');
  await expect(page.getByLabel('Code from your authenticator app')).toHaveValue('');
});

test('must_survive_13_a_device_registered_with_a_code_cannot_add_a_passkey_beside_an_existing_one', async ({ house, visit }) => {
  const grace = await house.person();
  const thief = await visit();
  await thief.registerWithCode(grace.email, await grace.app.code());
  await expect(thief.heading(/Hello/)).toBeVisible();
  await thief.goto('/security');
  thief.watch.allowStatus(401);
  await thief.pressAwake('Add a passkey');
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

test('must_survive_24_r03_r16_nobody_is_led_to_another_host', async ({ house, visit }) => {
  test.setTimeout(120_000);
  const grace = await house.person({ passkey: false });
  const visitor = await visit();
  const gone: string[] = [];
  await visitor.context.route(
    (url) => url.origin !== house.server.url,
    (route) => {
      gone.push(route.request().url());
      return route.abort();
    },
  );
  // Every target, as the page offers it: none is carried along.
  for (const target of RETURNS_HOME) {
    await visitor.goto(`/login?return_to=${encodeURIComponent(target)}`);
    await expect(visitor.page.locator('input[name=return_to]'), target).toHaveValue('');
  }
  // And one of them sent by hand in the form: it leads home.
  await visitor.unfold('Register this device with a code');
  await visitor.page.getByLabel('E-mail').fill(grace.email);
  await visitor.page.getByLabel('Code from your authenticator app').fill(await grace.app.code());
  await visitor.page.locator('input[name=return_to]').evaluate((input: HTMLInputElement) => (input.value = '//evil.example'));
  await visitor.send('Register this device');
  expect(visitor.where()).toBe('/');
  expect(gone).toEqual([]);
});

test('must_survive_24_r03_r16_a_passkey_leads_to_no_other_host_either', async ({ house, visit }) => {
  const grace = await house.person();
  const visitor = await visit({ passkeys: grace.passkeys });
  let target = '';
  let led: unknown;
  await visitor.page.route('**/api/passkey/finish-login', async (route) => {
    const response = await route.fetch({ postData: { ...route.request().postDataJSON(), return_to: target } });
    led = await response.json();
    await route.fulfill({ response });
  });
  for (target of RETURNS_HOME) {
    await visitor.goto('/login');
    await visitor.page.waitForURL(`${house.server.url}/`);
    expect(led, target).toBe('/');
  }
});

test('somebody who was on the way to a page of ours gets there', async ({ house, visit }) => {
  const grace = await house.person();
  const visitor = await visit({ passkeys: grace.passkeys });
  await visitor.goto('/activity?page=1');
  await visitor.page.waitForURL('**/activity?page=1');
  await expect(visitor.heading('Activity')).toBeVisible();
});

test('somebody who was on the way to a service gets there, with a passkey and with a code', async ({ house, visit }) => {
  const grace = await house.person();
  await house.service('photos', '--host', 'photos.example.com');
  await house.settled();
  for (const way of ['passkey', 'code']) {
    const visitor = await visit({ passkeys: way === 'passkey' ? grace.passkeys : [], autofill: false });
    await visitor.context.route('https://photos.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Photos</h1>' }));
    const path = `/login?return_to=${encodeURIComponent('https://photos.example.com/album?x=1')}`;
    if (way === 'passkey') {
      await visitor.goto(path);
      await expect(visitor.page.getByText('You are on the way to photos.example.com.')).toBeVisible();
      await visitor.pressAwake('Use a passkey');
    } else {
      await visitor.registerWithCode(grace.email, await grace.app.code(), path);
    }
    await visitor.page.waitForURL('https://photos.example.com/album?x=1');
    await expect(visitor.heading('Photos')).toBeVisible();
  }
});

test('field_4_what_stands_behind_the_hash_arrives_too', async ({ house, visit }) => {
  const grace = await house.person();
  await house.service('maps', '--host', 'maps.example.com');
  await house.settled();
  const ada = await visit({ passkeys: (await house.person()).passkeys });
  await ada.page.goto('/activity?page=1#dash/3');
  await ada.page.waitForURL('**/activity?page=1#dash/3');
  for (const way of ['passkey', 'code']) {
    const visitor = await visit({ passkeys: way === 'passkey' ? grace.passkeys : [], autofill: false });
    await visitor.context.route('https://maps.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Maps</h1>' }));
    // As a proxy leads there: the browser takes the fragment along from redirect to redirect.
    const path = `/login?return_to=${encodeURIComponent('https://maps.example.com/app?x=1')}#/dash/3`;
    if (way === 'passkey') {
      await visitor.goto(path);
      await visitor.pressAwake('Use a passkey');
    } else {
      await visitor.registerWithCode(grace.email, grace.app.wrongCode(), path);
      await expect(visitor.page.getByRole('alert')).toContainText('do not fit together');
      await visitor.page.getByLabel('Code from your authenticator app').fill(await grace.app.code());
      await visitor.send('Register this device');
    }
    await visitor.page.waitForURL('https://maps.example.com/app?x=1#/dash/3');
  }
});

test('an administrator whose passkey was used long ago confirms it and comes back', async ({ house, visit }) => {
  const ada = await house.person({ name: 'Ada Lovelace', admin: true });
  // Her session is over; her device is not.
  const visitor = await visit({ as: ada, autofill: false });
  await visitor.context.clearCookies({ name: `${DEVICE_COOKIE}-session` });
  await visitor.goto('/admin/users?q=ada');
  await expect(visitor.heading('Confirm it’s you, Ada')).toBeVisible();
  await visitor.pressAwake('Use a passkey');
  await visitor.page.waitForURL('**/admin/users?q=ada');
  await expect(visitor.heading('People')).toBeVisible();
});

test('r14_audit_7_an_administrator_with_a_passkey_does_not_come_in_with_a_code', async ({ house, visit }) => {
  const ada = await house.person({ admin: true });
  const visitor = await visit({ autofill: false });
  await visitor.registerWithCode(ada.email, await ada.app.code());
  await expect(visitor.page.getByRole('alert')).toContainText('signs in with passkeys only');
  expect(await visitor.deviceCookie()).toBeUndefined();
});

test('audit_8_an_administrator_without_a_passkey_is_led_to_one_and_then_administers', async ({ house, visit }) => {
  const ada = await house.person({ admin: true, passkey: false });
  const visitor = await visit({ as: ada });
  await visitor.goto('/admin/users');
  await expect(visitor.heading('Give this device a passkey')).toBeVisible();
  await expect(visitor.page.getByText('Administration always asks for one')).toBeVisible();
  await visitor.createPasskey();
  await expect(visitor.heading('Overview')).toBeVisible();
});

