/** Real proxies with the configuration that Latchkey prints: redirects, identities and connections. */
import { Agent } from 'node:http';
import { createPublicKey, verify } from 'node:crypto';
import * as dpop from 'dpop';
import { ask, Echo, expect, find, freePort, OPEN, Proxy, raw, Relay, type StoredUser, test } from '../fixtures';
import { cookieOf, forEachProxy, PAGE, SCRIPT, seen } from '../fixtures/proxy-setup';

forEachProxy((kind, current) => {
  test(`${kind}: an anonymous navigation is redirected to login and then to the requested page`, async ({ openBrowser }) => {
    const { proxy, grace, echo, testApp } = current();
    const path = '/my%20album/f%C3%BCr?page=2&x=1&q=a%2Bb&next=%2Fhome&full=100%25';
    const page = `${proxy.url}${path}`;
    const response = await ask('GET', page, PAGE);
    expect(response.status).toBe(302);
    expect(response.headers.location).toBe(`${testApp.server.url}/login?return_to=${encodeURIComponent(page)}`);
    expect(echo.takePaths()).toEqual([]);

    const user = await openBrowser({ passkeys: grace.passkeys, autofill: false });
    user.problems.allow(/favicon/);
    await user.page.goto(page);
    await expect(user.page).toHaveURL(/\/login\?return_to=/);
    await user.page.getByRole('button', { name: 'Use a passkey' }).click();
    await user.page.waitForURL(page);
    expect(echo.takePaths()).toContain(path);
  });

  test(`${kind}: anonymous scripts, forms and WebSockets get 401 and no redirect`, async () => {
    const { proxy, echo } = current();
    for (const [method, headers] of [
      ['GET', SCRIPT],
      ['POST', PAGE],
      ['GET', { ...PAGE, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }],
    ] as const) {
      const response = await ask(method, `${proxy.url}/album`, headers);
      expect(response.status, method).toBe(401);
      expect(response.headers.location).toBeUndefined();
      expect(JSON.parse(response.body)).toMatchObject({ error: 'sign_in_required' });
    }
    expect(echo.takePaths()).toEqual([]);
  });

  test(`${kind}: the service gets a signed identity and the unchanged request`, async () => {
    const { proxy, grace, testApp, service } = current();
    const response = await ask('POST', `${proxy.url}/upload?x=%2F`, { ...PAGE, ...cookieOf(grace) }, 'hello');
    expect(response.status).toBe(200);
    const reached = seen(response);
    expect(reached).toMatchObject({ method: 'POST', url: '/upload?x=%2F', body: 'hello' });
    expect(reached.headers).toMatchObject({ 'latchkey-email': grace.email, 'latchkey-name': 'Grace Hopper', 'latchkey-role': 'member', 'latchkey-assurance': 'passkey' });
    const [head, claims, signature] = String(reached.headers['latchkey-assertion']).split('.');
    const { kid } = JSON.parse(Buffer.from(head!, 'base64url').toString()) as { kid: string };
    const { keys } = JSON.parse((await ask('GET', `${testApp.server.url}/.well-known/jwks.json`)).body) as { keys: { kid: string }[] };
    const key = createPublicKey({ key: keys.find((key) => key.kid === kid)! as never, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature!, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({ aud: service, sub: reached.headers['latchkey-subject'], email: grace.email });
  });

  test(`${kind}: a user without a grant gets 403 and no redirect`, async () => {
    const { proxy, testApp, echo } = current();
    const ada = await testApp.newUser();
    const page = await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(ada) });
    const script = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...cookieOf(ada) });
    for (const { status, headers } of [page, script]) {
      expect(status).toBe(403);
      expect(headers.location).toBeUndefined();
    }
    expect(page.body).toContain(`localhost:${proxy.port}`);
    expect(page.body).not.toContain('%0A');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(JSON.parse(script.body)).toMatchObject({ error: 'no_access' });
    const post = await ask('POST', `${proxy.url}/album`, { ...PAGE, ...cookieOf(ada) }, 'hello');
    expect(post.status).toBe(403);
    expect(JSON.parse(post.body)).toMatchObject({ error: 'no_access' });
    expect(echo.takePaths()).toEqual([]);
  });

  test(`${kind}: the service gets every cookie except those of Latchkey`, async () => {
    const { proxy, grace } = current();
    const { cookie } = cookieOf(grace);
    const large = `large=${'x'.repeat(6000)}`;
    for (const path of ['/album', '/assets/app.js'])
      for (const [sent, got] of [
        [cookie, ''],
        [`a=b; ${cookie}; c=d`, 'a=b; c=d'],
        [`${cookie}; a=b; latchkey-theme=dark`, 'a=b'],
        [`${large}; ${cookie}`, large],
        ['a=b', path === '/album' ? undefined : 'a=b'],
        [`a=b;\t${cookie}; c=d`, 'a=b; c=d'],
        [`a=b,${cookie}; c=d`, path === '/album' ? undefined : 'c=d'],
        // With a cookie domain it has another name.
        [`a=b; __Secure-latchkey=x; ${cookie}; __Host-latchkey-session=x; my__Host-latchkey=c; latchkey-themes=d`, 'a=b; my__Host-latchkey=c; latchkey-themes=d'],
      ] as const) {
        const response = await ask('GET', `${proxy.url}${path}`, { ...SCRIPT, cookie: sent });
        expect(response.status, sent.slice(0, 20)).toBe(got === undefined ? 401 : 200);
        if (got !== undefined) expect(seen(response).headers.cookie ?? '', sent.slice(0, 20)).toBe(got);
      }
    const twoLines = await raw(proxy.port, `GET /assets/app.js HTTP/1.1\r\nHost: localhost:${proxy.port}\r\nConnection: close\r\nCookie: a=b\r\nCookie: ${cookie}\r\n\r\n`);
    expect(twoLines.body).not.toContain(cookie);
  });

  test(`${kind}: a user with a grant opens a WebSocket`, async () => {
    const { proxy, grace, echo } = current();
    const socket = `Host: localhost:${proxy.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
    const { cookie } = cookieOf(grace);
    const response = await raw(proxy.port, `GET /live HTTP/1.1\r\n${socket}Cookie: ${cookie}\r\n\r\n`);
    expect(response.status).toBe(101);
    expect(response.headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    expect(response.body).toBe(OPEN);
    expect(echo.takePaths()).toEqual(['/live']);
  });

  test(`${kind}: a program gets through with its token and a proof, after it was told the nonce`, async () => {
    const { proxy, testApp, service } = current();
    await testApp.server.cli('service', 'tokens', service, '--scope', 'read', '--dpop-nonce');
    const { client_id, client_secret } = await testApp.server.cli<{ client_id: string; client_secret: string }>('client', 'add', `${kind} program`, '--audience', service, '--scope', 'read');
    await testApp.settle();
    const keys = await dpop.generateKeyPair('ES256', { extractable: false });
    const basic = { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' };
    const tokenUrl = `${testApp.server.url}/oauth/token`;
    const fetchToken = async (nonce?: string) => ask('POST', tokenUrl, { ...basic, dpop: await dpop.generateProof(keys, tokenUrl, 'POST', nonce) }, 'grant_type=client_credentials');
    const nonce = String((await fetchToken()).headers['dpop-nonce']);
    const token = (JSON.parse((await fetchToken(nonce)).body) as { access_token: string }).access_token;

    const url = `${proxy.url}/album`;
    const open = async (nonce?: string) => ask('GET', url, { authorization: `DPoP ${token}`, dpop: await dpop.generateProof(keys, url, 'GET', nonce, token) });
    const refused = await open();
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toBe('DPoP error="use_dpop_nonce"');
    const accepted = await open(String(refused.headers['dpop-nonce']));
    expect(accepted.status, accepted.body).toBe(200);
    expect(seen(accepted).headers).toMatchObject({ 'latchkey-subject': client_id, 'latchkey-scopes': 'read' });
    // As a bearer token it is worthless.
    const stolen = await ask('GET', url, { authorization: `Bearer ${token}` });
    expect(stolen.status).toBe(401);
    expect(stolen.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  test(`r15_r19_${kind}_missing_grants_and_revoked_devices_are_refused_within_a_second`, async () => {
    const { proxy, testApp, service } = current();
    const ada = await testApp.newUser();
    const open = () => ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(ada) });
    expect((await open()).status).toBe(403);
    await testApp.grant(ada.email, service);
    await testApp.settle();
    expect((await open()).status).toBe(200);
    const { items } = await testApp.server.cli<{ items: { id: string }[] }>('device', 'list', '--user', ada.email);
    await testApp.server.cli('device', 'revoke', items[0]!.id);
    await testApp.settle();
    expect((await open()).status).toBe(302);
  });

  test(`field_10_${kind}_connections_to_latchkey_and_the_service_are_reused`, async () => {
    const { testApp, grace } = current();
    const [echo, relay, port] = await Promise.all([Echo.start(), Relay.start(testApp.server.internalPort), freePort()]);
    const service = `${kind}-kept`;
    const token = await testApp.service(service, '--host', `localhost:${port}`);
    await testApp.grant(grace.email, service);
    await testApp.settle();
    const internal = String(testApp.server.internalPort);
    const proxy = await Proxy.start(kind, port, service, token, testApp.server, echo, (text) => text.replaceAll(internal, String(relay.port)));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const [toLatchkey, toService] = [relay.opened, echo.opened];
      for (let number = 0; number < 40; number++)
        for (const [who, status] of [
          [cookieOf(grace), 200],
          [{}, 401],
        ] as const)
          expect((await ask('POST', `${proxy.url}/album`, { ...SCRIPT, ...who }, 'hello', agent)).status).toBe(status);
      expect(relay.opened - toLatchkey).toBeLessThanOrEqual(2);
      expect(echo.opened - toService).toBeLessThanOrEqual(2);
      expect(echo.takePaths()).toHaveLength(40);
    } finally {
      agent.destroy();
      await proxy.stop();
      relay.stop();
      echo.stop();
    }
  });

  // Traefik has no setting for this, and waits for 30 s.
  if (kind !== 'traefik')
    test(`must_survive_23_${kind}_a_hanging_latchkey_is_a_quick_error`, async () => {
      const { proxy, grace, testApp, echo } = current();
      const resume = await testApp.server.freeze();
      try {
        const start = Date.now();
        const response = await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) });
        expect(response.status).toBeGreaterThanOrEqual(500);
        expect(Date.now() - start).toBeLessThan(25_000);
        expect(echo.takePaths()).toEqual([]);
      } finally {
        resume();
      }
      await expect.poll(async () => (await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) })).status).toBe(200);
    });

  test(`must_survive_23_${kind}_without_latchkey_every_request_is_refused`, async () => {
    const { proxy, grace, testApp, echo } = current();
    await testApp.server.crash();
    try {
      const response = await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) });
      expect(response.status).toBeGreaterThanOrEqual(500);
      expect(echo.takePaths()).toEqual([]);
    } finally {
      await testApp.server.run();
    }
    await expect.poll(async () => (await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) })).status).toBe(200);
  });
});

test('r24_nginx_internal_response_headers_never_reach_a_browser', async ({ testApp }) => {
  test.skip(!find('nginx') && !process.env.CI, 'nginx is not installed');
  const echo = await Echo.start();
  const port = await freePort();
  const token = await testApp.service('refusing', '--host', `localhost:${port}`);
  const grace = await testApp.newUser();
  await testApp.grant(grace.email, 'refusing', 'read:email');
  await testApp.settle();
  // A refusal by nginx itself of a request that Latchkey allows.
  const proxy = await Proxy.start('nginx', port, 'refusing', token, testApp.server, echo, (text) => text.replace('error_page 401', 'limit_except GET { deny all; }\n        error_page 401'));
  try {
    const response = await ask('DELETE', `${proxy.url}/album`, { ...SCRIPT, cookie: `a=b; ${cookieOf(grace).cookie}` });
    expect(response.status).toBe(403);
    expect(Object.keys(response.headers).filter((name) => /latchkey|cookie|remove/.test(name))).toEqual([]);
    expect(echo.takePaths()).toEqual([]);
  } finally {
    await proxy.stop();
    echo.stop();
  }
});

test('field_10_nginx_serves_several_services_each_with_its_own_upstream', async ({ testApp }) => {
  test.skip(!find('nginx') && !process.env.CI, 'nginx is not installed');
  const port = await freePort();
  const [photos, wiki] = await Promise.all([Echo.start(), Echo.start()]);
  const tokens = { photos: await testApp.service('pictures', '--host', `pictures.localhost:${port}`), wiki: await testApp.service('notes', '--host', `notes.localhost:${port}`) };
  const grace = await testApp.newUser();
  await testApp.grant(grace.email, 'pictures');
  await testApp.settle();
  const { items } = await testApp.server.cli<{ items: { text: string }[] }>('proxy', 'snippet', 'notes', '--for', 'nginx');
  const second = items[0]!.text.replaceAll('<token>', tokens.wiki).replaceAll('127.0.0.1:8080', `127.0.0.1:${wiki.port}`);
  const proxy = await Proxy.start('nginx', port, 'pictures', tokens.photos, testApp.server, photos, (text) => `${text}\n${second}`);
  try {
    const open = async (host: string) => (await ask('GET', `${proxy.url}/album`, { ...PAGE, host: `${host}.localhost:${port}`, ...cookieOf(grace) })).status;
    expect(await open('pictures')).toBe(200);
    expect(await open('notes')).toBe(403);
    await testApp.grant(grace.email, 'notes');
    await testApp.settle();
    expect(await open('notes')).toBe(200);
    expect([photos.takePaths(), wiki.takePaths()]).toEqual([['/album'], ['/album']]);
  } finally {
    await proxy.stop();
    photos.stop();
    wiki.stop();
  }
});

test('haproxy: two services with separate grants share one configuration', async ({ testApp }) => {
  test.skip(!find('haproxy') && !process.env.CI, 'haproxy is not installed');
  const port = await freePort();
  const [photos, wiki] = await Promise.all([Echo.start(), Echo.start()]);
  const tokens = { photos: await testApp.service('photos', '--host', `photos.localhost:${port}`), wiki: await testApp.service('wiki', '--host', `*.wiki.localhost:${port}`) };
  const grace = await testApp.newUser();
  await testApp.grant(grace.email, 'photos', 'read:email');
  await testApp.settle();
  const { items } = await testApp.server.cli<{ items: { path: string; text: string }[] }>('proxy', 'snippet', 'wiki', '--for', 'haproxy');
  const [lua, second] = items.map(({ text }) => text.replaceAll('<token>', tokens.wiki).replaceAll('127.0.0.1:8080', `127.0.0.1:${wiki.port}`));
  const part = (from: RegExp, to: RegExp) => second!.slice(second!.search(from), second!.search(to));
  const proxy = await Proxy.start('haproxy', port, 'photos', tokens.photos, testApp.server, photos, (text) => {
    if (!text.includes('frontend services')) return text;
    // As the configuration says: the line in `global`, and the rest once more.
    const both = text
      .replace(/^ *lua-load .*$/m, `$&\n${part(/ *lua-load/, /\n\ndefaults/)}`)
      .replace(/^ *use_backend .*$/m, `$&\n${part(/ *acl /, /\n\nbackend/)}`);
    return `${both}\n${second!.slice(second!.search(/backend wiki\n/))}`;
  }, [{ name: 'latchkey-wiki.lua', text: lua! }]);
  try {
    const open = async (host: string, who?: StoredUser) => (await ask('GET', `${proxy.url}/album`, { ...PAGE, host: `${host}:${port}`, ...(who && cookieOf(who)) })).status;
    for (let round = 0; round < 5; round++) {
      expect(await open('photos.localhost', grace)).toBe(200);
      expect(await open('team.wiki.localhost', grace)).toBe(403);
      expect(await open('photos.localhost')).toBe(302);
      expect(await open('team.wiki.localhost')).toBe(302);
      expect(await open('other.localhost', grace)).toBe(503);
      expect(await open('team.photos.localhost', grace)).toBe(503);
      expect(await open('a.team.wiki.localhost', grace)).toBe(503);
    }
    expect([photos.takePaths().length, wiki.takePaths().length]).toEqual([5, 0]);
    const page = await ask('GET', `${proxy.url}/album`, { ...PAGE, host: `photos.localhost:${port}`, 'latchkey-name': 'evil', ...cookieOf(grace) });
    expect(seen(page).headers['latchkey-email']).toBe(grace.email);
    expect(page.body).not.toContain('evil');
  } finally {
    await proxy.stop();
    photos.stop();
    wiki.stop();
  }
});
