/**
 * Every page: light and dark, on a phone and on a desktop. `PICTURES=1 cargo xtask test browser -- looks` also writes
 * `screenshots/` to look at. Not by default: no test depends on them, and Chromium without a graphics card now and
 * then never finishes one of a very tall page.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AuthenticatorApp, ask, clock, DEVICE_COOKIE, expect, type TestApp, type StoredUser, test, type BrowserUser, type BrowserUserOptions } from '../fixtures';
import { axeViolations, overflow, tab } from '../fixtures/looks';

const PICTURES = process.env.PICTURES ? join(__dirname, '../screenshots') : undefined;

test.use({ serve: { args: ['--demo'] } });

/** The demo's administrator, with a passkey. */
let administrator: Promise<StoredUser> | undefined;

function ada(testApp: TestApp, openBrowser: (options?: BrowserUserOptions) => Promise<BrowserUser>): Promise<StoredUser> {
  administrator ??= (async () => {
    const user = await openBrowser();
    const totpApp = await user.enrol(testApp.server.demoLink);
    return user.storedUser('ada@demo.example', 'Ada Lovelace', totpApp);
  })();
  return administrator;
}

type Who = 'anonymous' | 'administrator' | 'newcomer';

interface PageLook {
  name: string;
  who: Who;
  /** The path, and what is done there first. */
  path: string | ((testApp: TestApp) => Promise<string>);
  status?: number;
  before?: (user: BrowserUser, testApp: TestApp) => Promise<void>;
  /** The main action, which must be reachable by keyboard. */
  action?: RegExp;
}

async function userPage(testApp: TestApp, search: string): Promise<string> {
  const { items } = await testApp.server.cli<{ items: { id: string }[] }>('user', 'list', '--search', search);
  return `/admin/users/${items[0]!.id}`;
}

async function clientPage(testApp: TestApp, name: string): Promise<string> {
  const { id } = await testApp.server.cli<{ id: string }>('client', 'show', name);
  return `/admin/clients/${id}`;
}

async function invitation(testApp: TestApp): Promise<string> {
  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'invite', 'jean@demo.example', '--vouch');
  return enrolment_url;
}

/** Of a user who has a device. */
async function unvouchedLink(testApp: TestApp): Promise<string> {
  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'invite', 'frances@demo.example');
  return enrolment_url;
}

/** The number that the browser shows whose request was opened last. */
let askedNumber = '';

