/** Real proxies with the configuration that Latchkey prints: nobody gets around it, and who comes in is named. */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPublicKey, verify } from 'node:crypto';
import { type Answer, ask, DEVICE_COOKIE, deviceOf, Echo, expect, find, freePort, type TestApp, OPEN, PROXIES, Proxy, type Reached, raw, Relay, type StoredUser, serveFor, test } from '../fixtures';

const PAGE = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };
const SCRIPT = { accept: '*/*', 'sec-fetch-mode': 'cors' };
const RULES = ['public GET /assets/*', 'admins /settings/*', 'nobody /metrics'];

interface Street {
  testApp: TestApp;
  echo: Echo;
  proxy: Proxy;
  service: string;
  grace: StoredUser;
}

/** A service with rules behind a real proxy, and somebody who may enter it. */
async function build(testApp: TestApp, kind: (typeof PROXIES)[number]): Promise<Street> {
  const echo = await Echo.start();
  const port = await freePort();
  const service = `${kind}-photos`;
  const token = await testApp.service(service, '--host', `localhost:${port}`, ...RULES.flatMap((rule) => ['--rule', rule]));
  const grace = await testApp.person({ name: 'Grace Hopper' });
  await testApp.grant(grace.email, service, 'read:username', 'read:email', 'read:user-role');
  const proxy = await Proxy.start(kind, port, service, token, testApp.server, echo);
  await testApp.settle();
  return { testApp, echo, proxy, service, grace };
}

const cookieOf = (storedUser: StoredUser) => ({ cookie: `${DEVICE_COOKIE}=${deviceOf(storedUser)}` });
const seen = (answer: Answer) => JSON.parse(answer.body) as Reached;

