/** `/admin/clients…`, and access tokens on the page of a service. */
import * as jose from 'jose';
import { clock, type HttpResponse, ask, expect, type TestApp, test, type BrowserUser } from '../fixtures';

interface Client {
  id: string;
  secret: string;
}

/** A token request, as a program sends it. */
function tokenRequest(testApp: TestApp, { id, secret }: Client, parameters: Record<string, string> = {}): Promise<HttpResponse> {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...parameters }).toString();
  return ask('POST', `${testApp.server.url}/oauth/token`, { authorization, 'content-type': 'application/x-www-form-urlencoded' }, body);
}

async function accessToken(testApp: TestApp, client: Client): Promise<string> {
  const { status, body } = await tokenRequest(testApp, client);
  expect(status, body).toBe(200);
  return (JSON.parse(body) as { access_token: string }).access_token;
}

/** What a service is told of whoever sent it this token. */
function verify(testApp: TestApp, service: string, serviceToken: string, token: string): Promise<HttpResponse> {
  return ask('GET', `${testApp.server.internal}/verify/${service}`, {
    authorization: `Bearer ${serviceToken}`,
    'x-original-authorization': `Bearer ${token}`,
  });
}

/** The id of the client on whose page they are, as the page shows it. */
async function clientId({ page }: BrowserUser): Promise<string> {
  const id = await page.locator('#client-id').innerText();
  expect(new URL(page.url()).pathname).toBe(`/admin/clients/${id}`);
  return id;
}

/** Fills in the form and sends it. */
async function addClient(user: BrowserUser, name: string, service: string, scopes: string): Promise<void> {
  await user.goto('/admin/clients?add=1');
  const { page } = user;
  await page.getByLabel('Name').fill(name);
  await page.getByRole('checkbox', { name: new RegExp(`^${service}`) }).check();
  await page.getByRole('textbox', { name: 'Scopes' }).fill(scopes);
  await user.send('Add client');
  await expect(user.heading(name)).toBeVisible();
}

test('an administrator adds a client, which gets tokens until it is deleted', async ({ testApp, openBrowser }) => {
  const serviceToken = await testApp.service('photos', '--host', 'photos.example.com');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/clients');
  await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible();
  await expect(page.getByText('A client is a program that uses a service by itself')).toBeVisible();

  // The service says what tokens can do.
  await ada.goto('/admin/services/photos');
  const section = page.getByRole('region', { name: 'Access tokens' });
  await expect(section).toContainText('No client gets tokens for this service yet.');
  await section.getByRole('textbox', { name: 'Scopes' }).fill('albums:read albums:write');
  await ada.send('Save access tokens');
  await ada.expectStatus('Scopes and policy of access tokens were saved.');

  await section.getByRole('link', { name: 'Add a client' }).click();
  await expect(page.getByRole('checkbox', { name: 'photos Scopes: albums:read albums:write' })).toBeVisible();
  await addClient(ada, 'Backup', 'photos', 'albums:read');
  const id = await clientId(ada);
  const secret = await ada.secretOnce();
  expect(secret).toMatch(/^lkc_/);
  await expect(page.locator('#token-request-0')).toHaveText(
    `curl ${testApp.server.url}/oauth/token \\\n  -u "${id}:$CLIENT_SECRET" \\\n  -d grant_type=client_credentials`,
  );

  const client = { id, secret };
  const token = await accessToken(testApp, client);
  const accepted = await verify(testApp, 'photos', serviceToken, token);
  expect(accepted.status).toBe(200);
  expect(JSON.parse(accepted.body)).toMatchObject({ client_id: id, scopes: ['albums:read'] });

  // Where it is named, it is linked.
  await ada.goto('/admin/services/photos');
  await section.getByRole('link', { name: 'Backup' }).click();
  await expect(ada.heading('Backup')).toBeVisible();
  const events = page.getByRole('region', { name: 'Latest events' });
  await expect(events).toContainText('An access token was issued');
  await events.getByRole('link', { name: 'All events of this client' }).click();
  const log = page.getByRole('table');
  await expect(log.getByRole('link', { name: 'Backup' }).first()).toHaveAttribute('href', `/admin/clients/${id}`);
  await expect(log.getByText('An access token was issued')).toHaveCount(1);
  await expect(log.getByText('A client was added')).toHaveCount(1);
  await expect(log.getByText('A service was added')).toHaveCount(0);

  await ada.goto(`/admin/clients/${id}`);
  await page.getByRole('button', { name: 'Delete Backup' }).click();
  await ada.send('Delete permanently');
  expect(ada.currentPath()).toBe('/admin/clients');
  await ada.expectStatus('Backup was deleted.');
  const statuses = async () => [(await verify(testApp, 'photos', serviceToken, token)).status, (await tokenRequest(testApp, client)).status];
  await expect.poll(statuses, { timeout: 1000, intervals: [50] }).toEqual([404, 401]);
  await ada.gotoRefused(`/admin/clients/${id}`, 404);
});

