/** `latchkey proxy doctor` with real proxies: it accepts the configuration that Latchkey prints, and finds each mistake in it. */
import { DEVICE_COOKIE, Echo, expect, find, freePort, type TestApp, PROXIES, Proxy, raw, type StoredUser, serveFor, test } from '../fixtures';

const RULES = ['public GET /assets/*', 'admins /settings/*', 'nobody /metrics'];

interface Finding {
  check: string;
  code: string;
  status: 'ok' | 'warning' | 'failed';
  message: string;
}

/** Runs the doctor; checks its exit code and that it leaves no device. */
async function ask(testApp: TestApp, service: string, url: string, as: StoredUser | undefined, ...more: string[]): Promise<Finding[]> {
  const args = ['proxy', 'doctor', service, '--url', url, ...(as ? ['--as', as.email] : []), ...more];
  const { code, stdout, stderr } = await testApp.server.command(...args, '--json');
  expect(stderr).toBe('');
  expect(stdout).not.toContain(`${DEVICE_COOKIE}=`);
  const { items } = JSON.parse(stdout) as { items: Finding[] };
  expect(code).toBe(items.some(({ status }) => status === 'failed') ? 1 : 0);
  if (as) {
    const { devices } = await testApp.server.cli<{ devices: { name: string; revoked_at: string | null }[] }>('user', 'show', as.email);
    expect(devices.filter(({ name, revoked_at }) => name === 'proxy doctor' && !revoked_at)).toEqual([]);
  }
  return items;
}

const failed = (findings: Finding[]) => findings.filter(({ status }) => status === 'failed');
const codes = (findings: Finding[]) => failed(findings).map(({ code }) => code);
const of = (findings: Finding[], check: string) => findings.find((finding) => finding.check === check);

/** A service with rules on its own port, and a user with a grant. */
async function open(testApp: TestApp, service: string): Promise<{ port: number; token: string; grace: StoredUser }> {
  const port = await freePort();
  const token = await testApp.service(service, '--host', `localhost:${port}`, ...RULES.flatMap((rule) => ['--rule', rule]));
  const grace = await testApp.newUser({ name: 'Grace Hopper', passkey: false });
  await testApp.grant(grace.email, service, 'read:email');
  await testApp.settle();
  return { port, token, grace };
}

for (const kind of PROXIES) {
  test.describe(kind, () => {
    test.use({ serve: serveFor(kind) });

    test(`${kind}: the doctor accepts the printed configuration`, async ({ testApp }) => {
      test.skip(!find(kind) && !process.env.CI, `${kind} is not installed`);
      const service = `${kind}-doctor`;
      const { port, token, grace } = await open(testApp, service);
      const echo = await Echo.start();
      const proxy = await Proxy.start(kind, port, service, token, testApp.server, echo);
      try {
        const echoed = await ask(testApp, service, `${proxy.url}/album?page=2&x=%2F`, grace);
        expect(codes(echoed), JSON.stringify(echoed, null, 2)).toEqual([]);
        for (const check of ['proxy.trusted', 'proxy.forward_auth', 'host', 'cookie', 'Latchkey', 'page', 'script', 'forged headers', 'ambiguous paths', 'access', 'identity', 'device cookie', 'forged headers (signed in)', 'ambiguous paths (signed in)', 'upgrade', 'upgrade (signed in)'])
          expect(of(echoed, check)?.status, `${check} ${JSON.stringify(echoed, null, 2)}`).toBe('ok');

        const everybody = await ask(testApp, service, `${proxy.url}/assets/app.js`, undefined);
        expect(everybody.filter(({ status }) => status !== 'ok')).toEqual([]);
        expect(of(everybody, 'forged headers')?.code).toBe('forged_headers_removed');

        expect(codes(await ask(testApp, service, `${proxy.url}/metrics`, grace))).toEqual([]);

        // In place of the backend it observes the same.
        echo.stop();
        await expect.poll(() => raw(echo.port, 'GET / HTTP/1.0\r\n\r\n').then(() => true, () => false)).toBe(false);
        const seen = await ask(testApp, service, `${proxy.url}/album`, grace, '--listen', `127.0.0.1:${echo.port}`);
        expect(seen.filter(({ status }) => status !== 'ok')).toEqual([]);
      } finally {
        await proxy.stop();
        echo.stop();
      }
    });
  });
}

