/** No input causes a server error. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpResponse, SIGN_OUT, anyNetwork, ask, expect, raw, routesOf, test } from '../fixtures';
import type { Server } from '../fixtures/server';

const FORM = 'application/x-www-form-urlencoded';

/** Everything that changes something. */
async function actionsOf(server: Server): Promise<string[]> {
  const paths = (await routesOf(server)).filter(({ method }) => method === 'POST').map(({ path }) => path);
  expect(paths.at(-1)).toBe(SIGN_OUT);
  return paths;
}

const BODIES: [string, string | undefined, string | Buffer][] = [
  ['nothing', undefined, ''],
  ['an empty form', FORM, ''],
  ['fields that are not ours', FORM, 'x=1&__proto__=2&constructor=3'],
  ['a field twice', FORM, 'id=1&id=2&email=a&email=b&name=a&name=b'],
  ['nested fields', FORM, 'id[]=1&id[a]=2&email[0]=x&name[x][y]=z&cells[]=a'],
  ['broken escapes', FORM, 'id=%&email=%zz&name=%e0%a4%a&code=%00'],
  ['bytes that are no text', FORM, Buffer.from([0x69, 0x64, 0x3d, 0xff, 0xfe, 0x26, 0x6e, 0x61, 0x6d, 0x65, 0x3d, 0xc3, 0x28])],
  ['NUL and control characters', FORM, 'id=%00&email=a%0d%0aSet-Cookie:%20x=y@example.com&name=%1b%5b31m&code=%00%00&return_to=%0d%0a'],
  ['words for numbers', FORM, 'id=-1&role=root&overlap=NaN&overlap_hours=1e999&passkey_hours=-5&expires=never&scopes=all'],
  ['long values', FORM, `id=${'1'.repeat(9000)}&email=${'a'.repeat(9000)}%40example.com&name=${'n'.repeat(9000)}&hosts=${'h'.repeat(9000)}`],
  ['many fields', FORM, Array.from({ length: 5000 }, (_, index) => `f${index}=1`).join('&')],
  ['JSON', 'application/json', '{"id":1,"email":{},"name":[],"credential":null,"code":1.5}'],
  ['broken JSON', 'application/json', '{"id":'],
  ['deep JSON', 'application/json', '['.repeat(20_000)],
  ['a passkey of nonsense', 'application/json', '{"credential":{"id":"","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"","signature":"","attestationObject":"oA"}},"return_to":"/"}'],
  ['multipart', 'multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--x--\r\n'],
  ['XML', 'text/xml', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'],
  ['a content type of nonsense', ';;;', 'x'],
  ['more than is taken', FORM, `name=${'x'.repeat(200 * 1024)}`],
];

// Each request sets its own network, so that rate limits do not interfere.
test.use({ serve: { env: { LATCHKEY_PROXY_TRUSTED: '127.0.0.1' } } });

/** Repeats a rate-limited request after the stated time. */
async function patiently(request: () => Promise<HttpResponse>): Promise<HttpResponse> {
  for (;;) {
    const response = await request();
    // 429 is the client's own fault; 503 says that there are too many from all networks together.
    if (![429, 503].includes(response.status) || !response.headers.ratelimit) return response;
    await sleep(Number(response.headers['retry-after']) * 1000);
  }
}

for (const who of ['an anonymous client', 'an administrator'] as const) {
  test(`r06_no_request_body_of_${who.replace(' ', '_').replace('an_', '').replace('a_', '')}_causes_a_server_error`, async ({ testApp }) => {
    test.setTimeout(180_000);
    const storedUser = who === 'an administrator' ? await testApp.newUser({ admin: true }) : undefined;
    const cookie = storedUser?.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    for (const action of await actionsOf(testApp.server)) {
      for (const [name, contentType, body] of BODIES) {
        for (const accept of ['text/html', 'application/json']) {
          const headers = { origin: testApp.server.url, 'content-type': contentType, accept, cookie, 'x-forwarded-for': anyNetwork() };
          const response = await patiently(() => ask('POST', testApp.server.url + action, headers, body));
          expect(response.status, `${name} to ${action}: ${response.body.slice(0, 200)}`).toBeLessThan(500);
          if (name === 'more than is taken') expect(response.status, action).toBe(413);
          expect(response.headers['x-content-type-options'], action).toBe('nosniff');
          expect(response.headers['content-security-policy'], action).toBeTruthy();
          for (const line of [response.headers['set-cookie'] ?? []].flat()) expect(line, `${name} to ${action}`).not.toContain('x=y');
        }
      }
    }
    // And nothing was changed.
    const { items } = await testApp.server.cli<{ items: { email: string }[] }>('user', 'list');
    expect(items.map(({ email }) => email).filter((email) => !email.endsWith('@example.com'))).toEqual([]);
    expect((await testApp.server.cli<{ items: unknown[] }>('service', 'list')).items).toEqual([]);
  });
}

test('r01_no_request_target_causes_a_server_error', async ({ testApp }) => {
  test.setTimeout(120_000);
  const ada = await testApp.newUser({ admin: true });
  const cookie = ada.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const id = '0190c2f0-7d5a-7000-8000-000000000000';
  const paths = [
    '/admin/users?page=-1&sort=%27;drop&filter=%00&q=%25_%5c',
    '/admin/users?page=99999999999999999999&q=' + 'x'.repeat(5000),
    '/admin/users?q=%ff%fe&sort=%ff',
    '/admin/users?page=1&page=2&q=a&q=b',
    '/admin/devices?sort=-nothing&filter=nothing&page=10000',
    '/admin/services?sort=name&q=%27%20OR%201=1--',
    '/admin/risk/networks?sort=-nothing&filter=nothing&page=10000&q=%00',
    '/admin/risk/replay?days=1e9&new_device=NaN&unusual_time=-1&automation=999999999999',
    '/admin/audit?filter=x.y&page=0&q=%00',
    '/activity?page=1e9',
    '/devices?%',
    '/?=&=&==',
    `/admin/users/${id}`,
    '/admin/users/x',
    '/admin/users/%00',
    '/admin/services/Nothing',
    '/admin/services/-',
    `/admin/services/${'x'.repeat(4000)}`,
    '/enrol/%ff',
    `/enrol/${'x'.repeat(4000)}`,
    '/setup/..',
    '/login?return_to=%ff%00%0d%0a',
    `/login?return_to=${'/x'.repeat(4000)}`,
    '/login?return_to=/&return_to=//evil.example',
    '//',
    '/%',
    '/%2e%2e/',
    '/..;/admin',
    '/pkg/../../etc/passwd',
    '/pkg/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/.well-known/x',
  ];
  for (const path of paths) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
      const head = [`${method} ${path} HTTP/1.1`, `Host: localhost:${testApp.server.publicPort}`, 'Connection: close', `Origin: ${testApp.server.url}`, 'Accept: text/html', `Cookie: ${cookie}`, 'Content-Length: 0', '', ''];
      const response = await raw(testApp.server.publicPort, head.join('\r\n'));
      expect(response.status, `${method} ${path.slice(0, 80)}`).toBeGreaterThanOrEqual(200);
      expect(response.status, `${method} ${path.slice(0, 80)}`).toBeLessThan(500);
      expect(response.body).not.toContain('root:');
    }
  }
});