test('errors stand beside their fields, and nothing is lost', async ({ testApp, openBrowser }) => {
  await testApp.service('wiki');
  await testApp.service('files');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/clients?add=1');
  const [name, scopes] = [page.getByLabel('Name'), page.getByRole('textbox', { name: 'Scopes' })];
  const service = (name: string) => page.getByRole('checkbox', { name: new RegExp(`^${name}`) });
  const group = (name: string) => page.getByRole('group', { name });
  await name.fill('Importer');
  await page.getByRole('radio', { name: /^Public/ }).check();
  await scopes.fill('pages:read');
  await ada.send('Add client');
  await expect(group('Gets tokens for')).toHaveAccessibleDescription(/Name at least one service/);
  await expect(name).toHaveValue('Importer');
  await expect(page.getByRole('radio', { name: /^Public/ })).toBeChecked();

  await service('wiki').check();
  await page.getByRole('checkbox', { name: /^client_credentials/ }).check();
  await ada.send('Add client');
  await expect(group('Grant types')).toHaveAccessibleDescription(/A public client has no secret, so it cannot use client_credentials/);
  await expect(service('wiki')).toBeChecked();
  await expect(service('files')).not.toBeChecked();
  await expect(page.getByRole('checkbox', { name: /^client_credentials/ })).toBeChecked();
  await expect(scopes).toHaveValue('pages:read');

  await page.getByRole('checkbox', { name: /^client_credentials/ }).uncheck();
  await scopes.fill('pages"read');
  await ada.send('Add client');
  await expect(scopes).toHaveAccessibleDescription(/A scope has 1 to 64 printable characters/);
  await scopes.fill('pages:read');
  await ada.unfold('Redirect URIs');
  await page.getByLabel('Redirect URIs').fill('http://elsewhere.example/callback');
  await page.getByRole('radio', { name: /^ES256/ }).check();
  await ada.send('Add client');
  const uris = page.getByLabel('Redirect URIs');
  await expect(uris, 'its part of the form is open').toBeVisible();
  await expect(uris).toHaveAccessibleDescription(/“http:\/\/elsewhere.example\/callback” is not a redirect URI/);
  await uris.fill('http://127.0.0.1/callback');
  await expect(page.getByRole('radio', { name: /^ES256/ })).toBeChecked();
  await ada.send('Add client');

  // A public client has no secret; whatever was chosen is on its page.
  await ada.expectStatus('Importer was added.');
  const details = page.getByRole('region', { name: 'Details' });
  for (const text of ['Public', 'wiki', 'pages:read', 'device_code', 'refresh_token', 'http://127.0.0.1/callback', 'ES256', 'Bearer token']) {
    await expect(details).toContainText(text);
  }
  await expect(page.getByRole('button', { name: 'Rotate secret' })).toHaveCount(0);
  // It asks its user with a code, and needs no secret for that.
  const id = await clientId(ada);
  await expect(page.locator('#token-request-0')).toHaveText(`curl ${testApp.server.url}/oauth/device \\\n  -d client_id=${id}`);
  await expect(page.locator('#token-request-1')).toContainText('grant_type=urn:ietf:params:oauth:grant-type:device_code');
  const begun = await ask('POST', `${testApp.server.url}/oauth/device`, { 'content-type': 'application/x-www-form-urlencoded' }, `client_id=${id}`);
  expect(JSON.parse(begun.body)).toMatchObject({ verification_uri: `${testApp.server.url}/activate` });
  await ada.goto('/admin/clients?add=1');
  await name.fill('Importer');
  await service('wiki').check();
  await ada.send('Add client');
  await expect(name).toHaveAccessibleDescription(/There is a client called Importer already/);
});