/** Mistakes in a configuration, and what the doctor reports: the checks that fail, the code and the remedy of the first. */
const MISTAKES: { name: string; edit: (text: string) => string; checks: string[]; code: string; remedy?: string }[] = [
  {
    name: 'r22 an upgrade that is forwarded',
    edit: (text) => text.replace('Upgrade $latchkey_upgrade', 'Upgrade $http_upgrade').replace('Connection $latchkey_connection', 'Connection upgrade'),
    checks: ['upgrade (signed in)'],
    code: 'upgrade_forwarded',
  },
  {
    name: 'r25 a header that is not overwritten',
    edit: (text) => text.replace(/ *proxy_set_header Latchkey-Email .*\n/, ''),
    checks: ['forged headers (signed in)'],
    code: 'forged_headers_forwarded',
    remedy: 'latchkey-email',
  },
  {
    name: 'r20 underscores in header names',
    edit: (text) => text.replace('location / {', 'underscores_in_headers on; location / {'),
    checks: ['forged headers (signed in)'],
    code: 'forged_headers_forwarded',
    remedy: 'latchkey_email',
  },
  {
    name: 'a header that is not copied',
    edit: (text) => text.replace(/proxy_set_header Latchkey-Assertion .*/, 'proxy_set_header Latchkey-Assertion "";'),
    checks: ['identity'],
    code: 'identity_missing',
    remedy: 'latchkey-assertion',
  },
  {
    name: 'a forwarded request without its URL',
    edit: (text) => text.replace(/ *proxy_set_header X-Original-URL \$scheme.*\n/, ''),
    checks: ['page'],
    code: 'forwarded_request_invalid',
    remedy: 'proxy_set_header X-Original-URL $scheme://$http_host$request_uri;',
  },
  {
    name: 'a forwarded request with another path',
    edit: (text) => text.replace('$http_host$request_uri', '$http_host$uri'),
    checks: ['page'],
    code: 'forwarded_uri_wrong',
  },
  {
    name: 'r28 a forwarded request with another scheme',
    edit: (text) => text.replace('$scheme://$http_host', 'https://$http_host'),
    checks: ['page'],
    code: 'forwarded_scheme_wrong',
  },
  {
    name: 'a forwarded request with another host',
    edit: (text) => text.replace('$scheme://$http_host', '$scheme://$host'),
    checks: ['page'],
    code: 'proxy_not_authorized',
    remedy: 'as X-Forwarded-Host (nginx: $http_host)',
  },
  {
    name: 'an unknown token',
    edit: (text) => text.replace('Bearer <token>', 'Bearer lk_0000'),
    checks: ['page'],
    code: 'proxy_not_authorized',
    remedy: 'latchkey service rotate-token',
  },
  {
    name: 'a location without authorization',
    edit: (text) => text.replace('location = /_latchkey', 'location /album { proxy_pass http://127.0.0.1:8080; }\n location = /_latchkey'),
    checks: ['page', 'script'],
    code: 'not_protected',
  },
  {
    name: 'scripts that are redirected',
    edit: (text) => text.replace(/return 401 .*/, 'return 302 /login;'),
    checks: ['script'],
    code: 'script_redirected',
  },
  {
    name: 'pages that are not redirected',
    edit: (text) => text.replace(/if \(\$latchkey_location\) \{[^}]*\}/, ''),
    checks: ['page'],
    code: 'treated_as_script',
    remedy: 'return 302 $latchkey_location;',
  },
  {
    name: 'a forwarded request without cookies',
    edit: (text) => text.replace('proxy_set_header Cookie $http_cookie;', ''),
    checks: ['access'],
    code: 'cookie_not_forwarded',
  },
  {
    name: 'another address of Latchkey',
    edit: (text) => text.replace(/proxy_pass http:[^;]*forward-auth;/, 'proxy_pass http://127.0.0.1:9/forward-auth;'),
    checks: ['page', 'script'],
    code: 'proxy_error',
  },
];