/** The link of a browser that asks to be approved. */
async function approvalLink(testApp: TestApp): Promise<string> {
  const headers = { accept: 'text/html', 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1' };
  const { body } = await ask('GET', `${testApp.server.url}/login/approval`, headers);
  askedNumber = /class="number-value"[^>]*>(\d\d)</.exec(body)![1]!;
  return /id="approval-link"[^>]*>([^<]+)</.exec(body)![1]!;
}

const LOOKS: PageLook[] = [
  { name: 'login', who: 'anonymous', path: '/login', action: /^Use a passkey$/ },
  { name: 'login-on-the-way', who: 'anonymous', path: '/login?return_to=https%3A%2F%2Fphotos.demo.example%2Falbum', action: /^Use a passkey$/ },
  {
    name: 'login-refused',
    who: 'anonymous',
    path: '/login',
    before: async (user) => user.registerWithCode('nobody@demo.example', '000000'),
    action: /^Register this device$/,
  },
  {
    name: 'login-without-wasm',
    who: 'anonymous',
    path: '/login',
    before: async ({ page, problems }) => {
      problems.allow(/WebAssembly|preload/);
      await page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
      await page.reload();
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await expect(page.getByRole('alert')).toBeVisible();
    },
    action: /^Register this device$/,
  },
  // As right after a sign-in whose cookie did not come back.
  { name: 'login-no-cookie', who: 'anonymous', path: async () => `/login?signed_in=${Math.floor(clock.now() / 1000)}`, action: /^Sign in again$/ },
  { name: 'login-approval', who: 'anonymous', path: '/login/approval', before: async (user) => void (await user.unfold('Open the link instead')), action: /^I have approved it$/ },
  {
    name: 'login-approval-pending',
    who: 'anonymous',
    path: '/login/approval',
    before: async (user) => user.send('I have approved it'),
    action: /^Sign in another way$/,
  },
  { name: 'approve', who: 'administrator', path: approvalLink, action: /^Deny$/ },
  {
    name: 'approve-picked',
    who: 'administrator',
    path: approvalLink,
    before: async (user) => user.send(user.page.getByRole('button', { name: askedNumber, exact: true })),
    action: /^Deny$/,
  },
  { name: 'approve-unusual', who: 'newcomer', path: approvalLink, action: /^Deny$/ },
  { name: 'approve-nothing', who: 'administrator', path: '/approve', action: /^All my devices$/ },
  { name: 'approve-over', who: 'administrator', path: '/approve?request=garbage', action: /^All my devices$/ },
  { name: 'enrol', who: 'anonymous', path: invitation, action: /^Confirm$/ },
  {
    name: 'enrol-refused',
    who: 'anonymous',
    path: invitation,
    before: async (user) => {
      await user.page.getByLabel('Code from the app').fill('12345');
      await user.send('Confirm');
      await user.unfold('Can’t scan it?');
    },
    action: /^Confirm$/,
  },
  { name: 'recover', who: 'anonymous', path: '/recover', action: /^Continue$/ },
  {
    name: 'recover-refused',
    who: 'anonymous',
    path: '/recover',
    before: async (user) => {
      await user.page.getByLabel('Recovery code').fill('00169h-s9hfq5-1crnez-d3s7q');
      await user.send('Continue');
    },
    action: /^Continue$/,
  },
  { name: 'recover-mail-elsewhere', who: 'anonymous', path: '/recover/mail/12345678', action: /^My devices$/ },
  { name: 'recover-link', who: 'anonymous', path: unvouchedLink, action: /^Recover access on this device$/ },
  { name: 'link-not-valid', who: 'anonymous', path: '/enrol/garbage', status: 404, action: /^My services$/ },
  { name: 'not-found', who: 'anonymous', path: '/nowhere', status: 404 },
  { name: 'enrol-passkey', who: 'newcomer', path: '/enrol/passkey', action: /^Create a passkey$/ },
  { name: 'home-empty', who: 'newcomer', path: '/', action: /^Create a passkey$/ },
  { name: 'security-empty', who: 'newcomer', path: '/security', action: /^Add a passkey$/ },
  { name: 'devices-alone', who: 'newcomer', path: '/devices', action: /^Add a device$/ },
  { name: 'forbidden', who: 'newcomer', path: '/admin', status: 403 },
  {
    name: 'confirm',
    who: 'newcomer',
    path: '/devices',
    // A recent login would be redirected; this session has ended.
    before: async (user) => {
      await user.context.clearCookies({ name: `${DEVICE_COOKIE}-session` });
      await user.goto('/login?return_to=%2Fdevices');
    },
    action: /^Confirm$/,
  },
  { name: 'home', who: 'administrator', path: '/', action: /^All my devices$/ },
  { name: 'devices', who: 'administrator', path: '/devices', action: /^Add a device$/ },
  {
    name: 'devices-revoke',
    who: 'administrator',
    path: '/devices',
    before: async ({ page }) => page.getByRole('button', { name: /^Revoke/ }).first().click(),
    action: /^Revoke device$/,
  },
  {
    name: 'devices-menu',
    who: 'administrator',
    path: '/devices',
    before: async ({ page }) => {
      const menu = page.getByRole('button', { name: 'Menu' });
      if (await menu.isVisible()) await menu.click();
    },
  },
  { name: 'security', who: 'administrator', path: '/security', action: /^Add a passkey$/ },
  {
    name: 'security-codes',
    who: 'administrator',
    path: '/security',
    before: async (user) => {
      const make = user.page.getByRole('button', { name: 'Make recovery codes' });
      if (await make.isVisible()) await user.send(make);
    },
    action: /^Download as text$/,
  },
  {
    name: 'security-usual',
    who: 'administrator',
    path: '/security',
    before: async ({ page }) => page.getByRole('button', { name: 'Erase what is usual' }).click(),
    action: /^Erase$/,
  },
  {
    name: 'admin-user-erase',
    who: 'administrator',
    path: (testApp) => userPage(testApp, 'grace'),
    before: async ({ page }) => page.getByText('Erase this user', { exact: true }).click(),
    action: /^Erase permanently$/,
  },
  {
    name: 'admin-user-vouch',
    who: 'administrator',
    path: (testApp) => userPage(testApp, 'grace'),
    before: async ({ page }) => page.getByRole('button', { name: 'New enrolment link' }).click(),
    action: /^Make the link$/,
  },
  { name: 'notifications', who: 'administrator', path: '/notifications' },
  { name: 'activity', who: 'administrator', path: '/activity' },
  { name: 'mails', who: 'administrator', path: '/admin/mails' },
  { name: 'admin-risk', who: 'administrator', path: '/admin/risk', action: /^What if$/ },
  { name: 'admin-risk-networks', who: 'administrator', path: '/admin/risk/networks?add=1', action: /^Save$/ },
  { name: 'admin-risk-replay', who: 'administrator', path: '/admin/risk/replay?unusual_time=0', action: /^Compute$/ },
  { name: 'admin', who: 'administrator', path: '/admin' },
  { name: 'admin-users', who: 'administrator', path: '/admin/users', action: /^Find$/ },
  {
    name: 'admin-users-add',
    who: 'administrator',
    path: '/admin/users?add=1',
    action: /^Add user and create link$/,
  },
  {
    name: 'admin-user-revoke-link',
    who: 'administrator',
    path: (testApp) => userPage(testApp, 'jean'),
    before: async (user, testApp) => {
      await invitation(testApp);
      await user.page.reload();
      await user.page.getByRole('button', { name: 'Revoke link' }).click();
    },
    action: /^Revoke link$/,
  },
  { name: 'admin-users-nothing', who: 'administrator', path: '/admin/users?q=nobody+of+this+name', action: /^Show all$/ },
  { name: 'admin-user', who: 'administrator', path: (testApp) => userPage(testApp, 'grace'), action: /^New enrolment link$/ },
  {
    name: 'admin-user-link',
    who: 'administrator',
    path: (testApp) => userPage(testApp, 'tony'),
    before: async (user) => {
      await user.page.getByRole('button', { name: 'New enrolment link' }).click();
      await user.send('Make the link');
    },
    action: /^Copy$/,
  },
  { name: 'admin-devices', who: 'administrator', path: '/admin/devices', action: /^Find$/ },
  { name: 'admin-devices-all', who: 'administrator', path: '/admin/devices?filter=all&sort=name', action: /^Find$/ },
  { name: 'admin-services', who: 'administrator', path: '/admin/services', action: /^Find$/ },
  { name: 'admin-services-add', who: 'administrator', path: '/admin/services?add=1', action: /^Add service and create token$/ },
  { name: 'admin-service', who: 'administrator', path: '/admin/services/photos', action: /^Save hosts and policy$/ },
  {
    name: 'admin-service-rotate',
    who: 'administrator',
    path: '/admin/services/photos',
    before: async ({ page }) => page.getByRole('button', { name: 'Rotate token' }).click(),
    action: /^Rotate$/,
  },
  {
    name: 'admin-service-access-tokens',
    who: 'administrator',
    path: '/admin/services/photos',
    before: async (user) => {
      await user.unfold('JWT mode and session mode');
    },
    action: /^Save access tokens$/,
  },
  {
    name: 'admin-clients',
    who: 'administrator',
    path: '/admin/clients',
    before: async (user) => {
      await user.unfold('JWT mode and session mode');
    },
    action: /^Find$/,
  },
  {
    name: 'admin-clients-refused',
    who: 'administrator',
    path: '/admin/clients?add=1',
    before: async (user) => {
      const { page } = user;
      await page.getByLabel('Name').fill('Statistics');
      await page.getByRole('checkbox', { name: /metrics/ }).check();
      await user.unfold('Redirect URIs');
      await page.getByLabel('Redirect URIs').fill('http://elsewhere.example/');
      await user.send('Add client');
    },
    action: /^Add client$/,
  },
  { name: 'admin-client', who: 'administrator', path: (testApp) => clientPage(testApp, 'Backup'), action: /^Copy$/ },
  {
    name: 'admin-client-secret',
    who: 'administrator',
    path: (testApp) => clientPage(testApp, 'Sensor gateway'),
    before: async (user) => {
      await user.page.getByRole('button', { name: 'Rotate secret' }).click();
      await user.send(user.page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }));
    },
    action: /^Copy$/,
  },
  {
    name: 'admin-client-rotate',
    who: 'administrator',
    path: (testApp) => clientPage(testApp, 'Sensor gateway'),
    before: async ({ page }) => page.getByRole('button', { name: 'Rotate secret' }).click(),
    action: /^Rotate$/,
  },
  { name: 'admin-client-public', who: 'administrator', path: (testApp) => clientPage(testApp, 'Album uploader') },
  { name: 'admin-audit', who: 'administrator', path: '/admin/audit', action: /^Find$/ },
  { name: 'admin-audit-verified', who: 'administrator', path: '/admin/audit?verify=1', action: /^Find$/ },
];

