/** Approving a browser from another device: `/login/approval` asks, `/approve` decides. */
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { type BrowserUser, clock, DEVICE_COOKIE, expect, type StoredUser, test } from '../fixtures';

const TICKET = `${DEVICE_COOKIE}-approval`;

/** The link and the number that an asking browser shows. */
async function shown({ page }: BrowserUser): Promise<{ link: string; number: string }> {
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  const link = (await page.locator('#approval-link').textContent())!;
  const number = (await page.locator('.number-value').textContent())!;
  return { link: link.slice(new URL(link).origin.length), number };
}

/** Opens the link on a registered device and picks a number. */
async function pick(user: BrowserUser, { link, number }: { link: string; number: string }): Promise<void> {
  await user.goto(link);
  await expect(user.heading('Sign in a new device?')).toBeVisible();
  await user.send(user.page.getByRole('button', { name: number, exact: true }));
}

async function approve(user: BrowserUser, asked: { link: string; number: string }): Promise<void> {
  await pick(user, asked);
  await user.pressHydrated('Approve with a passkey');
  await user.expectStatus(/The device was approved/);
}

/** The other two numbers that are offered. */
async function others(user: BrowserUser, { link, number }: { link: string; number: string }): Promise<string[]> {
  await user.goto(link);
  const offered = await user.page.locator('.numbers button').allTextContents();
  expect(new Set(offered).size).toBe(3);
  expect(offered).toContain(number);
  return offered.filter((other) => other !== number);
}

test('a user signs in on a new device by approving it on another one', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper' });
  const token = await testApp.service('atlas');
  await testApp.grant(stored.email, 'atlas');
  const asking = await openBrowser({ autofill: false });
  await asking.goto('/login?return_to=%2Fdevices');
  await asking.page.getByRole('link', { name: 'Use another device' }).click();
  await expect(asking.heading('Sign in with another device')).toBeVisible();
  const asked = await shown(asking);
  await asking.hydrated();
  const grace = await openBrowser({ as: stored });
  await grace.goto(asked.link);
  const facts = grace.page.locator('.facts');
  await expect(facts).toContainText(`Grace Hopper (${stored.email})`);
  await expect(facts).toContainText('The network of this device');
  await expect(grace.page.getByText(/Continue only if you started this yourself/)).toBeVisible();
  await approve(grace, asked);
  // The page that waits says so by itself, and as whom it signs in, before it does.
  await expect(asking.heading('Approved')).toBeVisible();
  await expect(asking.page.locator('.facts')).toContainText(`Grace Hopper${stored.email}`);
  expect(await asking.deviceCookie()).toBeUndefined();
  await asking.send('Sign in');
  await expect(asking.heading('Devices')).toBeVisible();
  expect(asking.currentPath()).toBe('/devices');
  const { items } = await testApp.server.cli<{ items: { assurance: string; is_limited: boolean; registration: string }[] }>('device', 'list', '--user', stored.email);
  expect(items).toContainEqual(expect.objectContaining({ assurance: 'registered', is_limited: false, registration: 'approval' }));
  const response = await testApp.verify('atlas', token, await asking.deviceCookie());
  expect(JSON.parse(response.body)).toMatchObject({ device: { assurance: 'registered' }, auth: { methods: ['mca'] } });
  // A second collection of the same approval is none.
  await grace.goto(asked.link);
  await expect(grace.heading('This request was decided already')).toBeVisible();
  await grace.goto('/notifications');
  await expect(grace.page.getByText(/The device .* was added to your account/).first()).toBeVisible();
});

test('without script the user says that they approved it', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper' });
  const asking = await openBrowser({ script: false });
  await asking.goto('/login');
  await asking.page.getByRole('link', { name: 'Use another device' }).click();
  const asked = await shown(asking);
  await asking.send('I have approved it');
  await expect(asking.page.getByRole('alert')).toContainText('Nobody has approved this request yet');
  expect((await shown(asking)).number, 'it is the same request').toBe(asked.number);
  await approve(await openBrowser({ as: stored }), asked);
  await asking.send('I have approved it');
  await expect(asking.page.locator('.facts')).toContainText('Grace Hopper');
  await asking.send('Sign in');
  await expect(asking.heading('Hello, Grace')).toBeVisible();
  await expect(asking.page.getByText('This device was approved from another one.')).toBeVisible();
});

