/** Security headers of every response, and their enforcement by the browser. */
import { ask, DEVICE_COOKIE, expect, type Route, type TestApp, foreignSite, test, type BrowserUser } from '../fixtures';

/** Every page that the server lists for users, as an administrator sees it. */
async function pages(testApp: TestApp): Promise<string[]> {
  const users = await testApp.server.cli<{ items: { id: string }[] }>('user', 'list');
  const services = await testApp.server.cli<{ items: { name: string }[] }>('service', 'list');
  if (services.items.length === 0) await testApp.service('photos', '--host', 'photos.example.com');
  const client = await testApp.server.cli<{ client_id: string }>('client', 'add', 'Gateway', '--audience', 'photos');
  const instances: Record<string, string | undefined> = {
    '/admin/users/{id}': `/admin/users/${users.items[0]!.id}`,
    '/admin/services/{name}': '/admin/services/photos',
    '/admin/clients/{id}': `/admin/clients/${client.client_id}`,
  };
  const { items } = await testApp.server.cli<{ items: Route[] }>('routes');
  const paths = items.filter(({ router, access }) => router === 'pages' && access !== 'public').map(({ path }) => instances[path] ?? path);
  expect(paths.filter((path) => path.includes('{'))).toEqual([]);
  expect(paths.length).toBeGreaterThan(18);
  return paths;
}

function directives(policy: string): Map<string, string[]> {
  return new Map(
    policy.split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(/\s+/);
      return [name, values];
    }),
  );
}

test('must_survive_27_every_page_has_its_own_content_security_policy_and_no_violations', async ({ testApp, openBrowser }) => {
  test.setTimeout(120_000);
  const ada = await openBrowser({ as: await testApp.admin() });
  const invited = await testApp.server.cli<{ enrolment_url: string }>('user', 'add', testApp.newEmail());
  const anonymous = await openBrowser({ authenticator: { present: false } });
  const nonces: string[] = [];
  const walk: [BrowserUser, string, number][] = (await pages(testApp)).map((path) => [ada, path, 200]);
  walk.push([anonymous, '/login', 200], [anonymous, '/login/approval', 200], [anonymous, '/recover', 200], [anonymous, '/recover/mail/12345678', 200], [anonymous, invited.enrolment_url, 200], [anonymous, '/enrol/garbage', 404], [anonymous, '/setup/garbage', 404]);
  walk.push([ada, '/login?return_to=%2Fadmin', 200], [ada, '/enrol/garbage', 404]);
  for (const [user, path, status] of walk) {
    user.problems.allowStatus(404);
    // The login page waits for a passkey, which is not given.
    await user.authenticator.setPresent(false);
    const response = await user.goto(path);
    expect(response.status(), path).toBe(status);
    const headers = response.headers();
    const policy = directives(headers['content-security-policy'] ?? '');
    const scripts = policy.get('script-src') ?? [];
    const nonce = scripts.find((source) => source.startsWith("'nonce-"));
    expect(nonce, path).toBeTruthy();
    nonces.push(nonce!);
    expect(scripts.filter((source) => source !== nonce).sort(), path).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    expect(headers['content-security-policy'], path).not.toContain('unsafe-inline');
    expect(policy.get('default-src'), path).toEqual(["'none'"]);
    expect(policy.get('style-src'), path).toEqual(["'self'"]);
    expect(policy.get('base-uri'), path).toEqual(["'none'"]);
    expect(policy.get('frame-ancestors'), path).toEqual(["'none'"]);
    expect(policy.get('form-action')?.[0], path).toBe("'self'");
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(headers['strict-transport-security'], 'not over plain http').toBeUndefined();
    // The wasm hydrates under this policy; violations would be reported by now.
    await user.hydrated();
    expect(await user.page.locator('[style]').count(), `${path} has no inline styles`).toBe(0);
  }
  expect(new Set(nonces).size, 'each answer has a nonce of its own').toBe(nonces.length);
});

test('must_survive_27_an_injected_script_does_not_run', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const { page } = grace;
  grace.problems.allow(/Content Security Policy|policy violated/);
  await page.route('**/devices', async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    const evil = '<script>window.evil="inline"</script><img src="data:," onerror="window.evil=\'handler\'"><script src="https://evil.example/x.js"></script><style>h1{color:red}</style><base href="https://evil.example/">';
    await route.fulfill({ response, body: body.replace('<main', `${evil}<main`) });
  });
  await grace.goto('/devices');
  await grace.hydrated();
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.evil=\'late handler\'"><a id="late" href="javascript:window.evil=\'link\'">x</a>');
    document.getElementById('late')!.click();
    // Later, because the test's own call may do what the page may not.
    setTimeout(() => {
      try {
        (0, eval)('window.evil = "eval"');
      } catch {
        (window as { isRefused?: boolean }).isRefused = true;
      }
    });
  });
  await page.waitForFunction(() => (window as { isRefused?: boolean }).isRefused);
  expect(await page.evaluate(() => (window as { evil?: string }).evil)).toBeUndefined();
  // The browser tells us what it forbade, and the log tells the operator.
  const reported = testApp.server.output.split('\n').filter((line) => line.includes('violation of the content security policy'));
  await expect.poll(() => testApp.server.output).toMatch(/violation of the content security policy.*script-src-elem.*https:\/\/evil\.example/);
  expect(reported.filter((line) => line.includes('x.js'))).toEqual([]);
  expect(await page.evaluate(() => document.baseURI)).toContain(testApp.server.url);
});