/** A user whose device was registered with a code; one for the whole file. */
let newcomer: Promise<StoredUser> | undefined;

function member(testApp: TestApp, openBrowser: (options?: BrowserUserOptions) => Promise<BrowserUser>): Promise<StoredUser> {
  newcomer ??= (async () => {
    const email = 'newcomer@demo.example';
    const { otpauth_uri } = await testApp.server.cli<{ otpauth_uri: string }>('user', 'add', email, '--name', 'New Comer', '--print-totp');
    const totpApp = AuthenticatorApp.scan(otpauth_uri);
    const user = await openBrowser();
    await user.registerWithCode(email, await totpApp.code());
    return user.storedUser(email, 'New Comer', totpApp);
  })();
  return newcomer;
}

if (PICTURES) mkdirSync(PICTURES, { recursive: true });

for (const look of LOOKS) {
  test(`${look.name} is readable at every size and colour scheme, and operable by keyboard`, async ({ testApp, openBrowser }) => {
    test.setTimeout(120_000);
    const who = look.who === 'administrator' ? await ada(testApp, openBrowser) : look.who === 'newcomer' ? await member(testApp, openBrowser) : undefined;
    const user = await openBrowser({ as: who, authenticator: { present: false } });
    const { page, problems } = user;
    if (look.status) problems.allowStatus(look.status);
    const open = async () => {
      const path = typeof look.path === 'string' ? look.path : await look.path(testApp);
      const response = await user.goto(path);
      expect(response.status()).toBe(look.status ?? 200);
      await look.before?.(user, testApp);
    };
    await page.setViewportSize({ width: 1280, height: 900 });
    await open();

    for (const width of [1280, 390, 320]) {
      // Open parts stay open: the page is not reloaded for another size.
      await page.setViewportSize({ width, height: width === 1280 ? 900 : 844 });
      // 320 px is 1280 at 400 % (WCAG 2.2 §1.4.10).
      expect.soft(await overflow(page), `${width} px are enough`).toBeLessThanOrEqual(0);
      if (width === 320) continue;
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        if (PICTURES) await page.screenshot({ path: join(PICTURES, `${look.name}-${colorScheme}-${width}.png`), fullPage: true, animations: 'disabled' });
        expect.soft(await axeViolations(page), `${colorScheme}, ${width} px`).toEqual([]);
      }
    }

    await page.setViewportSize({ width: 1280, height: 900 });
    if (!look.action) return;
    const seen: string[] = [];
    let reached = false;
    for (let press = 0; press < 150 && !reached; press++) {
      const focused = await tab(page);
      if (!focused) continue;
      seen.push(focused.name);
      expect.soft(focused.isMarked, `the focus on "${focused.name}" can be seen`).toBe(true);
      expect.soft(focused.isInView, `"${focused.name}" is in view when it has the focus`).toBe(true);
      reached = look.action.test(focused.name);
    }
    expect(reached, `Tab reaches ${look.action}; it went over ${seen.join(' · ')}`).toBe(true);
  });
}

