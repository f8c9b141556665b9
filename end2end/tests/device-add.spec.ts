/** `POST /device/add`: scripts register a device without a page. */
import { anyNetwork, AuthenticatorApp, ask, DEVICE_COOKIE, expect, TestApp, test } from '../fixtures';

const FORM = 'application/x-www-form-urlencoded';

async function provisioned(testApp: TestApp): Promise<{ email: string; totpApp: AuthenticatorApp }> {
  const email = testApp.newEmail();
  const { otpauth_uri } = await testApp.server.cli<{ otpauth_uri: string }>('user', 'add', email, '--print-totp');
  return { email, totpApp: AuthenticatorApp.scan(otpauth_uri) };
}

function add(testApp: TestApp, contentType: string, body: string, headers: Record<string, string> = {}) {
  return ask('POST', `${testApp.server.url}/device/add`, { 'content-type': contentType, 'x-forwarded-for': anyNetwork(), ...headers }, body);
}

// Each request sets its own network, so that the limit by network does not interfere.
test.use({ serve: { env: { LATCHKEY_PROXY_TRUSTED: '127.0.0.1' } } });

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

for (const [name, contentType, write] of [
  ['a form', FORM, form],
  ['JSON', 'application/json', JSON.stringify],
] as const) {
  test(`a script without an Origin registers a device with ${name}`, async ({ testApp }) => {
    const { email, totpApp } = await provisioned(testApp);
    const token = await testApp.service(name === 'JSON' ? 'json' : 'form');
    await testApp.grant(email, name === 'JSON' ? 'json' : 'form');
    const response = await add(testApp, contentType, write({ email, code: await totpApp.code(), device_name: 'Cron job' }));
    expect(response.status).toBe(200);
    expect(JSON.parse(response.body)).toMatchObject({ status: 'registered' });
    const cookies = [response.headers['set-cookie'] ?? []].flat();
    const cookie = cookies.find((line) => line.startsWith(`${DEVICE_COOKIE}=`)) ?? '';
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).not.toMatch(/Domain/i);
    const value = cookie.slice(DEVICE_COOKIE.length + 1).split(';')[0]!;
    expect(value.length).toBeLessThan(256);
    expect((await testApp.verify(name === 'JSON' ? 'json' : 'form', token, value)).status).toBe(200);
  });
}

test('must_survive_6_known_and_unknown_users_get_the_same_refusal', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const responses = [];
  for (const fields of [
    { email, code: totpApp.wrongCode(), device_name: 'x' },
    { email: testApp.newEmail(), code: totpApp.wrongCode(), device_name: 'x' },
    { email, code: '', device_name: 'x' },
    { email: 'not an address', code: '000000', device_name: 'x' },
    {},
  ]) {
    responses.push(await add(testApp, FORM, form(fields as Record<string, string>)));
  }
  for (const { status, body, headers } of responses) {
    expect(status).toBe(401);
    expect(body).toBe('{"error":"invalid_credentials"}');
    expect(headers['set-cookie']).toBeUndefined();
    const { date: _, ...others } = headers;
    const { date: __, ...first } = responses[0]!.headers;
    expect(others).toEqual(first);
  }
});

test('must_survive_1_one_code_used_fifty_times_in_parallel_registers_one_device', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const code = await totpApp.code();
  const responses = await Promise.all(Array.from({ length: 50 }, () => add(testApp, FORM, form({ email, code, device_name: 'x' }))));
  const statuses = responses.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  // 503: a busy machine refuses requests that waited too long for their turn.
  expect(statuses.filter((status) => status !== 200 && status !== 401 && status !== 429 && status !== 503)).toEqual([]);
});

test('must_survive_2_an_older_code_after_a_newer_one_is_rejected', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const older = await totpApp.code();
  const newer = await totpApp.code();
  expect((await add(testApp, FORM, form({ email, code: newer, device_name: 'x' }))).status).toBe(200);
  expect((await add(testApp, FORM, form({ email, code: older, device_name: 'x' }))).status).toBe(401);
});

test('r39_stale_cookies_lock_no_user_out', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const cookie = `${DEVICE_COOKIE}=stale; ${DEVICE_COOKIE}-session=stale; ${DEVICE_COOKIE}-enrolment=stale; ${DEVICE_COOKIE}-flash=stale`;
  const response = await add(testApp, FORM, form({ email, code: await totpApp.code(), device_name: 'x' }), { cookie });
  expect(response.status).toBe(200);
});

test('r40_a_long_device_name_is_rejected_and_the_code_stays_valid', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const code = await totpApp.code();
  const response = await add(testApp, FORM, form({ email, code, device_name: 'x'.repeat(5000) }));
  expect(response.status).toBe(400);
  expect(JSON.parse(response.body)).toEqual({ error: 'bad_input', field: 'device_name', message: 'A name has at most 64 characters.' });
  expect((await add(testApp, FORM, form({ email, code, device_name: 'x' }))).status).toBe(200);
});

test('r13_guesses_are_throttled_with_a_stated_delay', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const guess = () => add(testApp, FORM, form({ email, code: totpApp.wrongCode(), device_name: 'x' }));
  for (let count = 0; count < 6; count++) await guess();
  const response = await guess();
  expect(response.status).toBe(429);
  expect(JSON.parse(response.body)).toEqual({ error: 'throttled' });
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
});

test('must_survive_14_a_page_of_another_site_cannot_register_a_device', async ({ testApp }) => {
  const { email, totpApp } = await provisioned(testApp);
  const body = form({ email, code: await totpApp.code(), device_name: 'x' });
  for (const [name, value] of [
    ['origin', 'https://evil.example'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
    ['sec-fetch-site', 'same-site'],
  ] as const) {
    const response = await add(testApp, FORM, body, { [name]: value });
    expect(response.status, `${name}: ${value}`).toBe(403);
    expect(response.headers['set-cookie']).toBeUndefined();
  }
});
