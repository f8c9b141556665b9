/** `GET /verify/{service}` on the internal listener: every response, and how soon a change counts. */
import { type HttpResponse, ask, clock, DEVICE_COOKIE, deviceOf, expect, TestApp, raw, type StoredUser, test } from '../fixtures';

const NO_ACCESS = 'User does not have access to this service';
const NO_SERVICE = 'Service Not Found!';

/** The parts of a response that must not differ between refusals: all but the date. */
function comparable({ status, headers: { date: _, ...headers }, body }: HttpResponse) {
  return { status, headers, body };
}

/** A user with a device registered by code and a grant, and the service's token. */
async function granted(testApp: TestApp, service: string, ...scopes: string[]): Promise<{ grace: StoredUser; device: string; token: string }> {
  const grace = await testApp.newUser({ name: 'Grace Hopper', passkey: false });
  const token = await testApp.service(service);
  await testApp.grant(grace.email, service, ...scopes);
  return { grace, device: deviceOf(grace), token };
}

test('a missing, malformed, forged or revoked device and a missing or wrong token all get the same empty 404', async ({ testApp }) => {
  const { grace, device, token } = await granted(testApp, 'table-unknown');
  const revoked = await testApp.addDevice(grace, 'Revoked');
  const { items } = await testApp.server.cli<{ items: { id: string; name: string }[] }>('device', 'list', '--user', grace.email);
  await testApp.server.cli('device', 'revoke', items.find(({ name }) => name === 'Revoked')!.id);
  await testApp.settle();
  const flipped = (text: string, index: number) => text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
  const cases: [string, string | undefined, string | undefined][] = [
    ['no cookie', token, undefined],
    ['an empty cookie', token, ''],
    ['garbage', token, 'garbage'],
    ['a cookie of 8 KiB', token, 'A'.repeat(8192)],
    ['a cookie with a wrong tag', token, flipped(device, device.length - 2)],
    ['a cookie with a wrong secret', token, flipped(device, Math.floor(device.length / 2))],
    ['a cookie with another version', token, flipped(device, 0)],
    ['a revoked device', token, revoked],
    ['no token', undefined, device],
    ['an empty token', '', device],
    ['a garbage token', 'garbage', device],
    ['a wrong token', flipped(token, token.length - 2), device],
    ['a token with another label', flipped(token, 4), device],
    ['neither', undefined, undefined],
  ];
  const expected = comparable(await testApp.verify('table-unknown', undefined, undefined));
  expect(expected).toMatchObject({ status: 404, body: '' });
  for (const [name, token, device] of cases) {
    expect(comparable(await testApp.verify('table-unknown', token, device)), name).toEqual(expected);
    expect(comparable(await testApp.verify('no-such-service', token, device)), `${name}, unknown service`).toEqual(expected);
  }
});

test('a valid device and token get "service not found" for any other service', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'table-service');
  await testApp.service('table-other');
  for (const path of ['no-such-service', 'table-other', 'Table-Service', 'table-service/', 'table-service%20', 'table%2dservice']) {
    expect(await testApp.verify(path, token, device), path).toMatchObject({ status: 404, body: NO_SERVICE });
  }
});

test('a user without a grant is refused with that reason', async ({ testApp }) => {
  const { token } = await granted(testApp, 'table-grant');
  const anonymous = await testApp.newUser({ passkey: false });
  const response = await testApp.verify('table-grant', token, deviceOf(anonymous));
  expect(response).toMatchObject({ status: 401, body: NO_ACCESS });
});

test('a service that requires a fresh passkey answers with the step-up URL', async ({ testApp }) => {
  const grace = await testApp.newUser({ passkey: false });
  const token = await testApp.service('table-step-up', '--passkey', '1h');
  await testApp.grant(grace.email, 'table-step-up');
  const response = await testApp.verify('table-step-up', token, deviceOf(grace));
  expect(response.status).toBe(401);
  expect(JSON.parse(response.body)).toEqual({ error: 'step_up_required', url: expect.stringContaining(`${testApp.server.url}/login`) });
  const strong = await testApp.newUser();
  await testApp.grant(strong.email, 'table-step-up');
  expect((await testApp.verify('table-step-up', token, deviceOf(strong))).status).toBe(200);
});

