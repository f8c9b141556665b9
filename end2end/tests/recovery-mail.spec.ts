/** Recoveries that are confirmed by mail: the page of the device, the mail and its link. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserUser, clock, expect, type StoredUser, test, type TestApp } from '../fixtures';
import { axeViolations, overflow } from '../fixtures/looks';

const OUTBOX = mkdtempSync(join(tmpdir(), 'latchkey-outbox-'));
const PICTURES = process.env.PICTURES ? join(__dirname, '../screenshots') : undefined;
const DAY = 24 * 60 * 60;

test.use({ serve: { env: { LATCHKEY_MAIL_URL: `file://${OUTBOX}`, LATCHKEY_MAIL_FROM: 'Latchkey <latchkey@example.com>', LATCHKEY_RECOVERY_CONFIRM_MAIL: 'true' } } });

/** The links of the mails that confirm a recovery, as their readers see them: without the line ends of quoted-printable. */
function linksTo(email: string): string[] {
  const mails = readdirSync(OUTBOX).filter((name) => name.endsWith('.eml'));
  const texts = mails.map((name) => readFileSync(join(OUTBOX, name), 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='));
  return texts.filter((text) => text.includes(email)).flatMap((text) => text.match(/http\S*\/recover\/mail\/\d{8}/)?.[0] ?? []);
}

/** The link of a mail that comes after these. */
async function nextLink(email: string, before: string[]): Promise<string> {
  const fresh = (): string | undefined => linksTo(email).find((link) => !before.includes(link));
  await expect.poll(fresh).toBeTruthy();
  return fresh()!;
}

/** A browser in recovery, with a link for which nobody vouched. */
async function recovering(testApp: TestApp, open: (options?: object) => Promise<BrowserUser>, options: object = {}): Promise<{ grace: StoredUser; browser: BrowserUser }> {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'invite', grace.email);
  const browser = await open(options);
  await browser.goto(enrolment_url);
  await browser.send('Recover access on this device');
  await expect(browser.page.getByText('This device is in recovery.')).toBeVisible();
  return { grace, browser };
}

test('audit_48_who_recovers_confirms_by_mail_in_the_same_browser_waits_and_adds_a_passkey', async ({ testApp, openBrowser }) => {
  const { grace, browser } = await recovering(testApp, openBrowser);
  const { page } = browser;
  await browser.goto('/security');
  await page.getByRole('link', { name: 'Confirm by mail' }).click();
  await browser.send('Send me a code');
  await browser.expectStatus('A mail is on its way.');
  const link = await nextLink(grace.email, []);

  // Another browser says so, and uses nothing up.
  const other = await openBrowser();
  await other.goto(link);
  await expect(other.heading('Open this link in the other browser')).toBeVisible();
  await expect(other.page.getByRole('textbox')).toHaveCount(0);

  await browser.goto(link);
  await expect(page.getByLabel('Code from the mail')).toHaveValue(link.slice(-8));
  await browser.send('Confirm');
  await browser.expectStatus('You confirmed by mail.');
  await expect(page.getByRole('region', { name: 'Confirm by mail' })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Create a passkey' })).toHaveCount(0);
  await clock.advance(DAY + 60);
  await browser.goto('/devices');
  await browser.pressHydrated('Create a passkey');
  await browser.expectStatus(/was added/);
  await browser.goto('/');
  await expect(browser.heading('Hello, Grace')).toBeVisible();
});

test('audit_48_a_device_that_waited_and_did_not_confirm_adds_no_passkey', async ({ testApp, openBrowser }) => {
  const { grace, browser } = await recovering(testApp, openBrowser);
  const { page } = browser;
  await clock.advance(DAY + 60);
  await browser.goto('/devices');
  await expect(page.getByText('Confirm by mail that it is you, and you can add a passkey')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create a passkey' })).toHaveCount(0);
  await browser.send('Send me a code');
  const link = await nextLink(grace.email, []);
  await page.getByLabel('Code from the mail').fill(`${link.slice(-8, -4)} ${link.slice(-4)}`);
  await browser.send('Confirm');
  await browser.pressHydrated('Create a passkey');
  await browser.expectStatus(/was added/);
});

for (const script of [true, false]) {
  test(`the mail, its code and a wrong one work at 320 px, in both themes, ${script ? 'with' : 'without'} scripts`, async ({ testApp, openBrowser }) => {
    const { grace, browser } = await recovering(testApp, openBrowser, { script, viewport: { width: 320, height: 640 } });
    const { page } = browser;
    const check = async (what: string): Promise<void> => {
      expect(await overflow(page), what).toBe(0);
      // What axe needs is a script.
      for (const colorScheme of script ? (['dark', 'light'] as const) : []) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect.soft(await axeViolations(page), `${what}, ${colorScheme}`).toEqual([]);
        for (const width of PICTURES ? [390, 1280] : []) {
          await page.setViewportSize({ width, height: 900 });
          await page.screenshot({ path: join(PICTURES!, `recover-mail-${what}-${colorScheme}-${width}.png`), fullPage: true, animations: 'disabled' });
        }
      }
      await page.setViewportSize({ width: 320, height: 640 });
    };
    await check('send');
    await browser.send('Send me a code');
    const link = await nextLink(grace.email, []);
    await check('enter');
    await page.getByLabel('Code from the mail').fill('1234567');
    await browser.send('Confirm');
    await expect(page.getByLabel('Code from the mail')).toHaveAccessibleDescription(/That code is not valid/);
    await check('wrong');
    await browser.goto(link);
    await check('link');
    await browser.send('Confirm');
    await browser.expectStatus('You confirmed by mail.');
    await check('confirmed');
    const stranger = await openBrowser({ script, viewport: { width: 320, height: 640 } });
    await stranger.goto(link);
    expect(await overflow(stranger.page)).toBe(0);
  });
}