test('a rotated secret is accepted for its overlap, and ends with its tokens without one', async ({ testApp, openBrowser }) => {
  const serviceToken = await testApp.service('calendar');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await addClient(ada, 'Reminder', 'calendar', '');
  const id = await clientId(ada);
  const secrets = [await ada.secretOnce()];
  const token = await accessToken(testApp, { id, secret: secrets[0]! });
  const statuses = async () => Promise.all(secrets.map(async (secret) => (await tokenRequest(testApp, { id, secret })).status));
  for (const [overlap, expected, verified] of [
    ['1 hour', [200, 200], 200],
    ['None: it was leaked', [401, 401, 200], 404],
  ] as const) {
    await page.getByRole('button', { name: 'Rotate secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rotate the secret of Reminder' });
    await dialog.getByRole('radio', { name: overlap }).check();
    await ada.send(dialog.getByRole('button', { name: 'Rotate', exact: true }));
    secrets.push(await ada.secretOnce());
    // Secrets expire at whole seconds.
    await expect.poll(statuses, { timeout: 2000, intervals: [50] }).toEqual(expected);
    expect((await verify(testApp, 'calendar', serviceToken, token)).status).toBe(verified);
  }
  await expect(page.getByRole('region', { name: 'Secrets' }).getByRole('row')).toHaveCount(2);
});

test('a service that accepts a token once refuses it the second time', async ({ testApp, openBrowser }) => {
  const serviceToken = await testApp.service('metrics');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/services/metrics');
  const section = page.getByRole('region', { name: 'Access tokens' });
  await section.getByRole('textbox', { name: 'Scopes' }).fill('write "all"');
  await section.getByRole('radio', { name: /^Once/ }).check();
  await ada.send('Save access tokens');
  await expect(section.getByRole('textbox', { name: 'Scopes' })).toHaveAccessibleDescription(/A scope has 1 to 64 printable characters/);
  await expect(section.getByRole('textbox', { name: 'Scopes' })).toHaveValue('write "all"');
  await expect(section.getByRole('radio', { name: /^Once/ })).toBeChecked();
  await section.getByRole('textbox', { name: 'Scopes' }).fill('metrics:write');
  await ada.send('Save access tokens');
  await addClient(ada, 'Sensor', 'metrics', 'metrics:write');
  const id = await clientId(ada);
  const secret = await ada.secretOnce();
  const token = await accessToken(testApp, { id, secret });
  expect((await verify(testApp, 'metrics', serviceToken, token)).status).toBe(200);
  expect((await verify(testApp, 'metrics', serviceToken, token)).status).toBe(404);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Latest events' })).toContainText('A used access token was sent again');
});

test('an administrator adds, rotates and deletes a client without scripts', async ({ testApp, openBrowser }) => {
  await testApp.service('plain');
  const ada = await openBrowser({ as: await testApp.newUser({ name: 'Ada Lovelace', admin: true }), script: false });
  const { page } = ada;
  await ada.goto('/admin/clients');
  await ada.unfold('Add a client');
  await page.getByLabel('Name').fill('Plain');
  await ada.send('Add client');
  await expect(page.getByRole('group', { name: 'Gets tokens for' })).toHaveAccessibleDescription(/Name at least one service/);
  await expect(page.getByLabel('Name')).toHaveValue('Plain');
  await page.getByRole('checkbox', { name: /^plain/ }).check();
  await ada.send('Add client');
  const id = await clientId(ada);
  const secret = await page.locator('#revealed').innerText();
  expect((await tokenRequest(testApp, { id, secret })).status).toBe(200);
  await page.getByRole('button', { name: 'Rotate secret' }).click();
  await ada.send(page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }));
  await expect(page.locator('#revealed')).not.toHaveText(secret);
  await page.getByRole('button', { name: 'Delete Plain' }).click();
  await ada.send('Delete permanently');
  expect(ada.currentPath()).toBe('/admin/clients');
  expect((await tokenRequest(testApp, { id, secret })).status).toBe(401);
});

