/** The device cookie in a real browser: to which services it goes, and what people are told where it does not. */
import { createServer, type Server as HttpServer } from 'node:http';
import { ask, expect, freePorts, TestApp, type StoredUser, test, type BrowserUser } from '../fixtures';

/** A service that asks Latchkey about each page, as a proxy does. */
class Gate {
  asked = 0;
  private constructor(
    private readonly server: HttpServer,
    readonly url: string,
  ) {}

  /** At a name; `handsOn` is whether it hands on the browser's cookies. */
  static async open(testApp: TestApp, name: string, grace: StoredUser, { handsOn = true } = {}): Promise<Gate> {
    const [port] = await freePorts();
    const service = name.split('.')[0]!;
    const token = await testApp.service(service, '--host', `${name}:${port}`);
    await testApp.grant(grace.email, service);
    await testApp.settled();
    const server = createServer(async (request, response) => {
      gate.asked += 1;
      const { host, accept, cookie } = request.headers;
      const answer = await ask('GET', `${testApp.server.internal}/forward-auth`, {
        authorization: `Bearer ${token}`,
        'x-forwarded-method': 'GET',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': host,
        'x-forwarded-uri': request.url,
        'sec-fetch-mode': 'navigate',
        accept,
        cookie: handsOn ? cookie : undefined,
      });
      if (answer.status === 200) response.end(`<!doctype html><link rel="icon" href="data:,"><h1>${service}</h1>`);
      else response.writeHead(answer.status, { location: answer.headers.location }).end();
    });
    const gate = new Gate(server, `http://${name}:${port}/`);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return gate;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** Opens a service, signs in where that leads, and waits for what comes of it. */
async function signInFor(user: BrowserUser, gate: Gate, grace: StoredUser): Promise<void> {
  await user.page.goto(gate.url);
  await expect(user.heading('Sign in')).toBeVisible();
  await user.unfold('Register this device with a code');
  await user.page.getByLabel('E-mail').fill(grace.email);
  await user.page.getByLabel('Code from your authenticator app').fill(await grace.totpApp.code());
  await user.send('Register this device');
}

test('field_3_two_installations_below_one_domain_sign_people_in_beside_each_other', async ({ browser, openBrowser }) => {
  const field = await TestApp.build(browser, { name: 'login.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'field.localhost' } });
  const apps = await TestApp.build(browser, { name: 'apps.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'apps.field.localhost' } });
  const gates: Gate[] = [];
  try {
    const [grace, ada] = [await field.person({ passkey: false }), await apps.person({ passkey: false })];
    const photos = await Gate.open(field, 'photos.field.localhost', grace);
    const wiki = await Gate.open(apps, 'wiki.apps.field.localhost', ada);
    gates.push(photos, wiki);
    const user = await openBrowser({ at: field, authenticator: false });
    await signInFor(user, photos, grace);
    await expect(user.heading('photos')).toBeVisible();
    await signInFor(user, wiki, ada);
    await expect(user.heading('wiki')).toBeVisible();
    // Both go on, without another sign-in, also after pages of both.
    for (let round = 0; round < 2; round += 1) {
      for (const [gate, testApp, name] of [[photos, field, 'photos'], [wiki, apps, 'wiki']] as const) {
        await user.page.goto(`${testApp.server.url}/`);
        await expect(user.heading(/Hello/)).toBeVisible();
        const response = await user.page.goto(gate.url);
        expect(response?.request().redirectedFrom(), name).toBeNull();
        await expect(user.heading(name)).toBeVisible();
      }
    }
  } finally {
    for (const gate of gates) gate.close();
    await field.server.stop();
    await apps.server.stop();
  }
});

test('field_3_whoever_goes_round_in_circles_is_told_why_and_so_is_the_operator', async ({ browser, openBrowser }) => {
  for (const [env, handsOn, words] of [
    [{}, true, 'your browser does not send the sign-in cookie to photos.field.localhost'],
    [{ LATCHKEY_COOKIE_DOMAIN: 'field.localhost' }, false, 'lost on the way to photos.field.localhost'],
  ] as const) {
    const testApp = await TestApp.build(browser, { name: 'login.field.localhost', env });
    const grace = await testApp.person({ passkey: false });
    const gate = await Gate.open(testApp, 'photos.field.localhost', grace, { handsOn });
    try {
      const user = await openBrowser({ at: testApp, authenticator: false });
      await signInFor(user, gate, grace);
      await expect(user.heading('The service cannot see that you are signed in')).toBeVisible();
      await expect(user.page.getByRole('alert')).toContainText(words);
      // Once before the sign-in, and two rounds at most.
      expect(gate.asked).toBeLessThanOrEqual(3);
      expect(testApp.server.output).toContain('their device cookie does not come back');
      // Latchkey's own pages know them.
      await user.page.getByRole('link', { name: 'My services' }).click();
      await expect(user.heading(/Hello/)).toBeVisible();
    } finally {
      gate.close();
      await testApp.server.stop();
    }
  }
});

test('field_3_a_widened_domain_is_made_right_by_the_first_way_back', async ({ browser, openBrowser }) => {
  const options = { name: 'login.apps.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'apps.field.localhost' } };
  const testApp = await TestApp.build(browser, options);
  const grace = await testApp.person({ passkey: false });
  const gate = await Gate.open(testApp, 'photos.field.localhost', grace);
  try {
    const user = await openBrowser({ at: testApp, as: grace, authenticator: false });
    await user.goto('/');
    await expect(user.heading(/Hello/)).toBeVisible();
    await testApp.server.shutDown();
    options.env.LATCHKEY_COOKIE_DOMAIN = 'field.localhost';
    await testApp.server.run();
    await user.page.goto(gate.url);
    await expect(user.heading('photos')).toBeVisible();
    const kept = (await user.context.cookies()).filter(({ name }) => name === '__Secure-latchkey');
    expect(kept.map(({ domain }) => domain)).toEqual(['.field.localhost']);
  } finally {
    gate.close();
    await testApp.server.stop();
  }
});