for (const kind of PROXIES) {
  test.describe(kind, () => {
    test.skip(!find(kind) && !process.env.CI, `${kind} is not installed`);
    test.use({ serve: serveFor(kind) });

    let street: Street;
    test.beforeEach(async ({ testApp }) => {
      street ??= await build(testApp, kind);
      await sleep(300);
      street.echo.take();
    });
    test.afterAll(async () => {
      await street?.proxy.stop();
      street?.echo.stop();
    });

    test(`${kind}: an anonymous navigation is redirected to login and then to the requested page`, async ({ openBrowser }) => {
      const { proxy, grace, echo, testApp } = street;
      const path = '/my%20album/f%C3%BCr?page=2&x=1&q=a%2Bb&next=%2Fhome&full=100%25';
      const page = `${proxy.url}${path}`;
      const answer = await ask('GET', page, PAGE);
      expect(answer.status).toBe(302);
      expect(answer.headers.location).toBe(`${testApp.server.url}/login?return_to=${encodeURIComponent(page)}`);
      expect(echo.take()).toEqual([]);

      const user = await openBrowser({ passkeys: grace.passkeys, autofill: false });
      user.watch.allow(/favicon/);
      await user.page.goto(page);
      await expect(user.page).toHaveURL(/\/login\?return_to=/);
      await user.page.getByRole('button', { name: 'Use a passkey' }).click();
      await user.page.waitForURL(page);
      expect(echo.take()).toContain(path);
    });

    test(`${kind}: anonymous scripts, forms and WebSockets get 401 and no redirect`, async () => {
      const { proxy, echo } = street;
      for (const [method, headers] of [
        ['GET', SCRIPT],
        ['POST', PAGE],
        ['GET', { ...PAGE, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }],
      ] as const) {
        const answer = await ask(method, `${proxy.url}/album`, headers);
        expect(answer.status, method).toBe(401);
        expect(answer.headers.location).toBeUndefined();
        expect(JSON.parse(answer.body)).toMatchObject({ error: 'sign_in_required' });
      }
      expect(echo.take()).toEqual([]);
    });

    test(`${kind}: the service gets a signed identity and the unchanged request`, async () => {
      const { proxy, grace, testApp, service } = street;
      const answer = await ask('POST', `${proxy.url}/upload?x=%2F`, { ...PAGE, ...cookieOf(grace) }, 'hello');
      expect(answer.status).toBe(200);
      const reached = seen(answer);
      expect(reached).toMatchObject({ method: 'POST', url: '/upload?x=%2F', body: 'hello' });
      expect(reached.headers).toMatchObject({ 'latchkey-email': grace.email, 'latchkey-name': 'Grace Hopper', 'latchkey-role': 'user', 'latchkey-assurance': 'passkey' });
      const [head, claims, signature] = String(reached.headers['latchkey-assertion']).split('.');
      const { kid } = JSON.parse(Buffer.from(head!, 'base64url').toString()) as { kid: string };
      const { keys } = JSON.parse((await ask('GET', `${testApp.server.url}/.well-known/jwks.json`)).body) as { keys: { kid: string }[] };
      const key = createPublicKey({ key: keys.find((key) => key.kid === kid)! as never, format: 'jwk' });
      const signed = Buffer.from(`${head}.${claims}`);
      expect(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature!, 'base64url'))).toBe(true);
      expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({ aud: service, sub: reached.headers['latchkey-subject'], email: grace.email });
    });

    test(`${kind}: a user without a grant gets 403 and no redirect`, async () => {
      const { proxy, testApp, echo } = street;
      const ada = await testApp.person();
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
      expect(echo.take()).toEqual([]);
    });

    test(`${kind}: the service gets every cookie except those of Latchkey`, async () => {
      const { proxy, grace } = street;
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
          // With a domain for all hosts it has another name.
          [`a=b; __Secure-latchkey=x; ${cookie}; __Host-latchkey-session=x; my__Host-latchkey=c; latchkey-themes=d`, 'a=b; my__Host-latchkey=c; latchkey-themes=d'],
        ] as const) {
          const answer = await ask('GET', `${proxy.url}${path}`, { ...SCRIPT, cookie: sent });
          expect(answer.status, sent.slice(0, 20)).toBe(got === undefined ? 401 : 200);
          if (got !== undefined) expect(seen(answer).headers.cookie ?? '', sent.slice(0, 20)).toBe(got);
        }
      const twoLines = await raw(proxy.port, `GET /assets/app.js HTTP/1.1\r\nHost: localhost:${proxy.port}\r\nConnection: close\r\nCookie: a=b\r\nCookie: ${cookie}\r\n\r\n`);
      expect(twoLines.body).not.toContain(cookie);
    });

    test(`r20_r24_r25_${kind}_identity_headers_of_a_browser_never_reach_the_service`, async () => {
      const { proxy, grace, testApp, service } = street;
      const evil = {
        'Latchkey-Subject': 'evil',
        'latchkey-email': 'evil@example.com',
        'LATCHKEY_EMAIL': 'evil',
        'Latchkey-Assertion': 'evil',
        'Remote-User': 'evil',
        Remote_User: 'evil',
        'X-Forwarded-User': 'evil',
        'X-Forwarded_User': 'evil',
        'X-Auth-Request-Email': 'evil',
        // Another path, method or place than those that were asked about.
        'X-Original-URL': '/evil',
        'X-Rewrite-URL': '/evil',
        'X-HTTP-Method-Override': 'evil',
        'X-Forwarded-Prefix': '/evil',
        'X-Forwarded-Host': 'evil.example',
        'X-Forwarded-Proto': 'evil',
        'X-Real-IP': 'evil',
        'X-Forwarded-For': 'evil',
        'X-Script-Name': '/evil',
        'X-Original-Method': 'evil',
        'X-Forwarded-Uri': '/evil',
        Forwarded: 'for=evil',
      };
      // All that a header's name may have beside letters and digits (RFC 9110 §5.6.2), one request each: proxies count headers.
      for (const letter of "-_.!#$%&'*+^`|~") {
        const names = ['Latchkey Subject', 'Latchkey Email', 'Latchkey Name', 'Latchkey Role', 'Latchkey Scopes', 'Latchkey Assurance', 'Latchkey Assertion', 'Remote User', 'X Forwarded User', 'X Auth Request User'];
        const forged = Object.fromEntries(names.map((name) => [name.replaceAll(' ', letter), 'evil']));
        for (const [path, who] of [
          ['/album', cookieOf(grace)],
          ['/assets/app.js', {}],
        ] as const) {
          const answer = await ask('GET', `${proxy.url}${path}`, { ...SCRIPT, ...forged, ...who });
          expect(answer.status, `${letter} ${path}`).toBe(200);
          expect(answer.body, `${letter} ${path}`).not.toContain('evil');
        }
      }
      for (const connection of ['close', 'close, Latchkey-Subject, Latchkey-Email, X-Forwarded-Host', 'Latchkey-Assertion']) {
        const member = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...evil, connection, ...cookieOf(grace) });
        // Envoy lets nobody have the headers of proxies dropped.
        if (kind === 'envoy' && connection.includes('X-Forwarded')) {
          expect(member.status).toBe(400);
          continue;
        }
        expect(member.status, connection).toBe(200);
        expect(member.body, connection).not.toContain('evil');
        expect(seen(member).headers['latchkey-email'], connection).toBe(grace.email);
        expect(seen(member).headers['latchkey-assertion'], connection).toBeDefined();
        const stranger = await ask('GET', `${proxy.url}/assets/app.js`, { ...SCRIPT, ...evil, connection });
        expect(stranger.status, connection).toBe(200);
        expect(stranger.body, connection).not.toContain('evil');
        for (const answer of [member, stranger]) expect(seen(answer).headers.connection ?? '', connection).not.toContain('Latchkey');
      }
      // Who is not known has no name at all, and what a grant does not tell is not there.
      const named = (answer: Answer) => Object.keys(seen(answer).headers).filter((name) => name.startsWith('latchkey-')).sort();
      expect(named(await ask('GET', `${proxy.url}/assets/app.js`, SCRIPT))).toEqual([]);
      const ada = await testApp.person();
      await testApp.grant(ada.email, service, 'read:username');
      await testApp.settle();
      const shy = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...cookieOf(ada) });
      expect(named(shy)).toEqual(['latchkey-assertion', 'latchkey-assurance', 'latchkey-name', 'latchkey-scopes', 'latchkey-subject']);
    });

    test(`r21_${kind}_forwarded_headers_of_a_browser_are_ignored`, async () => {
      const { proxy, echo } = street;
      for (const forged of [
        { 'x-forwarded-uri': '/assets/app.js' },
        { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/assets/app.js', 'x-forwarded-host': 'localhost' },
        { 'x-original-url': `${proxy.url}/assets/app.js` },
        { 'x-original-url': `${proxy.url}/assets/app.js`, 'x-original-method': 'GET' },
        { x_forwarded_uri: '/assets/app.js' },
        { 'x-forwarded-for': '127.0.0.1' },
        { 'x-forwarded-prefix': '/assets' },
        { authorization: 'Bearer lk_0000000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
        { 'user-agent': 'kube-probe/1.30' },
      ] as Record<string, string>[]) {
        const answer = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...forged });
        expect([401, 403], JSON.stringify(forged)).toContain(answer.status);
      }
      expect(echo.take()).toEqual([]);
    });

    test(`r22_must_survive_22_${kind}_no_spelling_of_a_path_bypasses_a_rule`, async () => {
      const { proxy, grace, echo } = street;
      const { cookie } = cookieOf(grace);
      const get = (path: string, more = '') => raw(proxy.port, `GET ${path} HTTP/1.1\r\nHost: localhost:${proxy.port}\r\nConnection: close\r\n${more}\r\n`);
      for (const path of [
        '/settings/users',
        '/Settings/users',
        '/s%65ttings/users',
        '/settings',
        '/settings/users?x=/assets/app.js',
        '/assets/../settings/users',
        '/assets/%2e%2e/settings/users',
        '/assets/..%2fsettings/users',
        '/assets/%252e%252e/settings/users',
        '//settings/users',
        '/settings;x/users',
        '/settings%00',
        '/metrics',
        '/METRICS/',
      ]) {
        for (const who of ['', `Cookie: ${cookie}\r\n`]) {
          const { status } = await get(path, who);
          expect(status === 0 || status >= 300, `${path} gave ${status}`).toBe(true);
        }
      }
      expect(echo.take()).toEqual([]);
      expect((await get('/assets/app.js')).status).toBe(200);
    });

    test(`r22_${kind}_an_absolute_form_target_is_verified_as_it_is_forwarded`, async () => {
      const { proxy, echo } = street;
      const host = `localhost:${proxy.port}`;
      for (const target of [
        `http://${host}/assets/app.js`,
        `http://x?page=admin&y=@${host}/assets/app.js`,
        `http://x#@${host}/assets/app.js`,
        `http://${host}?x=/assets/app.js`,
        `http://${host}\\settings\\x?@${host}/assets/app.js`,
        `http://evil@${host}/assets/app.js`,
        `evil://${host}/assets/app.js`,
        `//${host}/assets/app.js`,
        `http:/assets/app.js`,
        `/assets/app.js`,
      ])
        await raw(proxy.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const reached = echo.take();
      expect(reached.length).toBeGreaterThan(0);
      for (const url of reached) expect(url).toBe('/assets/app.js');
    });

    test(`${kind}: a user with a grant opens a WebSocket`, async () => {
      const { proxy, grace, echo } = street;
      const socket = `Host: localhost:${proxy.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
      const { cookie } = cookieOf(grace);
      const answer = await raw(proxy.port, `GET /live HTTP/1.1\r\n${socket}Cookie: ${cookie}\r\n\r\n`);
      expect(answer.status).toBe(101);
      expect(answer.headers['sec-websocket-accept']).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
      expect(answer.body).toBe(OPEN);
      expect(echo.take()).toEqual(['/live']);
    });

    // Through a connection that speaks HTTP/2 behind the proxy's back, everything could be asked for without a question.
    test(`r22_${kind}_a_connection_can_be_upgraded_to_websocket_only`, async () => {
      const { proxy, grace } = street;
      const { cookie } = cookieOf(grace);
      for (const [path, who] of [
        ['/assets/app.js', ''],
        ['/album', `Cookie: ${cookie}\r\n`],
      ])
        for (const upgrade of ['h2c', 'H2C', 'h2c, websocket', 'websocket, h2c', 'websocket\r\nUpgrade: h2c', 'h2c\r\nUpgrade: websocket', 'TLS/1.0', 'other'])
          for (const connection of ['Upgrade, HTTP2-Settings', 'close, upgrade']) {
            const lines = `Host: localhost:${proxy.port}\r\nConnection: ${connection}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nUpgrade: ${upgrade}\r\n`;
            const said = `${path} ${connection} ${upgrade}`;
            const answer = await raw(proxy.port, `GET ${path} HTTP/1.1\r\n${lines}${who}\r\n`, { patience: 200 });
            if (answer.status !== 200) {
              // Refused by the proxy, or become what was asked for beside something else: a WebSocket.
              expect([101, 400, 403], said).toContain(answer.status);
              if (answer.status === 101) expect(answer.headers.upgrade, said).toBe('websocket');
              continue;
            }
            expect([undefined, 'websocket'], said).toContain(seen(answer).headers.upgrade);
          }
    });

    test(`r15_r19_${kind}_missing_grants_and_revoked_devices_are_refused_within_a_second`, async () => {
      const { proxy, testApp, service } = street;
      const ada = await testApp.person();
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
      const { testApp, grace } = street;
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
        expect(echo.take()).toHaveLength(40);
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
        const { proxy, grace, testApp, echo } = street;
        const thaw = await testApp.server.freeze();
        try {
          const start = Date.now();
          const answer = await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) });
          expect(answer.status).toBeGreaterThanOrEqual(500);
          expect(Date.now() - start).toBeLessThan(25_000);
          expect(echo.take()).toEqual([]);
        } finally {
          thaw();
        }
        await expect.poll(async () => (await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) })).status).toBe(200);
      });

    test(`must_survive_23_${kind}_without_latchkey_every_request_is_refused`, async () => {
      const { proxy, grace, testApp, echo } = street;
      await testApp.server.crash();
      try {
        const answer = await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) });
        expect(answer.status).toBeGreaterThanOrEqual(500);
        expect(echo.take()).toEqual([]);
      } finally {
        await testApp.server.run();
      }
      await expect.poll(async () => (await ask('GET', `${proxy.url}/album`, { ...PAGE, ...cookieOf(grace) })).status).toBe(200);
    });
  });
}

test('r24_nginx_internal_response_headers_never_reach_a_browser', async ({ testApp }) => {
  test.skip(!find('nginx') && !process.env.CI, 'nginx is not installed');
  const echo = await Echo.start();
  const port = await freePort();
  const token = await testApp.service('refusing', '--host', `localhost:${port}`);
  const grace = await testApp.person();
  await testApp.grant(grace.email, 'refusing', 'read:email');
  await testApp.settle();
  // A refusal of nginx's own, which Latchkey would have allowed.
  const proxy = await Proxy.start('nginx', port, 'refusing', token, testApp.server, echo, (text) => text.replace('error_page 401', 'limit_except GET { deny all; }\n        error_page 401'));
  try {
    const answer = await ask('DELETE', `${proxy.url}/album`, { ...SCRIPT, cookie: `a=b; ${cookieOf(grace).cookie}` });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => /latchkey|cookie|remove/.test(name))).toEqual([]);
    expect(echo.take()).toEqual([]);
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
  const grace = await testApp.person();
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
    expect([photos.take(), wiki.take()]).toEqual([['/album'], ['/album']]);
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
  const grace = await testApp.person();
  await testApp.grant(grace.email, 'photos', 'read:email');
  await testApp.settle();
  const { items } = await testApp.server.cli<{ items: { path: string; text: string }[] }>('proxy', 'snippet', 'wiki', '--for', 'haproxy');
  const [lua, second] = items.map(({ text }) => text.replaceAll('<token>', tokens.wiki).replaceAll('127.0.0.1:8080', `127.0.0.1:${wiki.port}`));
  const part = (from: RegExp, to: RegExp) => second!.slice(second!.search(from), second!.search(to));
  const proxy = await Proxy.start('haproxy', port, 'photos', tokens.photos, testApp.server, photos, (text) => {
    if (!text.includes('frontend services')) return text;
    // What the configuration says itself: the line in `global`, and what follows once more.
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
    expect([photos.take().length, wiki.take().length]).toEqual([5, 0]);
    const page = await ask('GET', `${proxy.url}/album`, { ...PAGE, host: `photos.localhost:${port}`, 'latchkey-name': 'evil', ...cookieOf(grace) });
    expect(seen(page).headers['latchkey-email']).toBe(grace.email);
    expect(page.body).not.toContain('evil');
  } finally {
    await proxy.stop();
    photos.stop();
    wiki.stop();
  }
});
