/** Roles: what each user may administer. */
import { expect, test } from '../fixtures';

test('an administrator defines a role, and its user sees and does what it permits', async ({ testApp, openBrowser }) => {
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto('/admin/roles');
  const { page } = ada;
  await page.getByText('Define a role').click();
  await page.getByLabel('Name').fill('Help Desk');
  await page.getByRole('checkbox', { name: 'users:read' }).check();
  await page.getByRole('checkbox', { name: 'users:invite' }).check();
  await ada.send('Define role');
  await expect(page.getByLabel('Name')).toHaveAccessibleDescription(/lower-case letters/);
  await expect(page.getByRole('checkbox', { name: 'users:invite' }), 'nothing is lost').toBeChecked();
  await page.getByLabel('Name').fill('help-desk');
  await ada.send('Define role');
  await ada.expectStatus('The role help-desk was defined.');

  const hal = await openBrowser({ as: await testApp.newUser({ name: 'Hal', role: 'help-desk' }) });
  await hal.goto('/');
  const nav = hal.page.getByRole('navigation', { name: 'Main' });
  await expect(nav.getByRole('link', { name: 'Users' })).toBeVisible();
  await expect(nav.getByRole('link', { name: 'Audit log' })).toHaveCount(0);
  await hal.goto('/admin/users');
  await hal.page.getByText('Add a user').click();
  await expect(hal.page.getByRole('radio'), 'the only role that they may give').toHaveCount(1);
  await hal.page.getByLabel('E-mail').fill(testApp.newEmail());
  await hal.send('Add user and create link');
  await expect(hal.page.getByText(/Send the link below/)).toBeVisible();
  await expect(hal.page.getByRole('button', { name: 'New enrolment link' })).toBeVisible();
  await expect(hal.page.getByRole('button', { name: 'Disable' })).toHaveCount(0);
  hal.problems.allowStatus(403);
  await hal.goto('/admin/audit');
  await expect(hal.page.getByText('Your role does not permit this')).toBeVisible();

  // More than before: the session of before must not get it.
  await ada.goto('/admin/roles');
  await page.getByText('Change help-desk').click();
  const form = page.locator('form[action="/actions/role/change"]');
  await form.getByRole('checkbox', { name: 'audit:read' }).check();
  await ada.send(form.getByRole('button', { name: 'Save permissions' }));
  await ada.expectStatus('The role help-desk was changed.');
  await hal.goto('/admin/users');
  expect(hal.currentPath()).toMatch(/^\/login/);
});

test('an auditor reads every page and is offered no change', async ({ testApp, openBrowser }) => {
  await testApp.service('read-only');
  const grace = await testApp.newUser();
  await testApp.grant(grace.email, 'read-only');
  const eve = await openBrowser({ as: await testApp.newUser({ name: 'Eve', role: 'auditor' }) });
  const { page } = eve;
  const pages = ['/admin', '/admin/users', '/admin/roles', '/admin/devices', '/admin/services', '/admin/clients', '/admin/risk', '/admin/risk/networks', '/admin/risk/replay', '/admin/audit', '/admin/services/read-only'];
  for (const path of pages) {
    await eve.goto(path);
    await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
    const forms = page.locator('main form:not([method="get"])');
    for (const form of await forms.all()) await expect(form.getByRole('button'), `${path}: a form without a button`).toHaveCount(0);
  }
});
