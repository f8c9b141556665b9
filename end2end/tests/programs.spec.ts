/** Programs and their access tokens: what a client written by others does, and what its user sees. */
import * as dpop from 'dpop';
import * as oauth from 'oauth4webapi';
import { clock, expect, Terminal, type TestApp, test } from '../fixtures';
import { ask } from '../fixtures/http';

const insecure = { [oauth.allowInsecureRequests]: true };

/** What a client learns of the server, with what it was given. */
async function connect(testApp: TestApp, ...args: string[]) {
  const issuer = new URL(testApp.server.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const added = await testApp.server.cli<{ client_id: string; client_secret?: string }>('client', 'add', ...args);
  await testApp.settle();
  const authentication = added.client_secret ? oauth.ClientSecretBasic(added.client_secret) : oauth.None();
  const client: oauth.Client = { client_id: added.client_id, [oauth.clockSkew]: clock.ahead };
  return { server, client, authentication };
}

/** A service with the scope `read`, and its token. */
async function serviceWithTokens(testApp: TestApp, name: string, policy = 'reusable'): Promise<string> {
  const token = await testApp.service(name);
  await testApp.server.cli('service', 'tokens', name, '--scope', 'read', '--policy', policy);
  return token;
}

/** What the service is told about whoever brings an access token. */
function verify(testApp: TestApp, service: string, token: string, headers: Record<string, string>) {
  return ask('GET', `${testApp.server.internal}/verify/${service}`, { authorization: `Bearer ${token}`, ...headers });
}

test('a client gets a token, a resource server validates it offline, and a bearer of it is accepted', async ({ testApp }) => {
  const token = await serviceWithTokens(testApp, 'offline');
  const { server, client, authentication } = await connect(testApp, 'Offline', '--audience', 'offline', '--scope', 'read', '--algorithm', 'ES256');
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, { scope: 'read' }, insecure);
  const issued = await oauth.processClientCredentialsResponse(server, client, response);
  expect(issued).toMatchObject({ token_type: 'bearer', expires_in: 120, scope: 'read' });
  const request = new Request('https://offline.example.com/', { headers: { authorization: `Bearer ${issued.access_token}` } });
  const options = { ...insecure, [oauth.clockSkew]: clock.ahead };
  const claims = await oauth.validateJwtAccessToken(server, request, 'offline', options);
  expect(claims).toMatchObject({ iss: server.issuer, aud: 'offline', sub: client.client_id, client_id: client.client_id, scope: 'read' });
  await expect(oauth.validateJwtAccessToken(server, request, 'another', options)).rejects.toThrow(/aud/);
  const original = { 'x-original-authorization': `Bearer ${issued.access_token}` };
  expect((await verify(testApp, 'offline', token, original)).status).toBe(200);

  const body = await oauth.introspectionRequest(server, client, authentication, issued.access_token, insecure);
  expect(await oauth.processIntrospectionResponse(server, client, body)).toMatchObject({ active: true, aud: 'offline' });
  const revoked = await oauth.revocationRequest(server, client, authentication, issued.access_token, insecure);
  await oauth.processRevocationResponse(revoked);
  expect((await verify(testApp, 'offline', token, original)).status).toBe(404);
});

test('a user approves a terminal, whose bound tokens need a proof for each request', async ({ testApp, openBrowser }) => {
  const token = await serviceWithTokens(testApp, 'terminal');
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, 'terminal', 'read:email');
  const { server, client, authentication } = await connect(testApp, 'Terminal', '--public', '--audience', 'terminal', '--scope', 'read', '--scope', 'read:email', '--dpop');
  const asked = await oauth.deviceAuthorizationRequest(server, client, authentication, { scope: 'read read:email' }, insecure);
  const code = await oauth.processDeviceAuthorizationResponse(server, client, asked);
  expect(code).toMatchObject({ interval: 5, expires_in: 600 });

  const browser = await openBrowser({ as: grace });
  const { page } = browser;
  await browser.goto('/activate');
  await page.getByLabel('Code').fill('BCDF-GHJK');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByLabel('Code')).toHaveAccessibleDescription(/wrong, or has expired/);
  await page.getByLabel('Code').fill(code.user_code.toLowerCase().replace('-', ' '));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Let “Terminal” use terminal in your name?');
  await expect(page.getByText('read · read:email')).toBeVisible();
  await browser.send(page.getByRole('button', { name: 'Approve' }));
  await browser.expectStatus('The program was approved.');

  const keys = await oauth.generateKeyPair('ES256', { extractable: false });
  const proofs = oauth.DPoP(client, keys);
  const options = { DPoP: proofs, ...insecure };
  // The first proof has no nonce; the library tries again with the one that it gets.
  const fetchTokens = async () => oauth.processDeviceCodeResponse(server, client, await oauth.deviceCodeGrantRequest(server, client, authentication, code.device_code, options));
  await expect(fetchTokens()).rejects.toMatchObject({ error: 'use_dpop_nonce' });
  const issued = await fetchTokens();
  expect(issued).toMatchObject({ token_type: 'dpop', scope: 'read read:email' });

  const url = 'https://terminal.example.com/files';
  const proven = async () => ({
    'x-original-authorization': `DPoP ${issued.access_token}`,
    'x-original-method': 'GET',
    'x-original-url': url,
    dpop: await dpop.generateProof(keys as dpop.KeyPair, url, 'GET', undefined, issued.access_token),
  });
  const headers = await proven();
  const accepted = await verify(testApp, 'terminal', token, headers);
  expect(JSON.parse(accepted.body)).toMatchObject({ client_id: client.client_id, email: grace.email, auth: { methods: expect.any(Array) } });
  expect((await verify(testApp, 'terminal', token, headers)).status, 'the same proof').toBe(404);
  const asBearer = { 'x-original-authorization': `Bearer ${issued.access_token}` };
  expect((await verify(testApp, 'terminal', token, asBearer)).status, 'as a bearer token').toBe(404);

  const refreshed = await oauth.refreshTokenGrantRequest(server, client, authentication, issued.refresh_token!, options);
  const next = await oauth.processRefreshTokenResponse(server, client, refreshed);
  expect(next.refresh_token).not.toBe(issued.refresh_token);

  await browser.goto('/activity');
  await expect(page.getByText('A program was approved')).toBeVisible();
  await browser.goto('/');
  await browser.send('Sign out');
  expect((await verify(testApp, 'terminal', token, await proven())).status, 'after signing out').toBe(404);
});