test('the copy button works once the wasm has hydrated it', async ({ testApp, openBrowser }) => {
  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'add', testApp.newEmail());
  const grace = await openBrowser();
  await grace.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await grace.goto(enrolment_url);
  await grace.unfold('Can’t scan it?');
  await grace.pressHydrated('Copy the key');
  await expect(grace.page.getByRole('button', { name: 'Copied' })).toBeVisible();
  await expect(grace.page.getByRole('status').filter({ hasText: 'Copied' })).toBeAttached();
  const copied = await grace.page.evaluate(() => navigator.clipboard.readText());
  expect(copied.replaceAll(' ', '')).toMatch(/^[A-Z2-7]{32}$/);
  await expect(grace.page.getByRole('button', { name: 'Copy the key' }), 'it says so for two seconds').toBeVisible();
});

test('cookies are HttpOnly and SameSite', async ({ testApp }) => {
  const grace = await testApp.newUser();
  const cookies = grace.cookies.filter(({ name }) => name.startsWith('__Host-'));
  expect(cookies.map(({ name }) => name).sort()).toEqual([DEVICE_COOKIE, `${DEVICE_COOKIE}-flash`, `${DEVICE_COOKIE}-led`, `${DEVICE_COOKIE}-session`].filter((name) => cookies.some((cookie) => cookie.name === name)));
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, path: '/', domain: 'localhost' });
    expect(['Lax', 'Strict']).toContain(cookie.sameSite);
  }
  const device = cookies.find(({ name }) => name === DEVICE_COOKIE)!;
  const days = (device.expires - Date.now() / 1000) / 86_400;
  expect(days).toBeGreaterThan(89);
  expect(days).toBeLessThan(91);
  expect(cookies.find(({ name }) => name === `${DEVICE_COOKIE}-session`)?.expires, 'a session ends with the browser').toBe(-1);
});

test('static files are content-hashed and immutable', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ authenticator: false });
  const seen: { path: string; headers: Record<string, string> }[] = [];
  grace.page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (/\.(js|css|wasm)$/.test(path)) seen.push({ path, headers: response.headers() });
  });
  await grace.goto('/login');
  await grace.hydrated();
  expect(seen.map(({ path }) => path.split('.').pop()).sort()).toEqual(expect.arrayContaining(['css', 'js', 'wasm']));
  for (const { path, headers } of seen) {
    expect(headers['cache-control'], path).toContain('immutable');
    expect(headers['content-encoding'], path).toMatch(/^(br|gzip)$/);
    expect(path, 'a hash').toMatch(/[0-9a-f]{8,}/);
  }
  expect((await ask('GET', `${testApp.server.url}/favicon.svg`)).status).toBe(200);
});

const CHANGES = ['/actions/device/revoke', '/actions/session/sign-out', '/actions/user/add', '/actions/user/delete', '/actions/service/add', '/actions/enrol/confirm', '/actions/theme/choose', '/actions/passkey/begin-login'];

test('must_survive_14_a_form_of_another_site_changes_nothing', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  ada.problems.allowStatus(403);
  const evil = await foreignSite('<form method="post" id="f"></form>');
  for (const path of CHANGES) {
    await ada.page.goto(evil.url);
    const answered = ada.page.waitForResponse((response) => response.url() === testApp.server.url + path);
    await ada.page.evaluate((action) => {
      const form = document.getElementById('f') as HTMLFormElement;
      form.action = action;
      form.submit();
    }, testApp.server.url + path);
    expect((await answered).status(), path).toBe(403);
    await expect(ada.heading('The request came from another site')).toBeVisible();
  }
  await evil.close();
  await ada.goto('/');
  expect(ada.currentPath(), 'she is still signed in').toBe('/');
});

test('must_survive_14_a_request_without_an_origin_changes_nothing', async ({ testApp }) => {
  const ada = await testApp.admin();
  const cookie = ada.cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  for (const path of CHANGES) {
    for (const headers of [{}, { origin: 'null' }, { origin: 'https://evil.example' }, { origin: testApp.server.url, 'sec-fetch-site': 'cross-site' }] as Record<string, string>[]) {
      const response = await ask('POST', testApp.server.url + path, { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers }, '');
      expect(response.status, `${path} ${JSON.stringify(headers)}`).toBe(403);
      expect(response.headers['set-cookie']).toBeUndefined();
    }
  }
});

test('pages cannot be framed by other sites', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  grace.problems.allow(/frame-ancestors|X-Frame-Options|ERR_BLOCKED_BY_RESPONSE/);
  const evil = await foreignSite(`<iframe src="${testApp.server.url}/devices"></iframe>`);
  await grace.page.goto(evil.url);
  await expect.poll(() => grace.page.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');
  await evil.close();
});

test('r28_a_forwarded_or_foreign_host_does_not_appear_in_links', async ({ testApp }) => {
  const forwarded = await ask('GET', `${testApp.server.url}/devices`, { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', forwarded: 'host=evil.example' });
  expect(forwarded.status).toBe(303);
  expect(forwarded.headers.location).toBe('/login?return_to=%2Fdevices');
  const foreign = await ask('GET', `${testApp.server.url}/login`, { host: 'evil.example' });
  expect(foreign.status).toBe(421);
  expect(foreign.body).not.toContain('evil.example');
});

test('r38_an_invented_device_cookie_is_rejected', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const { items } = await testApp.server.cli<{ items: { id: string }[] }>('device', 'list', '--user', grace.email);
  for (const value of [items[0]!.id, `1.${items[0]!.id}`, `${items[0]!.id}.secret`, 'A'.repeat(200)]) {
    const thief = await openBrowser({ authenticator: false });
    await thief.context.addCookies([{ name: DEVICE_COOKIE, value, domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' }]);
    await thief.goto('/');
    expect(thief.currentPath()).toMatch(/^\/login/);
    await thief.close();
  }
});
