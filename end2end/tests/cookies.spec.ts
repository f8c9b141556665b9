/** The device cookie in a real browser: to which services it is sent, and what users are told where it is not. */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ask, expect, TestApp, type StoredUser, test, type BrowserUser } from '../fixtures';

/** A service that calls forward-auth for each page, as a proxy does. */
class ProxiedService {
  requested = 0;
  private constructor(
    private readonly server: HttpServer,
    readonly url: string,
  ) {}

  /** Starts one at a host name; `forwardsCookies` is whether Latchkey gets the browser's cookies. */
  static async open(testApp: TestApp, name: string, grace: StoredUser, { forwardsCookies = true } = {}): Promise<ProxiedService> {
    const service = name.split('.')[0]!;
    let token = '';
    const server = createServer(async (request, response) => {
      proxied.requested += 1;
      const { host, accept, cookie } = request.headers;
      const decision = await ask('GET', `${testApp.server.internal}/forward-auth`, {
        authorization: `Bearer ${token}`,
        'x-forwarded-method': 'GET',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': host,
        'x-forwarded-uri': request.url,
        'sec-fetch-mode': 'navigate',
        accept,
        cookie: forwardsCookies ? cookie : undefined,
      });
      if (decision.status === 200) response.end(`<!doctype html><link rel="icon" href="data:,"><h1>${service}</h1>`);
      else response.writeHead(decision.status, decision.headers.location ? { location: String(decision.headers.location) } : {}).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const proxied = new ProxiedService(server, `http://${name}:${port}/`);
    token = await testApp.service(service, '--host', `${name}:${port}`);
    await testApp.grant(grace.email, service);
    await testApp.settle();
    return proxied;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Opens a service and signs in on the login page it redirects to. */
async function signInFor(user: BrowserUser, proxied: ProxiedService, grace: StoredUser): Promise<void> {
  await user.page.goto(proxied.url);
  await expect(user.heading('Sign in')).toBeVisible();
  await user.unfold('Register this device with a code');
  await user.page.getByLabel('E-mail').fill(grace.email);
  await user.page.getByLabel('Code from your authenticator app').fill(await grace.totpApp.code());
  await user.send('Register this device');
}

test('field_3_two_installations_under_one_domain_sign_users_in_independently', async ({ browser, openBrowser }) => {
  const field = await TestApp.build(browser, { name: 'login.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'field.localhost' } });
  const apps = await TestApp.build(browser, { name: 'apps.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'apps.field.localhost' } });
  const allProxied: ProxiedService[] = [];
  try {
    const [grace, ada] = [await field.newUser({ passkey: false }), await apps.newUser({ passkey: false })];
    const photos = await ProxiedService.open(field, 'photos.field.localhost', grace);
    const wiki = await ProxiedService.open(apps, 'wiki.apps.field.localhost', ada);
    allProxied.push(photos, wiki);
    const user = await openBrowser({ at: field, authenticator: false });
    await signInFor(user, photos, grace);
    await expect(user.heading('photos')).toBeVisible();
    await signInFor(user, wiki, ada);
    await expect(user.heading('wiki')).toBeVisible();
    // Both stay signed in, also after pages of both.
    for (let round = 0; round < 2; round += 1) {
      for (const [proxied, testApp, name] of [[photos, field, 'photos'], [wiki, apps, 'wiki']] as const) {
        await user.page.goto(`${testApp.server.url}/`);
        await expect(user.heading(/Hello/)).toBeVisible();
        const response = await user.page.goto(proxied.url);
        expect(response?.request().redirectedFrom(), name).toBeNull();
        await expect(user.heading(name)).toBeVisible();
      }
    }
  } finally {
    for (const proxied of allProxied) proxied.close();
    await field.server.stop();
    await apps.server.stop();
  }
});

test('field_3_a_redirect_loop_is_explained_to_the_user_and_the_operator', async ({ browser, openBrowser }) => {
  for (const [env, forwardsCookies, text] of [
    [{}, true, 'your browser does not send the sign-in cookie to photos.field.localhost'],
    [{ LATCHKEY_COOKIE_DOMAIN: 'field.localhost' }, false, 'lost on the way to photos.field.localhost'],
  ] as const) {
    const testApp = await TestApp.build(browser, { name: 'login.field.localhost', env });
    const grace = await testApp.newUser({ passkey: false });
    const proxied = await ProxiedService.open(testApp, 'photos.field.localhost', grace, { forwardsCookies });
    try {
      const user = await openBrowser({ at: testApp, authenticator: false });
      await signInFor(user, proxied, grace);
      await expect(user.heading('The service cannot see that you are signed in')).toBeVisible();
      await expect(user.page.getByRole('alert')).toContainText(text);
      // Once before the sign-in, and two rounds at most.
      expect(proxied.requested).toBeLessThanOrEqual(3);
      expect(testApp.server.output).toContain('the device cookie does not come back');
      // Latchkey's own pages accept the cookie.
      await user.page.getByRole('link', { name: 'My services' }).click();
      await expect(user.heading(/Hello/)).toBeVisible();
    } finally {
      proxied.close();
      await testApp.server.stop();
    }
  }
});

test('field_3_after_widening_the_cookie_domain_the_first_redirect_renews_the_cookie', async ({ browser, openBrowser }) => {
  const options = { name: 'login.apps.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'apps.field.localhost' } };
  const testApp = await TestApp.build(browser, options);
  const grace = await testApp.newUser({ passkey: false });
  const proxied = await ProxiedService.open(testApp, 'photos.field.localhost', grace);
  try {
    const user = await openBrowser({ at: testApp, as: grace, authenticator: false });
    await user.goto('/');
    await expect(user.heading(/Hello/)).toBeVisible();
    await testApp.server.shutDown();
    options.env.LATCHKEY_COOKIE_DOMAIN = 'field.localhost';
    await testApp.server.run();
    await user.page.goto(proxied.url);
    await expect(user.heading('photos')).toBeVisible();
    const kept = (await user.context.cookies()).filter(({ name }) => name === '__Secure-latchkey');
    expect(kept.map(({ domain }) => domain)).toEqual(['.field.localhost']);
  } finally {
    proxied.close();
    await testApp.server.stop();
  }
});
