/** A device that owes something: what its user and an administrator see of it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '../fixtures';
import { axeViolations, overflow } from '../fixtures/looks';

const PICTURES = process.env.PICTURES ? join(__dirname, '../screenshots') : undefined;

test.use({ serve: { env: { LATCHKEY_PROXY_TRUSTED: '127.0.0.1', LATCHKEY_RISK_MODE: 'enforce', LATCHKEY_RISK_WEIGHTS: 'automation=0' } } });

test('audit_56_a_held_device_says_why_and_its_user_approves_it_on_another', async ({ testApp, openBrowser }) => {
  await testApp.server.cli('risk', 'block', '198.51.100.0/24');
  const storedUser = await testApp.newUser({ passkey: false });
  const grace = await openBrowser({ as: storedUser });
  const elsewhere = await openBrowser({ headers: { 'x-forwarded-for': '198.51.100.7' } });
  await elsewhere.registerWithCode(storedUser.email, await storedUser.totpApp.code());
  const admin = await openBrowser({ as: await testApp.newUser({ admin: true }) });
  for (const [user, path, name] of [[grace, '/devices', 'devices-held'], [admin, '/admin/devices', 'admin-devices-held']] as const) {
    const { page } = user;
    await user.goto(path);
    await expect(page.getByText(/^Held for approval since a sign-in .*: A network that an administrator blocked\. It opens no services until /)).toBeVisible();
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(await axeViolations(page)).toEqual([]);
      if (!PICTURES) continue;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}-${width}.png`), fullPage: true });
    }
  }
  await grace.send(grace.page.getByRole('button', { name: /^Approve / }));
  await expect(grace.page.getByText('Held for approval')).toHaveCount(0);
});
