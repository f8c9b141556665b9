/** `/notifications`, the sessions of `/security`, and mails to users. */
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../fixtures';

const OUTBOX = mkdtempSync(join(tmpdir(), 'latchkey-outbox-'));

test.use({ serve: { env: { LATCHKEY_MAIL_URL: `file://${OUTBOX}`, LATCHKEY_MAIL_FROM: 'Latchkey <latchkey@example.com>' } } });

/** The mails to an address, as their readers see them: without the line ends of quoted-printable. */
function mailsTo(email: string): string[] {
  const mails = readdirSync(OUTBOX).filter((name) => name.endsWith('.eml'));
  const texts = mails.map((name) => readFileSync(join(OUTBOX, name), 'utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='));
  return texts.filter((text) => text.includes(email));
}

test('a user is told of a new device in the portal and by mail, and reads it without scripts', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const browser = await openBrowser({ as: grace, script: false });
  const { page } = browser;
  await browser.goto('/');
  await expect(page.getByRole('region', { name: 'New on your account' }), 'what they did themselves is no news').toHaveCount(0);
  await testApp.addDevice(grace, 'A strange laptop');
  await browser.goto('/');
  await expect(page.getByRole('region', { name: 'New on your account' })).toContainText('The device “A strange laptop” was added to your account.');
  await page.setViewportSize({ width: 320, height: 640 });
  await page.getByRole('link', { name: 'Show all' }).click();
  const told = page.getByRole('listitem').filter({ hasText: 'A strange laptop' });
  await expect(told).toContainText('If that was not you, revoke the device');
  await browser.send(told.getByRole('button', { name: /^Mark as read/ }));
  await expect(told.getByText('New', { exact: true })).toHaveCount(0);
  await browser.goto('/');
  await expect(page.getByRole('region', { name: 'New on your account' })).toHaveCount(0);
  await expect.poll(() => mailsTo(grace.email).filter((mail) => mail.includes('A strange laptop')).length).toBe(1);
});

test('an administrator invites a user by mail, who registers with the link', async ({ testApp, openBrowser }) => {
  const administrator = await openBrowser({ as: await testApp.admin() });
  const { page } = administrator;
  await administrator.goto('/admin/users?add=1');
  await page.getByLabel('E-mail', { exact: true }).fill('invited@example.com');
  await expect(page.getByLabel('Send the link by mail')).toBeChecked();
  await administrator.send('Add user and create link');
  await administrator.expectStatus('Their link is on its way to invited@example.com.');
  await expect(page.getByText('/enrol/')).toHaveCount(0);
  await expect.poll(() => mailsTo('invited@example.com').length).toBe(1);
  const [mail] = mailsTo('invited@example.com');
  const [link] = mail!.match(/http\S*\/enrol\/\w+/)!;
  const invited = await openBrowser();
  await invited.enrol(link!);
  // The second one is about their passkey.
  await expect.poll(() => mailsTo('invited@example.com').length).toBe(2);
  await administrator.goto('/admin/mails');
  await expect(page.getByText('Every mail was sent')).toBeVisible();
});

test('a user signs another device out, and everywhere else', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const phone = await openBrowser({ as: grace });
  const laptop = await openBrowser({ passkeys: grace.passkeys, autofill: false });
  await phone.goto('/security');
  await laptop.goto('/login');
  await laptop.pressHydrated('Use a passkey');
  await expect(laptop.page.getByRole('heading', { name: /Hello/ })).toBeVisible();
  await laptop.goto('/security');
  const sessions = laptop.page.getByRole('region', { name: 'Sessions' }).getByRole('listitem');
  await expect(sessions).toHaveCount(2);
  await laptop.send(sessions.last().getByRole('button', { name: /^Sign out on/ }));
  await laptop.expectStatus('The session ended.');
  await expect(sessions).toHaveCount(1);
  await phone.goto('/security');
  expect(phone.currentPath()).toContain('/login');
});