test('r14_a_passkey_that_is_older_than_the_service_wants_is_not_enough', async ({ testApp }) => {
  const grace = await testApp.newUser();
  const token = await testApp.service('table-age', '--passkey', '1s');
  await testApp.grant(grace.email, 'table-age');
  await clock.advance(4);
  const response = await testApp.verify('table-age', token, deviceOf(grace));
  expect(JSON.parse(response.body)).toMatchObject({ error: 'step_up_required' });
});

test('a user returns to the service after a step-up', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const token = await testApp.service('table-back', '--passkey', '5s', '--host', 'back.example.com');
  await testApp.grant(grace.email, 'table-back');
  await clock.advance(6);
  const user = await openBrowser({ as: grace, autofill: false });
  await user.context.route('https://back.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Back</h1>' }));
  const { url } = JSON.parse((await testApp.verify('table-back', token, deviceOf(grace))).body) as { url: string };
  const page = 'https://back.example.com/album?x=1';
  await user.page.goto(`${url}&return_to=${encodeURIComponent(page)}`);
  await user.pressHydrated('Use a passkey');
  await user.page.waitForURL(page);
  expect((await testApp.verify('table-back', token, deviceOf(await user.storedUser(grace.email, grace.name, grace.totpApp)))).status).toBe(200);
});

test('a user with a grant gets 200 with what the scopes allow', async ({ testApp }) => {
  const base = { subject: expect.stringMatching(/^[0-9a-f]{32}$/), device: { assurance: 'registered' }, auth: { time: expect.any(Number), methods: ['otp'] } };
  const subjects = new Set<string>();
  for (const [service, scopes, learned] of [
    ['scope-none', [], {}],
    ['scope-name', ['read:username'], { username: 'Grace Hopper' }],
    ['scope-mail', ['read:email'], { email: expect.stringMatching(/@example\.com$/) }],
    ['scope-role', ['read:user-role'], { role: 'member' }],
    ['scope-all', ['read:username', 'read:email', 'read:user-role'], { username: 'Grace Hopper', email: expect.anything(), role: 'member' }],
  ] as [string, string[], object][]) {
    const { device, token } = await granted(testApp, service, ...scopes);
    const response = await testApp.verify(service, token, device);
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toBe('application/json');
    expect(response.headers['cache-control']).toBe('no-store');
    const body = JSON.parse(response.body) as { subject: string; scopes: string[]; auth: { time: number } };
    expect(body).toEqual({ ...base, scopes, ...learned });
    expect(Math.abs(body.auth.time - clock.now() / 1000)).toBeLessThan(60);
    subjects.add(body.subject);
  }
  expect(subjects.size).toBe(5);
});

test('a user has a different but stable subject at each service', async ({ testApp }) => {
  const { grace, device, token } = await granted(testApp, 'subject-a');
  const other = await testApp.service('subject-b');
  await testApp.grant(grace.email, 'subject-b');
  const subject = async (service: string, token: string) => (JSON.parse((await testApp.verify(service, token, device)).body) as { subject: string }).subject;
  expect(await subject('subject-a', token)).toBe(await subject('subject-a', token));
  expect(await subject('subject-a', token)).not.toBe(await subject('subject-b', other));
});

