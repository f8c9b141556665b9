/** Recovery codes, `/recover`, devices in recovery, and how they are cancelled. */
import { readFileSync } from 'node:fs';
import { type BrowserUser, clock, deviceOf, expect, type StoredUser, test, type TestApp } from '../fixtures';
import { overflow } from '../fixtures/looks';

const CODE = /[0-9a-z]{6}-[0-9a-z]{6}-[0-9a-z]{6}-[0-9a-z]{5}/g;
const DAY = 24 * 60 * 60;

/** Makes recovery codes on `/security`, and reads them there. */
async function makeCodes(user: BrowserUser): Promise<string[]> {
  await user.goto('/security');
  await user.send('Make recovery codes');
  await user.expectStatus('New recovery codes were made.');
  const codes = (await user.page.locator('#recovery-codes').innerText()).match(CODE)!;
  expect(codes).toHaveLength(10);
  return codes;
}

/** Enters a recovery code in a browser that knows nothing. */
async function recover(user: BrowserUser, code: string): Promise<void> {
  await user.goto('/login');
  await user.page.getByRole('link', { name: 'Lost everything? Use a recovery code' }).click();
  await user.page.getByLabel('Recovery code').fill(code);
  await user.send('Continue');
}

async function graceWithCodes(testApp: TestApp, openBrowser: (options: { as: StoredUser }) => Promise<BrowserUser>): Promise<{ grace: StoredUser; laptop: BrowserUser; codes: string[] }> {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const laptop = await openBrowser({ as: grace });
  return { grace, laptop, codes: await makeCodes(laptop) };
}

test('codes are shown once, and can be downloaded', async ({ testApp, openBrowser }) => {
  const { laptop, codes } = await graceWithCodes(testApp, openBrowser);
  const { page } = laptop;
  const downloaded = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as text' }).click();
  const file = await downloaded;
  expect(file.suggestedFilename()).toBe('latchkey-recovery-codes.txt');
  const text = readFileSync(await file.path(), 'utf8');
  for (const code of codes) expect(text.split('\n')).toContain(code);
  await page.emulateMedia({ media: 'print' });
  await expect(page.getByText(codes[9]!)).toBeVisible();
  await expect(laptop.heading('Security')).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await laptop.goto('/security');
  await expect(page.getByText(codes[0]!)).toHaveCount(0);
  await expect(page.getByText('10 of 10')).toBeVisible();
});

test('a link of an active user recovers, and enrols if the administrator vouches', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Locked Out', passkey: false });
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.openUser(grace);
  await ada.page.getByRole('button', { name: 'New enrolment link' }).click();
  await ada.send('Make the link');
  const slow = await openBrowser();
  await slow.goto(await ada.secretOnce());
  await expect(slow.heading('Recover access, Locked')).toBeVisible();
  await slow.send('Recover access on this device');
  await expect(slow.page.getByText('This device is in recovery.')).toBeVisible();

  await ada.openUser(grace);
  await ada.page.getByRole('button', { name: 'New enrolment link' }).click();
  await ada.page.getByLabel('I have checked that this is the user').check();
  await ada.send('Make the link');
  const quick = await openBrowser();
  await quick.enrol(await ada.secretOnce());
  await expect(quick.heading('Hello, Locked')).toBeVisible();
});

test('everything but the passkey works without scripts and at 320 px', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const laptop = await openBrowser({ as: grace, script: false, viewport: { width: 320, height: 640 } });
  const codes = await makeCodes(laptop);
  expect(await overflow(laptop.page)).toBe(0);
  const downloaded = laptop.page.waitForEvent('download');
  await laptop.page.getByRole('link', { name: 'Download as text' }).click();
  expect(readFileSync(await (await downloaded).path(), 'utf8')).toContain(codes[0]);
  const phone = await openBrowser({ script: false, viewport: { width: 320, height: 640 } });
  await phone.goto('/recover');
  expect(await overflow(phone.page)).toBe(0);
  // By keyboard alone: the field has the focus.
  await phone.page.keyboard.type(codes[0]!);
  const answered = phone.page.waitForEvent('domcontentloaded');
  await phone.page.keyboard.press('Enter');
  await answered;
  await expect(phone.page.getByText('This device is in recovery.')).toBeVisible();
  expect(await overflow(phone.page)).toBe(0);
  await laptop.goto('/');
  expect(await overflow(laptop.page)).toBe(0);
  await laptop.send('Cancel the recovery');
  await phone.goto('/devices');
  expect(phone.currentPath()).toMatch(/^\/login/);
});

test('audit_46_who_lost_everything_recovers_is_cancelled_and_recovers_again_until_a_passkey_is_added', async ({ testApp, openBrowser }) => {
  const { grace, laptop, codes } = await graceWithCodes(testApp, openBrowser);
  const token = await testApp.service('recovered');
  await testApp.grant(grace.email, 'recovered');

  const first = await openBrowser();
  await recover(first, codes[0]!.toUpperCase());
  expect(first.currentPath()).toBe('/devices');
  await expect(first.page.getByText('This device is in recovery.')).toBeVisible();
  await expect(first.page.getByRole('navigation').getByRole('link')).toHaveText(['Devices', 'Security']);
  await first.goto('/');
  expect(first.currentPath()).toBe('/devices');
  const refused = await testApp.verify('recovered', token, await first.deviceCookie());
  expect(refused.status, 'as for insufficient assurance').toBe(401);
  expect((await testApp.verify('recovered', token, deviceOf(grace))).status).toBe(200);

  // The laptop is told, wherever its user looks.
  for (const path of ['/', '/devices']) {
    await laptop.goto(path);
    await expect(laptop.page.getByRole('region', { name: 'Somebody is recovering access to your account' })).toBeVisible();
  }
  await laptop.goto('/notifications');
  await expect(laptop.page.getByRole('listitem').filter({ hasText: 'Somebody began to recover access' })).toBeVisible();
  await laptop.send('Cancel the recovery');
  await laptop.expectStatus('The recovery was cancelled.');
  await first.goto('/devices');
  expect(first.currentPath()).toMatch(/^\/login/);

  const second = await openBrowser();
  second.problems.allowStatus(401);
  await recover(second, codes[0]!);
  await expect(second.page.getByLabel('Recovery code')).toHaveAccessibleDescription(/That recovery code is not valid/);
  await second.page.getByLabel('Recovery code').fill(codes[1]!);
  await second.send('Continue');
  await clock.advance(DAY - 60);
  await second.goto('/devices');
  await expect(second.page.getByRole('button', { name: 'Create a passkey' })).toHaveCount(0);
  await clock.advance(120);
  await second.goto('/devices');
  await expect(second.page.getByText('Add a passkey on this device now.')).toBeVisible();
  await second.pressHydrated('Create a passkey');
  await second.expectStatus(/was added/);
  await second.goto('/');
  await expect(second.heading('Hello, Grace')).toBeVisible();
  const granted = await testApp.verify('recovered', token, await second.deviceCookie());
  expect(granted.status).toBe(200);
});
