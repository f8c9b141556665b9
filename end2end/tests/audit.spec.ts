/** `/admin/audit` and `/activity`: filters, copies, the live view and the check of the chain. */
import { readFileSync } from 'node:fs';
import { expect, test } from '../fixtures';

test('an administrator filters the log without scripts, corrects the filter, and exports what is found', async ({ testApp, openBrowser }) => {
  const root = await testApp.admin();
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const admin = await openBrowser({ as: root, script: false });
  const { page } = admin;
  await admin.goto('/admin/users');
  await page.getByRole('link', { name: 'Grace Hopper' }).click();
  await page.getByRole('link', { name: 'In the audit log' }).first().click();
  await expect(page.getByLabel(/^User/)).toHaveValue(/^[0-9a-f-]{36}$/);
  await expect(page.getByRole('row').filter({ hasText: grace.email }).first()).toBeVisible();
  await page.getByLabel(/^User/).fill(grace.email);
  await page.getByLabel('Network').fill('everywhere');
  await page.getByLabel('From (UTC)').fill('2020-01-01');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('Enter an address like 192.0.2.7')).toBeVisible();
  await expect(page.getByLabel(/^User/)).toHaveValue(grace.email);
  await expect(page.getByLabel('From (UTC)')).toHaveValue('2020-01-01');
  await page.getByLabel('Network').fill('127.0.0.0/8');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByRole('table')).toContainText('127.0.0.1');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('latchkey-audit.csv');
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n');
  expect(lines[0]).toContain('seq,time,actor');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.slice(1).every((line) => line.includes('127.0.0.1'))).toBe(true);
});

test('new entries appear at the top while the page is open, and the view ends with the session', async ({ testApp, openBrowser }) => {
  // Whose device is revoked at the end.
  const root = await testApp.newUser({ name: 'Mary Jackson', admin: true });
  const admin = await openBrowser({ as: root });
  const { page } = admin;
  await admin.goto('/admin/audit?filter=service');
  await page.getByRole('link', { name: 'Follow live' }).click();
  await expect(page.getByText('Following. New entries appear at the top.')).toBeVisible();
  await testApp.server.cli('service', 'add', 'live-one');
  await testApp.server.cli('user', 'add', 'unseen@example.com');
  const first = page.getByRole('row').nth(1);
  await expect(first).toContainText('live-one');
  await testApp.server.cli('service', 'add', 'live-two');
  await expect(first).toContainText('live-two');
  await expect(page.getByRole('table')).not.toContainText('unseen@example.com');
  await expect(page.getByText(/New entries so far: \d/)).toBeVisible();
  await first.getByRole('link', { name: 'live-two' }).click();
  await expect(page.getByRole('heading', { name: 'live-two' })).toBeVisible();
  await page.goBack();
  await testApp.server.cli('service', 'add', 'live-three');
  await expect(page.getByRole('row').nth(1)).toContainText('live-three');
  const devices = await testApp.server.cli<{ items: { id: string; email: string }[] }>('device', 'list', '--search', root.email);
  await testApp.server.cli('device', 'revoke', devices.items[0]!.id);
  await expect(page.getByText('The live view has ended.')).toBeVisible();
});

test('the chain is verified, and users see and export their own activity', async ({ testApp, openBrowser }) => {
  const admin = await openBrowser({ as: await testApp.admin(), script: false });
  await admin.goto('/admin/audit');
  await admin.page.getByRole('link', { name: 'Verify chain' }).click();
  await expect(admin.page.getByText('The chain is intact.')).toBeVisible();
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const browser = await openBrowser({ as: grace, script: false });
  const { page } = browser;
  await browser.goto('/activity');
  await page.getByLabel('Event').selectOption('Passkeys');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.getByText('A passkey was added').first()).toBeVisible();
  await expect(page.getByText('A device was registered')).toHaveCount(0);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export JSON lines' }).click();
  const lines = readFileSync(await (await download).path(), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { action: string }).action)).toEqual(['passkey.added']);
});