test('no header value causes a server error', async ({ testApp }) => {
  const lines = [
    `Cookie: ${'x'.repeat(20_000)}=1`,
    'Cookie: __Host-latchkey=\xff\xfe; =; ;;;=;',
    `Cookie: __Host-latchkey-flash=${'A'.repeat(3000)}`,
    `Cookie: __Host-latchkey-session=${'A'.repeat(43)}`,
    `Cookie: __Host-latchkey-enrolment=${'A'.repeat(43)}; __Host-latchkey-enrolment=x`,
    'Accept: \xff',
    `User-Agent: ${'\xc3\x28'.repeat(2000)}`,
    'X-Forwarded-For: ,,,;;[::1',
    'Referer: http://[',
    'Referer: //evil.example\\@localhost/',
    'Range: bytes=9-1,0-0,-',
    'If-None-Match: "\xff',
    'Accept-Encoding: \xff, br;q=9',
    'Content-Length: 18446744073709551615',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Upgrade: h2c',
  ];
  for (const line of lines) {
    for (const path of ['/login', '/', '/favicon.svg', '/enrol/garbage']) {
      const head = `GET ${path} HTTP/1.1\r\nHost: localhost:${testApp.server.publicPort}\r\nConnection: close\r\nAccept: text/html\r\n${line}\r\n\r\n${line.includes('chunked') ? '0\r\n\r\n' : ''}`;
      const { status } = await raw(testApp.server.publicPort, Buffer.from(head, 'latin1'));
      expect(status, `${line.slice(0, 80)} on ${path}`).toBeGreaterThanOrEqual(200);
      expect(status, `${line.slice(0, 80)} on ${path}`).toBeLessThan(500);
    }
  }
});

test('malformed HTTP is answered or closed, and the server keeps running', async ({ testApp }) => {
  for (const bytes of ['GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(500)}Connection: close\r\n\r\n`, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
    const { status } = await raw(testApp.server.publicPort, Buffer.from(bytes + '\r\n\r\n', 'latin1'));
    expect(status, JSON.stringify(bytes.slice(0, 40))).toBeLessThan(500);
  }
  expect((await ask('GET', `${testApp.server.internal}/readyz`)).status).toBe(200);
});

test('an action refuses GET, and a page refuses POST', async ({ testApp }) => {
  const routes = await routesOf(testApp.server);
  // Of a resource of the API, the same path is read.
  const isRead = (path: string) => routes.some((route) => route.method === 'GET' && route.path === path);
  for (const action of (await actionsOf(testApp.server)).filter((path) => !isRead(path))) {
    const response = await ask('GET', testApp.server.url + action, { accept: 'text/html' });
    expect(response.status, action).toBe(405);
    const allowed = String(response.headers.allow).split(', ');
    expect(allowed.filter((method) => !['POST', 'PUT', 'PATCH', 'DELETE'].includes(method)), action).toEqual([]);
  }
  const pages = (await routesOf(testApp.server)).filter(({ router }) => router === 'pages');
  expect(pages.length).toBeGreaterThan(10);
  for (const { path: page } of pages) {
    const response = await ask('POST', testApp.server.url + page, { origin: testApp.server.url, accept: 'text/html' }, '');
    expect(response.status, page).toBe(405);
  }
});
