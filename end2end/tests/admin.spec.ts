/** `/admin…`: users, devices and events. */
import { deviceOf, expect, type StoredUser, test } from '../fixtures';

test('the overview shows recent sign-ins and events', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto('/admin');
  await expect(ada.heading('Overview')).toBeVisible();
  await expect(ada.page.getByRole('img', { name: /sign-ins?/i })).toBeVisible();
  await expect(ada.page.getByText('A device was registered').first()).toBeVisible();
  const main = ada.page.getByRole('navigation', { name: 'Main' });
  for (const [name, path] of [
    ['Users', '/admin/users'],
    ['All devices', '/admin/devices'],
    ['Services', '/admin/services'],
    ['Clients', '/admin/clients'],
    ['Risk', '/admin/risk'],
    ['Audit log', '/admin/audit'],
    ['Overview', '/admin'],
  ] as const) {
    await main.getByRole('link', { name, exact: true }).click();
    await ada.page.waitForURL(`**${path}`);
    await expect(ada.heading(name)).toBeVisible();
    await expect(main.getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'page');
  }
});

test('users are searched, sorted and paged by URL', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  await testApp.addManyUsers();
  const { page } = ada;
  await ada.goto('/admin/users');
  await page.getByRole('searchbox', { name: 'Search' }).fill('crowd');
  await ada.send('Find');
  expect(new URL(page.url()).searchParams.get('q')).toBe('crowd');
  await expect(page.getByText('30 users found.')).toBeVisible();
  await expect(ada.rows()).toHaveCount(25);
  await expect(ada.rows().first()).toHaveText('Person 01');
  await expect(page.getByText('1–25 of 30')).toBeVisible();

  await page.getByRole('link', { name: 'Next' }).click();
  await page.waitForURL('**page=2**');
  await expect(ada.rows()).toHaveCount(5);
  await expect(ada.rows().first()).toHaveText('Person 26');
  await expect(page.getByRole('link', { name: 'Next' })).toHaveCount(0);

  const head = page.getByRole('columnheader', { name: 'Name' });
  await head.getByRole('link').click();
  await page.waitForURL('**sort=name**');
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await head.getByRole('link').click();
  await page.waitForURL(/sort=(-|%2D)name/);
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(ada.rows().first()).toHaveText('Person 30');
  expect(new URL(page.url()).searchParams.get('q'), 'the search stays').toBe('crowd');

  // The URL alone gives the same list in another window; and the browser's back button works.
  const address = page.url();
  const again = await openBrowser({ as: await testApp.admin() });
  await again.goto(address);
  await expect(again.rows().first()).toHaveText('Person 30');
  await page.goBack();
  await expect(ada.rows().first()).toHaveText('Person 01');

  await page.getByLabel('Status or role').selectOption({ label: 'Administrators' });
  await ada.send('Find');
  await expect(page.getByText('Nothing matches “crowd”')).toBeVisible();
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(page.getByRole('table')).toBeVisible();
});

test('a page beyond the end of a list links back', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  await testApp.addManyUsers();
  await ada.goto('/admin/users?q=crowd&page=99');
  await expect(ada.page.getByText('No results on this page; 30 in total')).toBeVisible();
  await ada.page.getByRole('link', { name: 'Previous' }).click();
  await expect(ada.rows()).toHaveCount(5);
});

test('an error in a new user is shown beside the field, and the input is kept', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto('/admin/users');
  const form = await ada.unfold('Add a user');
  await form.getByLabel('E-mail', { exact: true }).fill('grace..hopper@example.com');
  await form.getByLabel('Name').fill('Grace Hopper');
  await form.getByRole('radio', { name: /Administrator/ }).check();
  await ada.send('Add user and create link');
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/Write the e-mail address like/);
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveValue('grace..hopper@example.com');
  await expect(form.getByLabel('Name')).toHaveValue('Grace Hopper');
  await expect(form.getByRole('radio', { name: /Administrator/ })).toBeChecked();
  await form.getByLabel('E-mail', { exact: true }).fill('ada@example.com');
  await ada.send('Add user and create link');
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/has an account already/);
});