test('a denied request ends, and its user is told', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const asking = await openBrowser({ autofill: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  await grace.goto(asked.link);
  await grace.send('Deny');
  await grace.expectStatus(/The request was denied/);
  await expect(asking.heading('Not approved')).toBeVisible();
  expect(await asking.deviceCookie()).toBeUndefined();
  await asking.send('Ask again');
  expect((await shown(asking)).link).not.toBe(asked.link);
  await grace.goto('/notifications');
  await expect(grace.page.getByText(/asked to become a device of yours, and was not approved/)).toBeVisible();
  await grace.goto('/activity');
  await expect(grace.page.getByText('A user did not approve another device').first()).toBeVisible();
});

test('another number ends the request', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser(), script: false });
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  const [wrong] = await others(grace, asked);
  expect(await others(grace, asked), 'a reload offers the same numbers').toContain(wrong);
  await pick(grace, { ...asked, number: wrong! });
  await expect(grace.page.getByRole('alert')).toContainText('That was not the number.');
  await grace.goto(asked.link);
  await expect(grace.heading('This request was decided already')).toBeVisible();
  await asking.send('I have approved it');
  await expect(asking.heading('Not approved')).toBeVisible();
});

test('must_survive_9_an_approval_needs_the_passkey', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  await pick(grace, asked);
  await grace.hydrated();
  grace.problems.allow(/401/);
  for (const overrides of [{ isBogusSignature: true }, { isBadUV: true }, { isBadUP: true }]) {
    await grace.authenticator.override(overrides);
    await grace.page.reload();
    await grace.pressHydrated('Approve with a passkey');
    await expect(grace.page.getByRole('alert')).toBeVisible();
  }
  await asking.send('I have approved it');
  await expect(asking.page.getByRole('alert')).toContainText('Nobody has approved this request yet');
  await grace.authenticator.override({});
  await grace.page.reload();
  await grace.pressHydrated('Approve with a passkey');
  await grace.expectStatus(/The device was approved/);
});

test('whoever is not signed in signs in first and comes back to the request', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper' });
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  const grace = await openBrowser({ passkeys: stored.passkeys, autofill: false });
  await grace.goto(asked.link);
  expect(grace.currentPath()).toMatch(/^\/login\?return_to=%2Fapprove%3Frequest%3D/);
  await grace.pressHydrated('Use a passkey');
  await expect(grace.heading('Sign in a new device?')).toBeVisible();
  await approve(grace, asked);
});

test('a browser does not approve itself, nor does one that was not approved', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser({ name: 'Grace Hopper' });
  const limited = await openBrowser({ autofill: false });
  await limited.registerWithCode(stored.email, await stored.totpApp.code());
  await expect(limited.heading('Hello, Grace')).toBeVisible();
  await limited.page.getByRole('link', { name: 'Approve it from another device' }).click();
  const asked = await shown(limited);
  const other = await openBrowser({ autofill: false });
  await other.context.addCookies((await limited.context.cookies()).filter(({ name }) => name !== TICKET));
  await other.goto(asked.link);
  await expect(other.page.getByText(/was registered with a code and is not approved itself/)).toBeVisible();
  await limited.goto(asked.link);
  await expect(limited.page.getByText(/This is the browser that asks/)).toBeVisible();
  await limited.goto('/login/approval');
  expect((await shown(limited)).number).toBe(asked.number);
  await limited.hydrated();
  await approve(await openBrowser({ as: stored }), asked);
  await expect(limited.heading('Approved')).toBeVisible();
  await limited.send('Sign in');
  await expect(limited.heading('Hello, Grace')).toBeVisible();
  const { items } = await testApp.server.cli<{ items: { is_limited: boolean }[] }>('device', 'list', '--user', stored.email);
  expect(items.map(({ is_limited }) => is_limited)).toEqual([false, false]);
});

