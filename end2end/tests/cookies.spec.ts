/** The device cookie in a real browser: to which services it goes, and what people are told where it does not. */
import { createServer, type Server as HttpServer } from 'node:http';
import { ask, expect, freePorts, House, type Resident, test, type Visitor } from '../fixtures';

/** A service that asks Latchkey about each page, as a proxy does. */
class Gate {
  asked = 0;
  private constructor(
    private readonly server: HttpServer,
    readonly url: string,
  ) {}

  /** At a name; `handsOn` is whether it hands on the browser's cookies. */
  static async open(house: House, name: string, grace: Resident, { handsOn = true } = {}): Promise<Gate> {
    const [port] = await freePorts();
    const service = name.split('.')[0]!;
    const token = await house.service(service, '--host', `${name}:${port}`);
    await house.grant(grace.email, service);
    await house.settled();
    const server = createServer(async (request, response) => {
      gate.asked += 1;
      const { host, accept, cookie } = request.headers;
      const answer = await ask('GET', `${house.server.internal}/forward-auth`, {
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
async function signInFor(visitor: Visitor, gate: Gate, grace: Resident): Promise<void> {
  await visitor.page.goto(gate.url);
  await expect(visitor.heading('Sign in')).toBeVisible();
  await visitor.unfold('Register this device with a code');
  await visitor.page.getByLabel('E-mail').fill(grace.email);
  await visitor.page.getByLabel('Code from your authenticator app').fill(await grace.app.code());
  await visitor.send('Register this device');
}

test('field_3_two_installations_below_one_domain_sign_people_in_beside_each_other', async ({ browser, visit }) => {
  const field = await House.build(browser, { name: 'login.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'field.localhost' } });
  const apps = await House.build(browser, { name: 'apps.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'apps.field.localhost' } });
  const gates: Gate[] = [];
  try {
    const [grace, ada] = [await field.person({ passkey: false }), await apps.person({ passkey: false })];
    const photos = await Gate.open(field, 'photos.field.localhost', grace);
    const wiki = await Gate.open(apps, 'wiki.apps.field.localhost', ada);
    gates.push(photos, wiki);
    const visitor = await visit({ at: field, authenticator: false });
    await signInFor(visitor, photos, grace);
    await expect(visitor.heading('photos')).toBeVisible();
    await signInFor(visitor, wiki, ada);
    await expect(visitor.heading('wiki')).toBeVisible();
    // Both go on, without another sign-in, also after pages of both.
    for (let round = 0; round < 2; round += 1) {
      for (const [gate, house, name] of [[photos, field, 'photos'], [wiki, apps, 'wiki']] as const) {
        await visitor.page.goto(`${house.server.url}/`);
        await expect(visitor.heading(/Hello/)).toBeVisible();
        const response = await visitor.page.goto(gate.url);
        expect(response?.request().redirectedFrom(), name).toBeNull();
        await expect(visitor.heading(name)).toBeVisible();
      }
    }
  } finally {
    for (const gate of gates) gate.close();
    await field.server.stop();
    await apps.server.stop();
  }
});

test('field_3_whoever_goes_round_in_circles_is_told_why_and_so_is_the_operator', async ({ browser, visit }) => {
  for (const [env, handsOn, words] of [
    [{}, true, 'the cookie that says who you are does not go to photos.field.localhost'],
    [{ LATCHKEY_COOKIE_DOMAIN: 'field.localhost' }, false, 'on the way to photos.field.localhost'],
  ] as const) {
    const house = await House.build(browser, { name: 'login.field.localhost', env });
    const grace = await house.person({ passkey: false });
    const gate = await Gate.open(house, 'photos.field.localhost', grace, { handsOn });
    try {
      const visitor = await visit({ at: house, authenticator: false });
      await signInFor(visitor, gate, grace);
      await expect(visitor.heading('You are signed in, but not there')).toBeVisible();
      await expect(visitor.page.getByRole('alert')).toContainText(words);
      // Once before the sign-in, and two rounds at most.
      expect(gate.asked).toBeLessThanOrEqual(3);
      expect(house.server.output).toContain('their device cookie does not come back');
      // Latchkey's own pages know them.
      await visitor.page.getByRole('link', { name: 'To my start page' }).click();
      await expect(visitor.heading(/Hello/)).toBeVisible();
    } finally {
      gate.close();
      await house.server.stop();
    }
  }
});

test('field_3_a_widened_domain_is_made_right_by_the_first_way_back', async ({ browser, visit }) => {
  const options = { name: 'login.apps.field.localhost', env: { LATCHKEY_COOKIE_DOMAIN: 'apps.field.localhost' } };
  const house = await House.build(browser, options);
  const grace = await house.person({ passkey: false });
  const gate = await Gate.open(house, 'photos.field.localhost', grace);
  try {
    const visitor = await visit({ at: house, as: grace, authenticator: false });
    await visitor.goto('/');
    await expect(visitor.heading(/Hello/)).toBeVisible();
    await house.server.shutDown();
    options.env.LATCHKEY_COOKIE_DOMAIN = 'field.localhost';
    await house.server.run();
    await visitor.page.goto(gate.url);
    await expect(visitor.heading('photos')).toBeVisible();
    const kept = (await visitor.context.cookies()).filter(({ name }) => name === '__Secure-latchkey');
    expect(kept.map(({ domain }) => domain)).toEqual(['.field.localhost']);
  } finally {
    gate.close();
    await house.server.stop();
  }
});
