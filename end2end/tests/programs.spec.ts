/** Programs and their access tokens: what a client written by others does, and what its user sees. */
import * as dpop from 'dpop';
import * as oauth from 'oauth4webapi';
import { clock, expect, type TestApp, test } from '../fixtures';
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