test('r35_an_administrator_has_access_at_the_first_request_unless_the_service_excludes_administrators', async ({ testApp }) => {
  const ada = await testApp.admin();
  const token = await testApp.service('open-to-admins');
  const responses = await Promise.all(Array.from({ length: 8 }, () => testApp.verify('open-to-admins', token, deviceOf(ada))));
  expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200));
  const closed = await testApp.service('closed-to-admins', '--no-admins');
  expect(await testApp.verify('closed-to-admins', closed, deviceOf(ada))).toMatchObject({ status: 401, body: NO_ACCESS });
  // The administrator's access ends with the role.
  const bob = await testApp.newUser({ admin: true, passkey: false });
  expect((await testApp.verify('open-to-admins', token, deviceOf(bob))).status).toBe(200);
  await testApp.server.cli('user', 'role', bob.email, 'member');
  await testApp.settle();
  expect(await testApp.verify('open-to-admins', token, deviceOf(bob)), 'his sign-ins ended with the role').toMatchObject({ status: 404, body: '' });
  const again = await testApp.addDevice(bob, 'Signed in again');
  expect(await testApp.verify('open-to-admins', token, again)).toMatchObject({ status: 401, body: NO_ACCESS });
});

test('HEAD answers like GET without the body', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'head');
  const anonymous = deviceOf(await testApp.newUser({ passkey: false }));
  for (const [service, key, cookie, status] of [
    ['head', token, device, 200],
    ['head', token, anonymous, 401],
    ['elsewhere', token, device, 404],
    ['head', undefined, undefined, 404],
  ] as const) {
    const get = await testApp.verify(service, key, cookie);
    const head = await testApp.verify(service, key, cookie, 'HEAD');
    expect(get.status).toBe(status);
    expect(comparable(head)).toEqual({ ...comparable(get), body: '' });
  }
});

test('other methods and paths are not found', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'methods');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    expect((await testApp.verify('methods', token, device, method)).status, method).toBe(404);
  }
  for (const path of ['/', '/verify', '/verify/', '/metrics/x', '/login', '/admin', '/actions/device/revoke']) {
    const response = await ask('GET', testApp.server.internal + path, { authorization: `Bearer ${token}`, cookie: `${DEVICE_COOKIE}=${device}` });
    expect(response.status, path).toBe(404);
  }
});

test('must_survive_20_duplicate_and_aliased_headers_are_refused', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'aliases');
  await testApp.settle();
  const head = (lines: string[]) => raw(testApp.server.internalPort, ['GET /verify/aliases HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close', ...lines, '', ''].join('\r\n'));
  const cookie = `Cookie: ${DEVICE_COOKIE}=${device}`;
  const bearer = `Authorization: Bearer ${token}`;
  expect((await head([bearer, cookie])).status).toBe(200);
  expect((await head([bearer.toUpperCase().replace(token.toUpperCase(), token), cookie.replace('Cookie', 'cOOKIE')])).status, 'names in any case').toBe(200);
  for (const lines of [
    [bearer, cookie, cookie],
    [bearer, `${cookie}; ${DEVICE_COOKIE}=${device}`],
    [bearer, bearer, cookie],
    [bearer, 'Authorization: Basic YTpi', cookie],
    [bearer, cookie.replace('__Host-', '__host-')],
    [bearer, cookie.replace('__Host-latchkey', '__Host_latchkey')],
    [bearer, cookie.replace('__Host-', '__Secure-')],
    [`X-Authorization: Bearer ${token}`, cookie],
    [`Authorization: Basic ${Buffer.from(`x:${token}`).toString('base64')}`, cookie],
    [`Proxy-Authorization: Bearer ${token}`, cookie],
    [`X-${DEVICE_COOKIE}: ${device}`, bearer],
    [`X-Original-URL: /verify/aliases?${DEVICE_COOKIE}=${device}`, bearer],
  ]) {
    expect((await head(lines)).status, lines.join(' | ')).toBe(404);
  }
});