test('a user denies a program, and it gets nothing', async ({ testApp, openBrowser }) => {
  await serviceWithTokens(testApp, 'denied');
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, 'denied');
  const { server, client, authentication } = await connect(testApp, 'Denied', '--public', '--audience', 'denied');
  const asked = await oauth.deviceAuthorizationRequest(server, client, authentication, {}, insecure);
  const code = await oauth.processDeviceAuthorizationResponse(server, client, asked);
  const browser = await openBrowser({ as: grace });
  await browser.goto(new URL(code.verification_uri_complete!).pathname + new URL(code.verification_uri_complete!).search);
  await browser.send(browser.page.getByRole('button', { name: 'Deny' }));
  await browser.expectStatus('The program was denied.');
  const denied = oauth.deviceCodeGrantRequest(server, client, authentication, code.device_code, insecure);
  await expect(denied.then((response) => oauth.processDeviceCodeResponse(server, client, response))).rejects.toMatchObject({ error: 'access_denied' });
});

test('a user sees which programs act for them, revokes one without scripts, and is told of a token that was used twice', async ({ testApp, openBrowser }) => {
  const token = await serviceWithTokens(testApp, 'watched');
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, 'watched');
  const { server, client, authentication } = await connect(testApp, 'Watched', '--public', '--audience', 'watched', '--scope', 'read');
  const browser = await openBrowser({ as: grace, script: false });
  const { page } = browser;
  await browser.goto('/devices');
  await expect(page.getByRole('heading', { name: 'Programs' })).toHaveCount(0);
  const signIn = async () => {
    const asked = await oauth.deviceAuthorizationRequest(server, client, authentication, {}, insecure);
    const code = await oauth.processDeviceAuthorizationResponse(server, client, asked);
    await browser.goto(`/activate?code=${code.user_code}`);
    await browser.send(page.getByRole('button', { name: 'Approve' }));
    return oauth.processDeviceCodeResponse(server, client, await oauth.deviceCodeGrantRequest(server, client, authentication, code.device_code, insecure));
  };
  const accepted = async (issued: oauth.TokenEndpointResponse) => (await verify(testApp, 'watched', token, { 'x-original-authorization': `Bearer ${issued.access_token}` })).status === 200;

  const first = await signIn();
  expect(await accepted(first)).toBe(true);
  await browser.goto('/devices');
  const program = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Watched at watched' }) });
  await expect(program).toContainText('read');
  await program.getByRole('button', { name: 'Revoke Watched at watched' }).click();
  await browser.send(program.getByRole('button', { name: 'Revoke access' }));
  await browser.expectStatus('The program no longer has access.');
  expect(await accepted(first)).toBe(false);

  const second = await signIn();
  const refresh = () => oauth.refreshTokenGrantRequest(server, client, authentication, second.refresh_token!, insecure);
  expect((await refresh()).status).toBe(200);
  expect((await refresh()).status, 'the same refresh token').toBe(400);
  await browser.goto('/');
  const told = page.getByRole('region', { name: 'New on your account' });
  await expect(told).toContainText('A refresh token of “Watched” was used twice, so the program was signed out.');
  await browser.send(told.getByRole('button', { name: 'Mark all as read' }));
  await expect(page.getByText('was used twice')).toHaveCount(0);
});