test('nginx: the doctor finds each mistake and names the fix', async ({ testApp }) => {
  test.skip(!find('nginx') && !process.env.CI, 'nginx is not installed');
  test.setTimeout(120_000);
  const service = 'mistakes';
  const { port, token, grace } = await open(testApp, service);
  const echo = await Echo.start();
  try {
    for (const { name, edit, checks, code, remedy = '' } of MISTAKES) {
      const proxy = await Proxy.start('nginx', port, service, token, testApp.server, echo, (text) => {
        const spoiled = edit(text);
        expect(spoiled, name).not.toBe(text);
        return spoiled;
      });
      try {
        const found = await ask(testApp, service, `${proxy.url}/album?page=2`, grace);
        const report = `${name}: ${JSON.stringify(found, null, 2)}`;
        expect(failed(found).map(({ check }) => check), report).toEqual(expect.arrayContaining(checks));
        const first = of(failed(found), checks[0]!);
        expect(first?.code, report).toBe(code);
        expect(first?.message, report).toContain(remedy);
      } finally {
        await proxy.stop();
      }
    }
  } finally {
    echo.stop();
  }
});

test('r24_caddy: the doctor finds a proxy that drops headers named in Connection', async ({ testApp }) => {
  test.skip(!find('caddy') && !process.env.CI, 'caddy is not installed');
  const service = 'caddy-mistake';
  const { port, token, grace } = await open(testApp, service);
  const echo = await Echo.start();
  const proxy = await Proxy.start('caddy', port, service, token, testApp.server, echo, (text) => text.replace('request_header @other -Connection', ''));
  try {
    const found = await ask(testApp, service, `${proxy.url}/album`, grace);
    expect(codes(found), JSON.stringify(found, null, 2)).toContain('identity_removed_by_client');
  } finally {
    await proxy.stop();
    echo.stop();
  }
});

test('r25_caddy: the doctor finds identity headers made up for anonymous requests', async ({ testApp }) => {
  test.skip(!find('caddy') && !process.env.CI, 'caddy is not installed');
  const service = 'caddy-makes-up';
  const { port, token } = await open(testApp, service);
  const echo = await Echo.start();
  // Caddy up to 2.8 copies the name of a placeholder that is empty.
  const proxy = await Proxy.start('caddy', port, service, token, testApp.server, echo, (text) => text.replace(/.*request_header @no_subject .*/, '\t\trequest_header @no_subject Latchkey-Subject somebody'));
  try {
    const found = await ask(testApp, service, `${proxy.url}/assets/app.js`, undefined);
    expect(codes(found), JSON.stringify(found, null, 2)).toEqual(['identity_without_sign_in']);
    expect(of(found, 'identity')?.message).toContain('latchkey-subject');
  } finally {
    await proxy.stop();
    echo.stop();
  }
});

test('the doctor reports a backend that answers without the proxy', async ({ testApp }) => {
  const echo = await Echo.start();
  const service = 'bare';
  const { port } = await open(testApp, service);
  try {
    const found = await ask(testApp, service, `http://localhost:${port}/`, undefined, '--backend', `http://127.0.0.1:${echo.port}/`);
    expect(of(found, 'backend')).toMatchObject({ status: 'warning' });
    expect(of(found, 'page')).toMatchObject({ status: 'failed' });
    const closed = await ask(testApp, service, `http://localhost:${port}/`, undefined, '--backend', `http://127.0.0.1:${port}/`);
    expect(of(closed, 'backend')).toMatchObject({ status: 'ok' });
  } finally {
    echo.stop();
  }
});