test('a new enrolment link replaces the older one', async ({ testApp, openBrowser }) => {
  const email = testApp.newEmail();
  const { enrolment_url } = await testApp.server.cli<{ enrolment_url: string }>('user', 'add', email, '--name', 'Late Comer');
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.openUser({ email, name: 'Late Comer' });
  await expect(ada.page.getByText('Invited').first()).toBeVisible();
  await ada.send('New enrolment link');
  const link = await ada.secretOnce();
  const comer = await openBrowser();
  await comer.gotoRefused(enrolment_url, 404);
  await comer.enrol(link);
  await expect(comer.heading('Hello, Late')).toBeVisible();
});

test('r08_disabling_and_enabling_a_user_take_effect_at_once', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Switched Off' });
  const token = await testApp.service('switch');
  await testApp.grant(grace.email, 'switch');
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.openUser(grace);
  await ada.page.getByRole('button', { name: 'Disable', exact: true }).first().click();
  const dialog = ada.page.getByRole('alertdialog', { name: 'Disable Switched Off?' });
  await expect(dialog).toContainText('1 device and 1 passkey');
  await expect(dialog).toContainText('access to switch');
  await ada.send(dialog.getByRole('button', { name: 'Disable' }));
  expect((await testApp.verify('switch', token, deviceOf(grace))).status).toBe(404);
  await ada.expectStatus('The account is disabled.');
  await ada.send('Enable');
  expect((await testApp.verify('switch', token, deviceOf(grace))).status).toBe(200);
});

test('an administrator deletes a user, and verify refuses at once', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Gone Soon' });
  const token = await testApp.service('gone');
  await testApp.grant(grace.email, 'gone');
  expect((await testApp.verify('gone', token, deviceOf(grace))).status).toBe(200);
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.openUser(grace);
  await ada.page.getByRole('button', { name: 'Delete Gone Soon' }).click();
  await ada.send('Delete permanently');
  expect((await testApp.verify('gone', token, deviceOf(grace))).status).toBe(404);
  expect(ada.currentPath()).toBe('/admin/users');
  await ada.expectStatus(`${grace.email} was deleted.`);
});

test('audit_6_a_role_change_ends_every_sign_in_and_counts_after_the_next_one', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Rising Star' });
  const ada = await openBrowser({ as: await testApp.admin() });
  const star = await openBrowser({ as: grace });
  for (const role of ['Administrator', 'Member'] as const) {
    const before = await star.deviceCookie();
    await ada.openUser(grace);
    const form = await ada.unfold('Change role');
    await form.locator(`[value=${role === 'Member' ? 'member' : 'admin'}]`).check();
    await ada.send('Save role');
    await ada.expectStatus(role === 'Member' ? 'The user is now a member.' : 'The user is now an administrator.');
    star.problems.allowStatus(403);
    // Signed out everywhere: the passkey signs in again, and redirects to the requested page.
    await star.goto('/admin/users');
    if (role === 'Administrator') await expect(star.heading('Users')).toBeVisible();
    else await expect(star.page.getByText('Your role does not permit this')).toBeVisible();
    expect(await star.deviceCookie()).not.toBe(before);
  }
});

test('the last administrator cannot be disabled, deleted or demoted', async ({ isolatedApp, openBrowser }) => {
  const ada = await openBrowser({ at: isolatedApp, as: await isolatedApp.admin() });
  await ada.goto('/admin/users');
  await ada.page.getByRole('table').getByRole('link', { name: 'Ada Lovelace' }).click();
  const refusal = ada.page.getByRole('alert').filter({ hasText: 'is the only administrator' });
  await ada.page.getByRole('button', { name: 'Disable', exact: true }).first().click();
  await ada.send(ada.page.getByRole('alertdialog', { name: /Disable/ }).getByRole('button', { name: 'Disable' }));
  await expect(refusal).toBeVisible();
  await ada.page.getByRole('button', { name: 'Delete Ada Lovelace' }).click();
  await ada.send('Delete permanently');
  await expect(refusal).toBeVisible();
  const form = await ada.unfold('Change role');
  await form.getByRole('radio', { name: /Member/ }).check();
  await ada.send('Save role');
  await expect(refusal).toBeVisible();
  await ada.goto('/admin');
  await expect(ada.heading('Overview')).toBeVisible();
});

