/** `/admin/services…`: services, tokens, policies and grants, also on the page of a user. */
import { DEVICE_COOKIE, deviceOf, expect, test } from '../fixtures';

test('an administrator adds a service, and its token is shown once', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  await ada.goto('/admin/services');
  const form = await ada.unfold('Add a service');
  await form.getByLabel('Name').fill('Photo Gallery');
  await form.getByLabel('Hosts').fill('gallery.example.com');
  await ada.send('Add service and create token');
  await expect(form.getByLabel('Name')).toHaveAccessibleDescription(/1 to 63 lower-case letters, digits and hyphens/);
  await expect(form.getByLabel('Name')).toHaveValue('Photo Gallery');
  await expect(form.getByLabel('Hosts')).toHaveValue('gallery.example.com');
  await form.getByLabel('Name').fill('photo-gallery');
  await ada.send('Add service and create token');
  expect(ada.currentPath()).toBe('/admin/services/photo-gallery');
  const token = await ada.secretOnce();
  await testApp.grant(grace.email, 'photo-gallery');
  expect((await testApp.verify('photo-gallery', token, deviceOf(grace))).status).toBe(200);
  // The configuration to paste names the service and its host, never a token.
  for (const [proxy, id, part] of [
    ['nginx', '#nginx-0', 'server_name gallery.example.com;'],
    ['Caddy', '#caddy-0', 'gallery.example.com {'],
    ['Traefik', '#traefik-0', 'Host(`gallery.example.com`)'],
    ['HAProxy', '#haproxy-0', 'latchkey-photo-gallery'],
    ['Envoy', '#envoy-0', 'path_prefix: /forward-auth'],
  ] as const) {
    await ada.unfold(proxy);
    await expect(page.locator(id)).toContainText(part);
    await expect(page.locator(id)).toContainText('/forward-auth');
    await expect(page.locator(id)).not.toContainText('lk_');
  }
  await ada.goto('/admin/services');
  await page.getByRole('table').getByRole('link', { name: /photo-gallery/ }).click();
  await expect(ada.heading('photo-gallery')).toBeVisible();
  // A wrong rule is kept in the form with its line; a valid one is saved.
  const rules = page.getByLabel('Rules for paths');
  await rules.fill('public GET /assets/*\nall /x');
  await ada.send('Save hosts and policy');
  await expect(rules).toHaveAccessibleDescription(/Line 2: `all` is not an audience/);
  await expect(rules).toHaveValue('public GET /assets/*\nall /x');
  await rules.fill('public GET /assets/*\nnobody /metrics');
  await ada.send('Save hosts and policy');
  await ada.goto('/admin/services/photo-gallery');
  await expect(rules).toHaveValue('public GET /assets/*\nnobody /metrics');
});

test('field_8_forty_kilobytes_of_rules_survive_the_end_of_a_session', async ({ testApp, openBrowser }) => {
  await testApp.service('library');
  const root = await testApp.newUser({ name: 'Ada Lovelace', admin: true });
  const ada = await openBrowser({ as: root, autofill: false });
  const { page } = ada;
  await ada.goto('/admin/services/library');
  const rules = page.getByLabel('Rules for paths');
  const text = 'nobody /private/*\n'.repeat(2400).trim();
  // Pasted, because typing so much is slow.
  await rules.evaluate((area: HTMLTextAreaElement, text) => (area.value = text), text);
  await page.getByRole('textbox', { name: 'Hosts' }).fill('library.example.com');
  // The session ends while she types; her device stays.
  await ada.context.clearCookies({ name: `${DEVICE_COOKIE}-session` });
  await ada.send('Save hosts and policy');
  await expect(ada.heading('Confirm it’s you, Ada')).toBeVisible();
  await expect(page.getByText('The form you sent has not been applied yet. Your entries were kept.')).toBeVisible();
  await page.reload();
  await ada.pressHydrated('Use a passkey');
  await page.waitForURL('**/admin/services/library');
  await expect(page.getByRole('alert')).toContainText('Nothing was changed yet.');
  await expect(rules).toHaveValue(text);
  await expect(page.getByRole('textbox', { name: 'Hosts' })).toHaveValue('library.example.com');
  // Sent again it is rejected as too long, and still kept.
  await ada.send('Save hosts and policy');
  await expect(rules).toHaveAccessibleDescription(/at most 8192 letters/);
  await expect(rules).toHaveValue(text);
});

test('a rotated token stays valid for its overlap, or ends at once without one', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const tokens = [await testApp.service('turning')];
  await testApp.grant(grace.email, 'turning');
  const ada = await openBrowser({ as: await testApp.admin() });
  const statuses = async () => Promise.all(tokens.map(async (token) => (await testApp.verify('turning', token, deviceOf(grace))).status));
  for (const [overlap, expected] of [
    ['1 hour', [200, 200]],
    ['None: it was leaked', [404, 404, 200]],
  ] as const) {
    await ada.goto('/admin/services/turning');
    await ada.page.getByRole('button', { name: 'Rotate token' }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Rotate the token of turning' });
    await dialog.getByRole('radio', { name: overlap }).check();
    await ada.send(dialog.getByRole('button', { name: 'Rotate', exact: true }));
    tokens.push(await ada.secretOnce());
    // Tokens expire at whole seconds.
    await expect.poll(statuses, { timeout: 2000, intervals: [50] }).toEqual(expected);
  }
});