test('the first tab stop skips the navigation', async ({ testApp, openBrowser }) => {
  const user = await openBrowser({ as: await ada(testApp, openBrowser) });
  await user.goto('/admin/users');
  expect(await tab(user.page)).toEqual({ name: 'Skip to content', isMarked: true, isInView: true });
  await user.page.keyboard.press('Enter');
  await expect(user.page.getByRole('main')).toBeFocused();
});

test('a dialog is answered and closed by keyboard, and the focus returns', async ({ testApp, openBrowser }) => {
  const user = await openBrowser({ as: await ada(testApp, openBrowser) });
  const { page } = user;
  await user.goto('/devices');
  const revoke = page.getByRole('button', { name: /^Revoke/ }).first();
  await revoke.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(revoke).toBeFocused();
});

test('every control is at least 24 px, and 44 px on touch screens', async ({ testApp, openBrowser }) => {
  const user = await openBrowser({ as: await ada(testApp, openBrowser), phone: true });
  for (const path of ['/', '/devices', '/security', '/admin/users', '/admin/services/photos', '/admin/clients?add=1', await clientPage(testApp, 'Backup')]) {
    await user.goto(path);
    const small = await user.page.evaluate(() =>
      [...document.querySelectorAll('button, .button, summary, select, input:not([type=hidden]):not([type=checkbox]):not([type=radio])')]
        .filter((element) => (element as HTMLElement).checkVisibility())
        .map((element) => ({ name: element.getAttribute('aria-label') ?? element.textContent?.trim() ?? '', box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 43.5)
        .map(({ name, box }) => `${name} ${Math.round(box.width)} × ${Math.round(box.height)}`),
    );
    expect(small, path).toEqual([]);
  }
});
