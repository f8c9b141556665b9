/** Real proxies with the configuration that Latchkey prints: no request bypasses it or forges an identity. */
import { type HttpResponse, ask, expect, raw, test } from '../fixtures';
import { cookieOf, forEachProxy, SCRIPT, seen } from '../fixtures/proxy-setup';

forEachProxy((kind, current) => {
  test(`r20_r24_r25_${kind}_identity_headers_of_a_browser_never_reach_the_service`, async () => {
    const { proxy, grace, testApp, service } = current();
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
      // Another path, method or host than the verified one.
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
    // All characters of a header name other than letters and digits (RFC 9110 §5.6.2), one request each: proxies count headers.
    for (const letter of "-_.!#$%&'*+^`|~") {
      const names = ['Latchkey Subject', 'Latchkey Email', 'Latchkey Name', 'Latchkey Role', 'Latchkey Scopes', 'Latchkey Assurance', 'Latchkey Assertion', 'Remote User', 'X Forwarded User', 'X Auth Request User'];
      const forged = Object.fromEntries(names.map((name) => [name.replaceAll(' ', letter), 'evil']));
      for (const [path, who] of [
        ['/album', cookieOf(grace)],
        ['/assets/app.js', {}],
      ] as const) {
        const response = await ask('GET', `${proxy.url}${path}`, { ...SCRIPT, ...forged, ...who });
        expect(response.status, `${letter} ${path}`).toBe(200);
        expect(response.body, `${letter} ${path}`).not.toContain('evil');
      }
    }
    for (const connection of ['close', 'close, Latchkey-Subject, Latchkey-Email, X-Forwarded-Host', 'Latchkey-Assertion']) {
      const member = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...evil, connection, ...cookieOf(grace) });
      // Envoy does not let clients drop the headers of proxies.
      if (kind === 'envoy' && connection.includes('X-Forwarded')) {
        expect(member.status).toBe(400);
        continue;
      }
      expect(member.status, connection).toBe(200);
      expect(member.body, connection).not.toContain('evil');
      expect(seen(member).headers['latchkey-email'], connection).toBe(grace.email);
      expect(seen(member).headers['latchkey-assertion'], connection).toBeDefined();
      const anonymous = await ask('GET', `${proxy.url}/assets/app.js`, { ...SCRIPT, ...evil, connection });
      expect(anonymous.status, connection).toBe(200);
      expect(anonymous.body, connection).not.toContain('evil');
      for (const response of [member, anonymous]) expect(seen(response).headers.connection ?? '', connection).not.toContain('Latchkey');
    }
    // An anonymous request has no identity headers, and scopes that are not granted give none.
    const named = (response: HttpResponse) => Object.keys(seen(response).headers).filter((name) => name.startsWith('latchkey-')).sort();
    expect(named(await ask('GET', `${proxy.url}/assets/app.js`, SCRIPT))).toEqual([]);
    const ada = await testApp.newUser();
    await testApp.grant(ada.email, service, 'read:username');
    await testApp.settle();
    const shy = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...cookieOf(ada) });
    expect(named(shy)).toEqual(['latchkey-assertion', 'latchkey-assurance', 'latchkey-name', 'latchkey-scopes', 'latchkey-subject']);
  });

  test(`r21_${kind}_forwarded_headers_of_a_browser_are_ignored`, async () => {
    const { proxy, echo } = current();
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
      const response = await ask('GET', `${proxy.url}/album`, { ...SCRIPT, ...forged });
      expect([401, 403], JSON.stringify(forged)).toContain(response.status);
    }
    expect(echo.takePaths()).toEqual([]);
  });

  test(`r22_must_survive_22_${kind}_no_spelling_of_a_path_bypasses_a_rule`, async () => {
    const { proxy, grace, echo } = current();
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
    expect(echo.takePaths()).toEqual([]);
    expect((await get('/assets/app.js')).status).toBe(200);
  });

  test(`r22_${kind}_an_absolute_form_target_is_verified_as_it_is_forwarded`, async () => {
    const { proxy, echo } = current();
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
    const reached = echo.takePaths();
    expect(reached.length).toBeGreaterThan(0);
    for (const url of reached) expect(url).toBe('/assets/app.js');
  });

  // Over an HTTP/2 connection that the proxy does not see, requests would not be verified.
  test(`r22_${kind}_a_connection_can_be_upgraded_to_websocket_only`, async () => {
    const { proxy, grace } = current();
    const { cookie } = cookieOf(grace);
    for (const [path, who] of [
      ['/assets/app.js', ''],
      ['/album', `Cookie: ${cookie}\r\n`],
    ])
      for (const upgrade of ['h2c', 'H2C', 'h2c, websocket', 'websocket, h2c', 'websocket\r\nUpgrade: h2c', 'h2c\r\nUpgrade: websocket', 'TLS/1.0', 'other'])
        for (const connection of ['Upgrade, HTTP2-Settings', 'close, upgrade']) {
          const lines = `Host: localhost:${proxy.port}\r\nConnection: ${connection}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nUpgrade: ${upgrade}\r\n`;
          const context = `${path} ${connection} ${upgrade}`;
          const response = await raw(proxy.port, `GET ${path} HTTP/1.1\r\n${lines}${who}\r\n`, { idleMs: 200 });
          if (response.status !== 200) {
            // Refused by the proxy, or upgraded to the WebSocket that was requested too.
            expect([101, 400, 403], context).toContain(response.status);
            if (response.status === 101) expect(response.headers.upgrade, context).toBe('websocket');
            continue;
          }
          expect([undefined, 'websocket'], context).toContain(seen(response).headers.upgrade);
        }
  });
});
