/**
 * axe on every page that the server lists, as everyone who may see it, with each of its dialogs open. A page with a parameter that
 * `INSTANCES` does not know fails.
 */
import type { Page } from '@playwright/test';
import { ask, DEVICE_COOKIE, expect, type Route, type StoredUser, test, type TestApp } from '../fixtures';
import { axeViolations } from '../fixtures/looks';

test.use({ serve: { args: ['--demo'] } });

type Row = { id: string };

const first = async (testApp: TestApp, ...command: string[]): Promise<string> => (await testApp.server.cli<{ items: Row[] }>(...command)).items[0]!.id;

/** A link that `/enrol/{code}` accepts. */
async function enrolment(testApp: TestApp): Promise<string> {
  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'invite', 'jean@demo.example');
  return new URL(enrolment_url).pathname;
}

/** The page that asks a user about a program. */
async function approval(testApp: TestApp): Promise<string> {
  const { id } = await testApp.server.cli<Row>('client', 'show', 'Album uploader');
  const begun = await ask('POST', `${testApp.server.url}/oauth/device`, { 'content-type': 'application/x-www-form-urlencoded' }, `client_id=${id}`);
  return `/activate?code=${(JSON.parse(begun.body) as { user_code: string }).user_code}`;
}

/** Pages whose pattern has a parameter, or that have more than one form. */
const INSTANCES: Record<string, ((testApp: TestApp) => Promise<string[]>) | undefined> = {
  // Before the first administrator; see the test below.
  '/setup/{code}': async () => [],
  '/recover/mail/{code}': async () => ['/recover/mail/12345678'],
  '/enrol/{code}': async (testApp) => [await enrolment(testApp)],
  '/activate': async (testApp) => ['/activate', await approval(testApp)],
  '/login': async () => ['/login', '/login?return_to=%2Fdevices'],
  '/admin/users/{id}': async (testApp) => [`/admin/users/${await first(testApp, 'user', 'list', '--search', 'grace')}`],
  '/admin/services/{name}': async () => ['/admin/services/photos'],
  '/admin/clients/{id}': async (testApp) => [`/admin/clients/${(await testApp.server.cli<Row>('client', 'show', 'Sensor gateway')).id}`],
};

async function pagesOf(testApp: TestApp): Promise<string[]> {
  const { items } = await testApp.server.cli<{ items: Route[] }>('routes');
  const paths: string[] = [];
  for (const { router, path } of items) {
    if (router !== 'pages') continue;
    const instances = INSTANCES[path];
    expect(instances || !path.includes('{'), `an instance of ${path} is in INSTANCES`).toBeTruthy();
    paths.push(...(instances ? await instances(testApp) : [path]));
  }
  expect(paths.length).toBeGreaterThan(20);
  return paths;
}

/** Scans a page with everything unfolded, then with each dialog open. */
async function scan(page: Page, what: string): Promise<number> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(() => document.querySelectorAll('details').forEach((part) => (part.open = true)));
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    expect.soft(await axeViolations(page), `${what}, ${colorScheme}`).toEqual([]);
  }
  const dialogs = page.locator('[popover][role$=dialog]');
  const count = await dialogs.count();
  for (let index = 0; index < count; index++) {
    const dialog = dialogs.nth(index);
    await dialog.evaluate((element: HTMLElement) => element.showPopover());
    expect.soft(await axeViolations(page), `${what}: ${await dialog.getAttribute('id')}`).toEqual([]);
    await dialog.evaluate((element: HTMLElement) => element.hidePopover());
  }
  return count;
}

const ROLES = ['anonymous', 'member', 'helper', 'auditor', 'admin'] as const;

for (const role of ROLES) {
  test(`axe finds nothing on any page as ${role}`, async ({ testApp, openBrowser }) => {
    test.setTimeout(300_000);
    const as: StoredUser | undefined = role === 'anonymous' ? undefined : await testApp.newUser({ role, name: 'Grace Hopper', passkey: role !== 'member' });
    const user = await openBrowser({ as, authenticator: { present: false } });
    user.problems.allowStatus(403);
    let dialogs = 0;
    let seen = 0;
    for (const path of await pagesOf(testApp)) {
      const response = await user.goto(path);
      expect([200, 403], path).toContain(response.status());
      // Whoever is not signed in is redirected to the page that is scanned anyway.
      if (role === 'anonymous' && user.currentPath() !== path) continue;
      seen += response.status() === 200 ? 1 : 0;
      dialogs += await scan(user.page, `${role}, ${path}`);
    }
    const least = { anonymous: [3, 0], member: [9, 1], helper: [12, 1], auditor: [19, 1], admin: [20, 8] }[role];
    expect(seen, 'pages').toBeGreaterThanOrEqual(least[0]!);
    expect(dialogs, 'dialogs').toBeGreaterThanOrEqual(least[1]!);
    expect(await user.deviceCookie(), DEVICE_COOKIE).toEqual(as ? expect.any(String) : undefined);
  });
}

test.describe('before the first administrator', () => {
  test.use({ serve: {} });

  test('axe finds nothing on the page of the setup', async ({ isolatedApp, openBrowser }) => {
    const user = await openBrowser({ at: isolatedApp });
    await user.goto(isolatedApp.server.setupLink);
    await scan(user.page, 'setup');
  });
});