test('clients are searched and sorted by URL', async ({ testApp, openBrowser }) => {
  await testApp.service('listed');
  for (const args of [['Zebra'], ['Adder', '--public']]) await testApp.server.cli('client', 'add', ...args, '--audience', 'listed');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/clients?sort=kind');
  await page.getByRole('searchbox', { name: 'Search' }).fill('er');
  await ada.send('Find');
  expect(new URL(page.url()).searchParams.get('sort'), 'the order stays').toBe('kind');
  await expect(ada.rows().filter({ hasText: 'Adder' })).toHaveCount(1);
  await expect(ada.rows().filter({ hasText: 'Zebra' })).toHaveCount(0);
  await ada.goto('/admin/clients?q=nothing+of+this+name');
  await expect(page.getByText('Nothing matches “nothing of this name”')).toBeVisible();
  await page.getByRole('link', { name: 'Show all' }).click();
  const head = page.getByRole('columnheader', { name: 'Name' });
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await head.getByRole('link').click();
  await page.waitForURL(/sort=(-|%2D)name/);
  await expect(ada.rows().first()).toHaveText('Zebra');
});

for (const script of [true, false])
  test(`the form has what the command line has, and keeps what was typed ${script ? 'with' : 'without'} scripts`, async ({ testApp, openBrowser }) => {
    const service = script ? 'films' : 'series';
    await testApp.service(service);
    await testApp.server.cli('service', 'tokens', service, '--scope', 'films:read');
    const ada = await openBrowser({ as: await testApp.admin(), script });
    const { page } = ada;
    const name = script ? 'Gateway' : 'Plain gateway';
    await ada.goto('/admin/clients?add=1');
    await page.getByLabel('Name').fill(name);
    await page.getByRole('checkbox', { name: new RegExp(`^${service}`) }).check();
    await page.getByRole('textbox', { name: 'Scopes' }).fill('films:read');
    await page.getByText('Redirect URIs, algorithm, lifetime and keys').click();
    await page.getByRole('radio', { name: /^RS256/ }).check();
    await page.getByRole('spinbutton', { name: 'Access tokens are valid for' }).fill('300');
    const keys = page.getByRole('textbox', { name: 'Public keys' });
    await keys.fill('{"keys": [');
    await ada.send('Add client');
    // Nothing is lost, and what is wrong has the focus.
    await expect(keys).toHaveAccessibleDescription(/not a JWK set/);
    await expect(keys).toHaveValue('{"keys": [');
    await expect(keys).toBeFocused();
    await expect(page.getByLabel('Name')).toHaveValue(name);
    await expect(page.getByRole('radio', { name: /^RS256/ })).toBeChecked();
    await expect(page.getByRole('spinbutton', { name: 'Access tokens are valid for' })).toHaveValue('300');

    const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
    await keys.fill(JSON.stringify({ keys: [{ ...(await jose.exportJWK(publicKey)), kid: '1', alg: 'ES256' }] }));
    await ada.send('Add client');
    await ada.expectStatus('It has no secret, and authenticates with its keys.');
    const id = await clientId(ada);
    const now = Math.floor(clock.now() / 1000);
    const assertion = await new jose.SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(testApp.server.url)
      .setIssuedAt(now)
      .setExpirationTime(now + 60)
      .sign(privateKey);
    const form = { grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion };
    const response = await ask('POST', `${testApp.server.url}/oauth/token`, { 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(form).toString());
    expect(response.status, response.body).toBe(200);
    const issued = JSON.parse(response.body) as { access_token: string; expires_in: number };
    expect(issued.expires_in).toBe(300);
    expect(jose.decodeProtectedHeader(issued.access_token).alg).toBe('RS256');

    // The service demands nonces, by its form.
    await ada.goto(`/admin/services/${service}`);
    await page.getByRole('checkbox', { name: /^Proofs of possession need a nonce/ }).check();
    await ada.send('Save access tokens');
    await expect(page.getByRole('checkbox', { name: /^Proofs of possession need a nonce/ })).toBeChecked();
  });