test('grants take effect at the next request', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Grace Hopper' });
  const token = await testApp.service('matrix');
  const ada = await openBrowser({ as: await testApp.admin() });
  const { page } = ada;
  const verified = async () => {
    const { status, body } = await testApp.verify('matrix', token, deviceOf(grace));
    return { status, body: body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : body };
  };
  expect(await verified()).toEqual({ status: 401, body: 'User does not have access to this service' });

  await ada.goto('/admin/services/matrix');
  let form = await ada.unfold('Grant access to a user');
  await form.getByLabel('E-mail', { exact: true }).fill('nobody@example.com');
  await ada.send('Grant');
  form = await ada.unfold('Grant access to a user');
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/No user has this e-mail address/);
  await form.getByLabel('E-mail', { exact: true }).fill(grace.email);
  await form.getByRole('checkbox', { name: /read:username/ }).check();
  await ada.send('Grant');
  await ada.expectStatus('Grace Hopper now has access to matrix.');
  let response = await verified();
  expect(response).toMatchObject({ status: 200, body: { scopes: ['read:username'], username: 'Grace Hopper' } });
  expect(response.body).not.toHaveProperty('email');
  const { subject } = response.body as { subject: string };

  const row = page.getByRole('row').filter({ hasText: grace.email });
  await row.getByRole('checkbox', { name: 'read:email for Grace Hopper' }).check();
  await row.getByRole('checkbox', { name: 'read:username for Grace Hopper' }).uncheck();
  await ada.send('Save scopes');
  response = await verified();
  expect(response).toMatchObject({ status: 200, body: { subject, scopes: ['read:email'], email: grace.email } });
  expect(response.body).not.toHaveProperty('username');

  await row.getByRole('button', { name: 'Remove Grace Hopper' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Remove access to matrix from Grace Hopper?' });
  await ada.send(dialog.getByRole('button', { name: 'Remove' }));
  expect(await verified()).toEqual({ status: 401, body: 'User does not have access to this service' });
});

test('a grant is added and removed on the page of the user too', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ name: 'Katherine Johnson' });
  const token = await testApp.service('orbit', '--host', 'orbit.example.com');
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.openUser(grace);
  const form = await ada.unfold('Grant access to a service');
  await form.getByLabel('Service').selectOption('orbit');
  await form.getByLabel('Expires after (days)').fill('7');
  await ada.send('Grant');
  expect((await testApp.verify('orbit', token, deviceOf(grace))).status).toBe(200);
  await expect(ada.page.getByRole('region', { name: 'Grants' })).toContainText('in 7 days');
  // It is a tile on the user's start page now.
  const katherine = await openBrowser({ as: grace });
  await katherine.goto('/');
  await expect(katherine.page.getByRole('link', { name: /Orbit/ })).toHaveAttribute('href', 'http://orbit.example.com/');
  await ada.page.getByRole('button', { name: 'Remove Katherine Johnson from orbit' }).click();
  await ada.send(ada.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
  expect((await testApp.verify('orbit', token, deviceOf(grace))).status).toBe(401);
});

test('a policy that requires a recent passkey takes effect at the next request', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser({ passkey: false });
  const token = await testApp.service('strict');
  await testApp.grant(grace.email, 'strict');
  expect((await testApp.verify('strict', token, deviceOf(grace))).status).toBe(200);
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto('/admin/services/strict');
  const policy = ada.page.getByRole('region', { name: 'Hosts and policy' });
  await policy.getByRole('radio', { name: /A recent passkey/ }).check();
  await policy.getByLabel('Maximum sign-in age (minutes)').fill('60');
  await policy.getByLabel('Hosts').fill('strict.example.com');
  await ada.send('Save hosts and policy');
  await ada.expectStatus('Hosts and policy were saved.');
  expect(JSON.parse((await testApp.verify('strict', token, deviceOf(grace))).body)).toMatchObject({ error: 'step_up_required' });
  await expect(ada.page.getByText('strict.example.com. Requires a passkey used within 1 hour.')).toBeVisible();
});

test('an administrator deletes a service', async ({ testApp, openBrowser }) => {
  const grace = await testApp.newUser();
  const token = await testApp.service('short-lived');
  await testApp.grant(grace.email, 'short-lived');
  const ada = await openBrowser({ as: await testApp.admin() });
  await ada.goto('/admin/services/short-lived');
  await ada.page.getByRole('button', { name: 'Delete short-lived' }).click();
  await ada.send('Delete permanently');
  expect(ada.currentPath()).toBe('/admin/services');
  expect((await testApp.verify('short-lived', token, deviceOf(grace))).status).toBe(404);
  await ada.gotoRefused('/admin/services/short-lived', 404);
});