test('an administrator finds a lost device and revokes it', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const token = await testApp.service('all-devices');
  await testApp.grant(grace.email, 'all-devices');
  const cookie = await testApp.addDevice(grace, 'Left in the train');
  expect((await testApp.verify('all-devices', token, cookie)).status).toBe(200);
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/devices');
  await page.getByRole('searchbox', { name: 'Search' }).fill('left in the');
  await ada.send('Find');
  await expect(ada.rows()).toHaveText(['Left in the train']);
  await page.getByRole('button', { name: `Revoke Left in the train of ${grace.email}` }).click();
  await ada.send(page.getByRole('alertdialog').getByRole('button', { name: 'Revoke device' }));
  expect((await testApp.verify('all-devices', token, cookie)).status).toBe(404);
  await expect(page.getByText('Nothing matches “left in the”')).toBeVisible();
  await ada.goto('/admin/devices?q=left+in+the&filter=revoked');
  await expect(ada.rows()).toHaveText(['Left in the train']);
  await expect(page.getByRole('table')).toContainText('Revoked');
});

test('devices are sorted by last use, name and user', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Sorter' });
  for (const name of ['b-sorted', 'a-sorted', 'c-sorted']) await testApp.addDevice(grace, name);
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto('/admin/devices?q=-sorted');
  await expect(ada.page.getByRole('columnheader', { name: 'Last used' })).toHaveAttribute('aria-sort', 'descending');
  await ada.page.getByRole('columnheader', { name: 'Device' }).getByRole('link').click();
  await ada.page.waitForURL('**sort=name**');
  await expect(ada.rows()).toHaveText(['a-sorted', 'b-sorted', 'c-sorted']);
  await ada.page.getByRole('columnheader', { name: 'Device' }).getByRole('link').click();
  await expect(ada.rows()).toHaveText(['c-sorted', 'b-sorted', 'a-sorted']);
});

test('an administrator filters the audit log and verifies its chain', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/audit');
  await page.getByLabel('Event').selectOption({ label: 'A passkey was added' });
  await page.getByRole('searchbox', { name: 'Search' }).fill(grace.email);
  await ada.send('Find');
  await expect(ada.rows()).toHaveCount(1);
  await expect(ada.rows().first()).toContainText('passkey.added');
  await page.getByRole('link', { name: 'Verify chain' }).click();
  await ada.expectStatus('The chain is intact.');
});

test('audit_12_the_audit_log_shows_old_and_new_values_of_a_service', async ({ testApp, openBrowser }) => {
  await testApp.server.cli('service', 'add', 'told', '--host', 'told.example.com');
  await testApp.server.cli('service', 'rules', 'told', '--rule', 'public /*');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await page.setViewportSize({ width: 320, height: 640 });
  await ada.goto('/admin/audit?q=told&filter=service.changed');
  await expect(ada.rows()).toHaveCount(1);
  const summary = ada.rows().first().locator('summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  const comparable = ada.rows().first().locator('dl');
  await expect(comparable).toContainText('Beforenothing');
  await expect(comparable).toContainText('Afterpublic /*');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test('r15_losing_the_role_counts_in_every_window', async ({ testApp, openBrowser }) => {
  const bob: StoredUser = await testApp.newUser({ name: 'Bob', admin: true });
  const window = await openBrowser({ as: bob });
  await window.goto('/admin');
  await expect(window.heading('Overview')).toBeVisible();
  await testApp.server.cli('user', 'role', bob.email, 'member');
  const other = await openBrowser({ authenticator: false });
  await other.context.addCookies(bob.cookies);
  await other.goto('/admin');
  expect(other.currentPath(), 'his sign-ins ended with the role').toMatch(/^\/login/);
  window.problems.allowStatus(403);
  await window.goto('/admin');
  await expect(window.page.getByText('Your role does not permit this')).toBeVisible();
  await window.goto('/');
  await expect(window.page.getByText('Administration')).toHaveCount(0);
});