test('whoever sees the screen and approves it as themselves signs nobody in who does not say so', async ({ testApp, openBrowser }) => {
  const mallory = await testApp.newUser({ name: 'Mallory' });
  const asking = await openBrowser({ autofill: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  await asking.hydrated();
  await approve(await openBrowser({ as: mallory }), asked);
  await expect(asking.heading('Approved')).toBeVisible();
  await expect(asking.page.locator('.facts')).toContainText(mallory.email);
  await asking.send('This is not me');
  expect((await shown(asking)).link).not.toBe(asked.link);
  expect(await asking.deviceCookie()).toBeUndefined();
});

test('an approval takes the passkey once, and a denial none, however long ago the user signed in', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser({ name: 'Grace Hopper' }) });
  await grace.goto('/devices');
  await clock.advance(45 * 60);
  const ask = async (): Promise<[BrowserUser, { link: string; number: string }]> => {
    const asking = await openBrowser({ script: false });
    await asking.goto('/login/approval');
    return [asking, await shown(asking)];
  };
  const [denied, first] = await ask();
  await grace.goto(first.link);
  await grace.send('Deny');
  await grace.expectStatus(/The request was denied/);
  await denied.send('I have approved it');
  await expect(denied.heading('Not approved')).toBeVisible();
  const [approved, second] = await ask();
  const signatures = async (): Promise<number> => (await grace.authenticator.credentials()).reduce((sum, { signCount }) => sum + signCount, 0);
  const before = await signatures();
  await approve(grace, second);
  expect((await signatures()) - before, 'the passkey is asked for once').toBe(1);
  await approved.send('I have approved it');
  await approved.send('Sign in');
  await expect(approved.heading('Hello, Grace')).toBeVisible();
});

test('the QR code is the link', async ({ openBrowser }) => {
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  const picture = PNG.sync.read(await asking.page.getByRole('img', { name: /QR code/ }).screenshot());
  const scanned = jsQR(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  const link = new URL(scanned!.data);
  expect(link.pathname + link.search).toBe(asked.link);
});

test('r17_the_link_and_a_copy_of_the_page_collect_nothing_in_another_browser', async ({ testApp, openBrowser }) => {
  const stored = await testApp.newUser();
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  await approve(await openBrowser({ as: stored }), asked);
  const thief = await openBrowser({ script: false });
  await thief.goto('/login/approval');
  const value = new URLSearchParams(asked.link.split('?')[1]).get('request')!;
  await thief.context.addCookies((await thief.context.cookies()).filter(({ name }) => name === TICKET).map((cookie) => ({ ...cookie, value })));
  await thief.goto('/login/approval');
  expect((await shown(thief)).number).not.toBe('');
  await thief.send('I have approved it');
  await expect(thief.page.getByRole('alert')).toBeVisible();
  expect(await thief.deviceCookie()).toBeUndefined();
  await asking.send('I have approved it');
  await asking.send('Sign in');
  expect(await asking.deviceCookie()).toBeTruthy();
});

test('all tabs of a browser show the same request', async ({ openBrowser }) => {
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const first = await shown(asking);
  await asking.goto('/login/approval?return_to=%2Fdevices');
  expect((await shown(asking)).number).toBe(first.number);
});

test('an expired request says so on both devices', async ({ testApp, openBrowser }) => {
  const stored: StoredUser = await testApp.newUser();
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  const grace = await openBrowser({ as: stored, script: false });
  await pick(grace, asked);
  const picked = grace.currentPath();
  await clock.advance(600);
  await grace.goto(asked.link);
  await expect(grace.heading('This request has expired')).toBeVisible();
  await grace.goto(picked);
  await expect(grace.heading('This request has expired')).toBeVisible();
  await asking.send('I have approved it');
  await expect(asking.page.getByRole('alert')).toContainText('can be approved for ten minutes');
  expect((await shown(asking)).link, 'a new one').not.toBe(asked.link);
});

test('rfc10027_user_experience_denying_is_as_prominent_as_picking_a_number', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  await grace.goto((await shown(asking)).link);
  const height = async (name: RegExp) => (await grace.page.getByRole('button', { name }).first().boundingBox())!.height;
  expect(await height(/^Deny$/)).toBeGreaterThanOrEqual(await height(/^\d\d$/));
});

test('rfc10027_user_education_both_pages_say_who_must_have_started_it', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser({ as: await testApp.newUser() });
  const asking = await openBrowser({ script: false });
  await asking.goto('/login/approval');
  const asked = await shown(asking);
  await grace.goto(asked.link);
  await expect(grace.page.locator('.lead')).toContainText('Nobody from support ever asks you to do this');
  await pick(grace, asked);
  await expect(grace.page.locator('.lead')).toContainText('signed in as you');
});