test('an administrator sees and revokes the programs of a user', async ({ testApp, openBrowser }) => {
  await serviceWithTokens(testApp, 'managed');
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, 'managed');
  const { server, client, authentication } = await connect(testApp, 'Managed', '--public', '--audience', 'managed');
  const asked = await oauth.deviceAuthorizationRequest(server, client, authentication, {}, insecure);
  const code = await oauth.processDeviceAuthorizationResponse(server, client, asked);
  const user = await openBrowser({ as: grace });
  await user.goto(`/activate?code=${code.user_code}`);
  await user.send(user.page.getByRole('button', { name: 'Approve' }));
  expect((await oauth.deviceCodeGrantRequest(server, client, authentication, code.device_code, insecure)).status).toBe(200);

  const { items } = await testApp.server.cli<{ items: { id: string; client: string; user_id: string }[] }>('token', 'list', '--user', grace.email);
  expect(items).toMatchObject([{ client: 'Managed', service: 'managed' }]);
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto(`/admin/users/${items[0]!.user_id}`);
  await ada.page.getByRole('button', { name: 'Revoke Managed at managed' }).click();
  await ada.send('Revoke access');
  await ada.expectStatus('The program no longer has access.');
  expect((await testApp.server.cli<{ items: unknown[] }>('token', 'list', '--user', grace.email)).items).toEqual([]);
});

test('a user makes a terminal a device of theirs with latchkey login, and revokes it', async ({ testApp, openBrowser }) => {
  const token = await testApp.service('files');
  await testApp.server.cli('service', 'tokens', 'files', '--scope', 'read', '--native');
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, 'files', 'read:email');
  await testApp.settle();
  const terminal = new Terminal(testApp.server);
  try {
    const url = 'https://files.example.com/list?page=2';
    const ask = async () => {
      const { authorization, dpop } = await terminal.headersFor(url, '--audience', 'files');
      return { 'x-original-authorization': authorization!, 'x-original-method': 'GET', 'x-original-url': url, dpop: dpop! };
    };
    const shown = await terminal.login('--audience', 'files');
    const browser = await openBrowser({ as: grace });
    const { page } = browser;
    await browser.goto(new URL(shown.uri).pathname + new URL(shown.uri).search);
    await expect(browser.heading('Let “Latchkey command line” use files in your name?')).toBeVisible();
    await expect(page.getByText('It becomes a device of yours')).toBeVisible();
    await expect(page.getByText(shown.key, { exact: true })).toBeVisible();
    await expect(page.getByText(shown.code, { exact: true })).toBeVisible();
    await browser.send(page.getByRole('button', { name: 'Approve' }));
    expect(await terminal.loggedIn()).toBe(0);

    const headers = await ask();
    const accepted = await verify(testApp, 'files', token, headers);
    expect(JSON.parse(accepted.body)).toMatchObject({ email: grace.email, scopes: expect.arrayContaining(['read', 'read:email']) });
    expect((await verify(testApp, 'files', token, headers)).status, 'the same proof').toBe(404);
    const alone = { 'x-original-authorization': headers['x-original-authorization'].replace('DPoP', 'Bearer') };
    expect((await verify(testApp, 'files', token, alone)).status, 'without the key').toBe(404);

    await browser.goto('/devices');
    const device = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: /^Latchkey command line · / }) });
    await expect(device).toContainText('May use files');
    await expect(page.getByRole('heading', { name: 'Programs' })).toHaveCount(0);
    const last = await ask();
    await device.getByRole('button', { name: /^Revoke Latchkey/ }).click();
    await browser.send(device.getByRole('button', { name: 'Revoke device' }));
    await browser.expectStatus('The device was revoked.');
    expect((await verify(testApp, 'files', token, last)).status, 'after the device was revoked').toBe(404);
    expect(await terminal.run('token', 'get')).toMatchObject({ code: 1, stderr: expect.stringContaining('invalid_grant') });

    // It needs a new key, and logs out by itself then.
    const again = await terminal.login();
    expect(again.key).not.toBe(shown.key);
    await browser.goto(`/activate?code=${again.code}`);
    await browser.send(page.getByRole('button', { name: 'Approve' }));
    expect(await terminal.loggedIn()).toBe(0);
    expect((await verify(testApp, 'files', token, await ask())).status).toBe(200);
    expect((await terminal.run('logout')).code).toBe(0);
    await browser.goto('/devices');
    await expect(device).toHaveCount(0);
    expect(await terminal.run('token', 'get')).toMatchObject({ code: 1, stderr: expect.stringContaining('not logged in') });
  } finally {
    terminal.close();
  }
});

test('a user denies a terminal, and a service that accepts none is not asked for', async ({ testApp, openBrowser }) => {
  await testApp.service('closed');
  await testApp.service('open');
  await testApp.server.cli('service', 'tokens', 'open', '--native');
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, 'open');
  await testApp.settle();
  const terminal = new Terminal(testApp.server);
  try {
    const refused = await terminal.run('login', '--server', testApp.server.url, '--audience', 'closed');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('invalid_target') });
    const shown = await terminal.login('--audience', 'open');
    const browser = await openBrowser({ as: grace });
    await browser.goto(`/activate?code=${shown.code}`);
    await browser.send(browser.page.getByRole('button', { name: 'Deny' }));
    expect(await terminal.loggedIn()).toBe(1);
    expect((await terminal.run('token', 'get')).stderr).toContain('not logged in');
  } finally {
    terminal.close();
  }
});