test('must_survive_22_a_malformed_path_is_not_a_service', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'paths');
  await testApp.settle();
  const head = (path: string) =>
    raw(testApp.server.internalPort, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nCookie: ${DEVICE_COOKIE}=${device}\r\n\r\n`);
  expect((await head('/verify/paths')).status).toBe(200);
  expect((await head('/verify/paths?x=1')).status, 'a query names no other service').toBe(200);
  for (const path of ['/verify/%70aths', '/verify/paths%00', '/verify/paths%2f', '/verify/paths/', '/verify//paths', '//verify/paths', '/verify/./paths', '/verify/x/../paths', '/verify/paths;x', '/verify/PATHS', '/verify/paths.', '/verify/%2e%2e/paths', '/verify/paths%', '/verify/%ff', '/VERIFY/paths', '/verify\\paths']) {
    const { status, body } = await head(path);
    expect([400, 404], `${path}: ${body}`).toContain(status);
  }
});

test('r19_a_removed_grant_counts_within_a_second', async ({ testApp }) => {
  const { grace, device, token } = await granted(testApp, 'ungrant');
  expect((await testApp.verify('ungrant', token, device)).status).toBe(200);
  await testApp.server.cli('grant', 'remove', grace.email, 'ungrant');
  await expect.poll(async () => (await testApp.verify('ungrant', token, device)).body, { intervals: [50], timeout: 1000 }).toBe(NO_ACCESS);
});

test('r15_a_revocation_on_the_command_line_is_seen_within_a_second', async ({ testApp }) => {
  const { grace, device, token } = await granted(testApp, 'cli-revoke');
  expect((await testApp.verify('cli-revoke', token, device)).status).toBe(200);
  const { items } = await testApp.server.cli<{ items: { id: string }[] }>('device', 'list', '--user', grace.email);
  await testApp.server.cli('device', 'revoke', items[0]!.id);
  await expect.poll(async () => (await testApp.verify('cli-revoke', token, device)).status, { intervals: [50], timeout: 1000 }).toBe(404);
});

test('r08_disabling_and_enabling_a_user_count_within_a_second', async ({ testApp }) => {
  const { grace, device, token } = await granted(testApp, 'disable');
  const status = async () => (await testApp.verify('disable', token, device)).status;
  expect(await status()).toBe(200);
  await testApp.server.cli('user', 'disable', grace.email);
  await expect.poll(status, { intervals: [50], timeout: 1000 }).toBe(404);
  await testApp.server.cli('user', 'enable', grace.email);
  await expect.poll(status, { intervals: [50], timeout: 1000 }).toBe(200);
  await testApp.server.cli('user', 'delete', grace.email, '--yes');
  await expect.poll(status, { intervals: [50], timeout: 1000 }).toBe(404);
});

test('a rotated token is accepted for its overlap', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'rotate');
  const second = await testApp.server.cli<{ name: string; token: string }>('service', 'rotate-token', 'rotate', '--overlap', '1h');
  expect(Object.keys(second).sort()).toEqual(['name', 'token']);
  await expect.poll(async () => (await testApp.verify('rotate', second.token, device)).status, { intervals: [50], timeout: 1000 }).toBe(200);
  expect((await testApp.verify('rotate', token, device)).status).toBe(200);
  const third = await testApp.server.cli<{ token: string }>('service', 'rotate-token', 'rotate', '--overlap', '0s');
  await expect.poll(async () => (await testApp.verify('rotate', third.token, device)).status, { intervals: [50], timeout: 1000 }).toBe(200);
  for (const old of [token, second.token]) {
    await expect.poll(async () => (await testApp.verify('rotate', old, device)).status, { intervals: [100], timeout: 2000 }).toBe(404);
  }
});

test('healthz and readyz report the process and its database', async ({ testApp }) => {
  expect(await ask('GET', `${testApp.server.internal}/healthz`)).toMatchObject({ status: 200, body: 'ok\n' });
  expect(await ask('GET', `${testApp.server.internal}/readyz`)).toMatchObject({ status: 200, body: 'ready\n' });
});

test('internal endpoints are not on the public listener', async ({ testApp }) => {
  const { device, token } = await granted(testApp, 'planes');
  for (const path of ['/verify/planes', '/healthz', '/readyz', '/metrics', '/forward-auth']) {
    const response = await ask('GET', testApp.server.url + path, { authorization: `Bearer ${token}`, cookie: `${DEVICE_COOKIE}=${device}` });
    expect(response.status, path).toBe(404);
  }
});
