/** `/admin/risk`: an administrator approves who waits, blocks a network, and tries other weights. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BrowserUser, expect, type StoredUser, test, type TestApp } from '../fixtures';
import { axeViolations, overflow } from '../fixtures/looks';
import { locationFile } from '../fixtures/locations';

const PICTURES = process.env.PICTURES ? join(__dirname, '../screenshots') : undefined;

const ELSEWHERE = '198.51.100.7';

test.use({
  serve: {
    env: {
      LATCHKEY_RISK_MODE: 'enforce',
      LATCHKEY_PROXY_TRUSTED: '127.0.0.1',
      LATCHKEY_RISK_LOCATION_FILE: locationFile([
        { network: [198, 51, 100], country: 'NG', latitude: 6.45, longitude: 3.39 },
        { network: [203, 0, 113], country: 'DE', latitude: 52.52, longitude: 13.4 },
        { network: [192, 0, 2], country: 'AU', latitude: -33.87, longitude: 151.21 },
      ]),
    },
  },
});

/** Signs in with a code from another network. */
async function signInFrom(address: string, user: StoredUser, openBrowser: () => Promise<BrowserUser>): Promise<BrowserUser> {
  const browser = await openBrowser();
  await browser.context.setExtraHTTPHeaders({ 'x-forwarded-for': address });
  await browser.registerWithCode(user.email, await user.totpApp.code());
  return browser;
}

/** What services say to the last device of a user. */
async function waiting(testApp: TestApp, email: string): Promise<number> {
  const { items } = await testApp.server.cli<{ items: unknown[] }>('device', 'list', '--filter', 'waiting', '--search', email);
  return items.length;
}

test('an administrator blocks a network, the next sign-in from there is held, and approving it lets it in', async ({ testApp, openBrowser }) => {
  test.setTimeout(120_000);
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  const grace = await testApp.newUser({ passkey: false });
  const tony = await testApp.newUser({ passkey: false });
  await testApp.server.cli('risk', 'block', '203.0.113.0/24', '--for', '1d');
  await signInFrom('203.0.113.9', tony, openBrowser);
  await ada.goto('/admin/risk');
  await expect(ada.heading('Risk')).toBeVisible();
  await expect(page.getByText('Scores are enforced')).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: '203.0.113.0/24' });
  await expect(row.getByText('Blocked')).toBeVisible();
  await expect(page.getByRole('img', { name: /1 place of unusual sign-ins/ })).toBeVisible();

  // By hand, on the page of rules.
  await page.getByRole('link', { name: 'Network rules' }).click();
  await page.waitForURL('**/admin/risk/networks');
  await ada.unfold('Add a network');
  await page.getByLabel('Network', { exact: true }).fill(`${ELSEWHERE}/24`);
  await page.getByLabel('For how long').selectOption('1 day');
  await ada.send('Save');
  await ada.expectStatus('Sign-ins from 198.51.100.0/24 are held now.');
  await signInFrom(ELSEWHERE, grace, openBrowser);
  expect(await waiting(testApp, grace.email)).toBe(1);

  await ada.goto('/admin/risk');
  const device = page.getByRole('listitem').filter({ hasText: grace.email });
  await expect(device).toContainText(ELSEWHERE);
  await ada.send(device.getByRole('button', { name: /^Approve/ }));
  await ada.expectStatus('The device was approved.');
  await expect(page.getByRole('listitem').filter({ hasText: grace.email })).toHaveCount(0);
  expect(await waiting(testApp, grace.email)).toBe(0);

  await ada.goto('/admin/risk/networks');
  await page.getByRole('row').filter({ hasText: '198.51.100.0/24' }).getByRole('button', { name: /^Remove/ }).click();
  await ada.send(page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
  await ada.expectStatus('Nothing is said of this network any more.');
  const { items } = await testApp.server.cli<{ items: { network: string }[] }>('risk', 'list');
  expect(items.map(({ network }) => network)).toEqual(['203.0.113.0/24']);
});

test('other weights are tried, and the address keeps them', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  const alan = await testApp.newUser({ passkey: false });
  await testApp.server.cli('risk', 'block', '192.0.2.0/24');
  await signInFrom('192.0.2.9', alan, openBrowser);
  await ada.goto('/admin/risk/replay');
  await page.getByLabel('A network that an administrator blocked').fill('10');
  await ada.send('Compute');
  expect(new URL(page.url()).searchParams.get('blocked_network')).toBe('10');
  await expect(page.getByText(/would have been asked for less/)).toContainText('time');
  await expect(page.getByRole('row').filter({ hasText: alan.email })).toContainText('Risk 95 of 100: held');
  await expect(page.locator('#configuration')).toContainText('weights = ["blocked_network=10"]');
  await page.getByLabel('A network that an administrator blocked').evaluate((input: HTMLInputElement) => input.removeAttribute('max'));
  await page.getByLabel('A network that an administrator blocked').fill('101');
  await ada.send('Compute');
  await expect(page.getByLabel('A network that an administrator blocked')).toHaveAccessibleDescription(/from 0 to 100/);
});

test('the pages of risk are readable at every size and colour scheme', async ({ testApp, openBrowser }) => {
  test.setTimeout(180_000);
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await testApp.server.cli('risk', 'block', '203.0.113.64/26', '--for', '7d');
  await testApp.server.cli('risk', 'allow', '2001:db8::/32');
  for (const address of ['203.0.113.70', '203.0.113.71', '192.0.2.1', '198.51.100.1']) await signInFrom(address, await testApp.newUser({ passkey: false }), openBrowser);
  if (PICTURES) mkdirSync(PICTURES, { recursive: true });
  for (const [name, path] of [
    ['admin-risk', '/admin/risk'],
    ['admin-risk-networks', '/admin/risk/networks'],
    ['admin-risk-networks-add', '/admin/risk/networks?add=1'],
    ['admin-risk-replay', '/admin/risk/replay?blocked_network=10&days=30'],
    ['admin-devices-waiting', '/admin/devices?filter=waiting'],
  ] as const) {
    await page.setViewportSize({ width: 1280, height: 900 });
    await ada.goto(path);
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect.soft(await overflow(page), `${name}: ${width} px are enough`).toBeLessThanOrEqual(0);
      if (width === 320) continue;
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}-${width}.png`), fullPage: true, animations: 'disabled' });
        expect.soft(await axeViolations(page), `${name}: ${colorScheme}, ${width} px`).toEqual([]);
      }
    }
  }
});
