/** `/setup/{code}`: the first start, from the printed link to the dashboard. */
import { expect, test } from '../fixtures';

test('the first administrator gets from the printed link to the dashboard', async ({ isolatedApp, openBrowser }) => {
  const ada = await openBrowser({ at: isolatedApp });
  const { page } = ada;
  const link = isolatedApp.server.setupLink;
  expect(link).toMatch(new RegExp(`^${isolatedApp.server.url}/setup/[0-9a-z]{20,}$`, 'i'));

  await ada.goto(link);
  await expect(ada.heading('Set up the first administrator')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Progress' }).locator('[aria-current=step]')).toHaveText('Account');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  await ada.send('Continue');

  await expect(ada.heading('Welcome, Ada')).toBeVisible();
  await expect(page.getByRole('img', { name: /QR code/ })).toBeVisible();
  expect(await page.locator('.qr svg path, .qr svg rect').count()).toBeGreaterThan(0);
  await ada.unfold('Can’t scan it?');
  const key = (await page.locator('#totp-secret').innerText()).replaceAll(' ', '');
  const uri = new URL((await page.getByRole('link', { name: 'Open in authenticator app' }).getAttribute('href')) ?? '');
  expect(uri.searchParams.get('secret')).toBe(key);
  expect(uri.searchParams.get('issuer')).toBe('Latchkey');
  expect(decodeURIComponent(uri.pathname)).toContain('ada@example.com');

  await ada.confirm(await ada.scan(), 'Ada’s laptop');
  await expect(page.getByRole('status').filter({ hasText: 'This device is registered' })).toContainText('ada@example.com');
  expect(await ada.deviceCookie()).toBeTruthy();

  await ada.createPasskey();
  expect(await ada.authenticator.credentials()).toHaveLength(1);
  expect(ada.currentPath()).toBe('/admin');
  await expect(ada.heading('Overview')).toBeVisible();

  await ada.goto('/devices');
  await expect(page.getByRole('listitem').filter({ hasText: 'Ada’s laptop' })).toContainText('Passkey');
});

test('must_survive_25_a_used_setup_link_gets_the_response_of_an_invalid_one', async ({ isolatedApp, openBrowser }) => {
  await isolatedApp.admin();
  const anonymous = await openBrowser({ at: isolatedApp });
  const seen: string[] = [];
  for (const path of [isolatedApp.server.setupLink, '/setup/garbage', `/setup/${'0'.repeat(23)}`]) {
    await anonymous.gotoRefused(path, 404);
    await expect(anonymous.heading('This link is no longer valid')).toBeVisible();
    seen.push(await anonymous.page.locator('main').innerHTML());
  }
  expect(new Set(seen).size, 'used, malformed and never made look the same').toBe(1);
});

test('/setup without a code is not found', async ({ isolatedApp, openBrowser }) => {
  const anonymous = await openBrowser({ at: isolatedApp });
  await anonymous.gotoRefused('/setup', 404);
  const before = await anonymous.page.locator('main').innerText();
  await anonymous.gotoRefused('/nowhere', 404);
  expect(await anonymous.page.locator('main').innerText(), 'as any address where nothing is').toBe(before);
  await expect(anonymous.page.getByLabel('E-mail')).toHaveCount(0);
});

test('r17_one_of_two_users_racing_for_the_setup_link_wins', async ({ isolatedApp, openBrowser }) => {
  const racers = [await openBrowser({ at: isolatedApp }), await openBrowser({ at: isolatedApp })];
  for (const [index, racer] of racers.entries()) {
    const { page } = racer;
    await racer.goto(isolatedApp.server.setupLink);
    await page.getByLabel('E-mail').fill(`racer${index}@example.com`);
    await page.getByLabel('Name', { exact: true }).fill(`Racer ${index}`);
    await racer.send('Continue');
    await page.getByLabel('Code from the app').fill(await (await racer.scan()).code());
  }
  await Promise.all(racers.map(({ page }) => page.getByRole('button', { name: 'Confirm' }).click()));
  const won: boolean[] = [];
  for (const racer of racers) {
    racer.problems.allowStatus(404);
    await expect(racer.page.getByRole('heading', { level: 1, name: /Create a passkey for this device|This link is no longer valid/ })).toBeVisible();
    won.push(racer.currentPath() === '/enrol/passkey');
  }
  expect(won.filter(Boolean)).toHaveLength(1);
  const { items } = await isolatedApp.server.cli<{ items: { email: string; role: string }[] }>('user', 'list');
  expect(items.map(({ email, role }) => [email, role])).toEqual([[`racer${won.indexOf(true)}@example.com`, 'admin']]);
  const loser = racers[won.indexOf(false)]!;
  expect(await loser.deviceCookie()).toBeUndefined();
});

test('an input error is shown beside the field and the rest is kept', async ({ isolatedApp, openBrowser }) => {
  const ada = await openBrowser({ at: isolatedApp });
  const { page } = ada;
  await ada.goto(isolatedApp.server.setupLink);
  await page.getByLabel('E-mail').fill('ada@localhost@example');
  await page.getByLabel('Name', { exact: true }).fill('Ada Lovelace');
  // The server's response, not the browser's own validation.
  await page.locator('form.form').evaluate((form: HTMLFormElement) => (form.noValidate = true));
  await ada.send('Continue');
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/Write the e-mail address like/);
  await expect(page.getByLabel('E-mail')).toHaveValue('ada@localhost@example');
  await expect(page.getByLabel('E-mail')).toBeFocused();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ada Lovelace');

  await page.getByLabel('E-mail').fill('ada@example.com');
  await ada.send('Continue');
  await expect(ada.heading('Welcome, Ada')).toBeVisible();
  await page.getByRole('link', { name: 'Change e-mail or name' }).click();
  await expect(page.getByLabel('E-mail')).toHaveValue('ada@example.com');
  await page.getByLabel('Name', { exact: true }).fill('Augusta King');
  await ada.send('Continue');
  await expect(ada.heading('Welcome, Augusta')).toBeVisible();
});

test('a restart before the setup replaces the link', async ({ isolatedApp, openBrowser }) => {
  const older = isolatedApp.server.setupLink;
  await isolatedApp.server.shutDown();
  await isolatedApp.server.run();
  const ada = await openBrowser({ at: isolatedApp });
  await ada.gotoRefused(older, 404);
  await ada.goto(isolatedApp.server.setupLink);
  await expect(ada.heading('Set up the first administrator')).toBeVisible();
});

test('a start after the setup prints no link', async ({ isolatedApp }) => {
  await isolatedApp.admin();
  await isolatedApp.server.shutDown();
  await isolatedApp.server.run();
  expect(isolatedApp.server.hasLink('Set up Latchkey')).toBe(false);
});
