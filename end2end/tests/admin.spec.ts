/** `/admin…`: people, devices, services, grants, and what happened last night. */
import { deviceOf, expect, type House, type Resident, test, type Visitor } from '../fixtures';

/** The rows of the page's table by their row heading. */
function rows(visitor: Visitor) {
  return visitor.page.getByRole('table').first().getByRole('rowheader');
}

/** Opens the page of a person, found by address as an administrator would. */
async function openPerson(ada: Visitor, { email, name }: { email: string; name: string }): Promise<void> {
  await ada.goto('/admin/users');
  await ada.page.getByRole('searchbox', { name: 'Search' }).fill(email);
  await ada.send('Find');
  await ada.page.getByRole('table').getByRole('link', { name }).click();
  await expect(ada.heading(name)).toBeVisible();
}

async function secretOnce(visitor: Visitor): Promise<string> {
  await expect(visitor.page.getByText('You won’t see this again.')).toBeVisible();
  const secret = await visitor.page.locator('#revealed').innerText();
  await visitor.page.reload();
  await expect(visitor.page.locator('#revealed'), 'shown once').toHaveCount(0);
  expect(await visitor.page.content()).not.toContain(secret);
  return secret;
}

async function crowd(house: House): Promise<void> {
  const { items } = await house.server.cli<{ items: unknown[] }>('user', 'list', '--search', 'crowd');
  if (items.length > 0) return;
  // The command line opens the database each time; a few at once go well together.
  for (let first = 0; first < 30; first += 5) {
    await Promise.all(
      Array.from({ length: 5 }, (_, offset) => {
        const number = String(first + offset + 1).padStart(2, '0');
        return house.server.cli('user', 'add', `crowd${number}@example.com`, '--name', `Person ${number}`);
      }),
    );
  }
}

test('an administrator sees at a glance who came in and what happened', async ({ house, visit }) => {
  const ada = await visit({ as: await house.admin() });
  await ada.goto('/admin');
  await expect(ada.heading('Overview')).toBeVisible();
  await expect(ada.page.getByRole('img', { name: /sign-ins?/i })).toBeVisible();
  await expect(ada.page.getByText('A device was registered').first()).toBeVisible();
  const main = ada.page.getByRole('navigation', { name: 'Main' });
  for (const [name, path] of [
    ['People', '/admin/users'],
    ['All devices', '/admin/devices'],
    ['Services', '/admin/services'],
    ['Audit', '/admin/audit'],
    ['Overview', '/admin'],
  ] as const) {
    await main.getByRole('link', { name, exact: true }).click();
    await ada.page.waitForURL(`**${path}`);
    await expect(ada.heading(name)).toBeVisible();
    await expect(main.getByRole('link', { name, exact: true })).toHaveAttribute('aria-current', 'page');
  }
});

test('people are searched, sorted and paged, and the address carries all of it', async ({ house, visit }) => {
  const ada = await visit({ as: await house.admin() });
  await crowd(house);
  const { page } = ada;
  await ada.goto('/admin/users');
  await page.getByRole('searchbox', { name: 'Search' }).fill('crowd');
  await ada.send('Find');
  expect(new URL(page.url()).searchParams.get('q')).toBe('crowd');
  await expect(page.getByText('30 people found.')).toBeVisible();
  await expect(rows(ada)).toHaveCount(25);
  await expect(rows(ada).first()).toHaveText('Person 01');
  await expect(page.getByText('1–25 of 30')).toBeVisible();

  await page.getByRole('link', { name: 'Next' }).click();
  await page.waitForURL('**page=2**');
  await expect(rows(ada)).toHaveCount(5);
  await expect(rows(ada).first()).toHaveText('Person 26');
  await expect(page.getByRole('link', { name: 'Next' })).toHaveCount(0);

  const head = page.getByRole('columnheader', { name: 'Name' });
  await head.getByRole('link').click();
  await page.waitForURL('**sort=name**');
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await head.getByRole('link').click();
  await page.waitForURL(/sort=(-|%2D)name/);
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(rows(ada).first()).toHaveText('Person 30');
  expect(new URL(page.url()).searchParams.get('q'), 'the search stays').toBe('crowd');

  // The address alone brings the same list, in another window; and the browser's back button works.
  const address = page.url();
  const again = await visit({ as: await house.admin() });
  await again.goto(address);
  await expect(rows(again).first()).toHaveText('Person 30');
  await page.goBack();
  await expect(rows(ada).first()).toHaveText('Person 01');

  await page.getByLabel('State or role').selectOption({ label: 'Administrators' });
  await ada.send('Find');
  await expect(page.getByText('Nothing matches “crowd”')).toBeVisible();
  await page.getByRole('link', { name: 'Show everything' }).click();
  await expect(page.getByRole('table')).toBeVisible();
});

test('a list beyond its end leads back', async ({ house, visit }) => {
  const ada = await visit({ as: await house.admin() });
  await crowd(house);
  await ada.goto('/admin/users?q=crowd&page=99');
  await expect(ada.page.getByText('Nothing here; there are 30')).toBeVisible();
  await ada.page.getByRole('link', { name: 'Back' }).click();
  await expect(rows(ada)).toHaveCount(5);
});

test('a mistake in a new person stands beside the field, and what was typed is kept', async ({ house, visit }) => {
  const ada = await visit({ as: await house.admin() });
  await ada.goto('/admin/users');
  const form = await ada.unfold('Add a person');
  await form.getByLabel('E-mail', { exact: true }).fill('grace..hopper@example.com');
  await form.getByLabel('Name').fill('Grace Hopper');
  await form.getByRole('radio', { name: /Administrator/ }).check();
  await ada.send('Add and make link');
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/Write the e-mail address like/);
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveValue('grace..hopper@example.com');
  await expect(form.getByLabel('Name')).toHaveValue('Grace Hopper');
  await expect(form.getByRole('radio', { name: /Administrator/ })).toBeChecked();
  await form.getByLabel('E-mail', { exact: true }).fill('ada@example.com');
  await ada.send('Add and make link');
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/has an account already/);
});

test('an administrator makes a new link, and the older one is void', async ({ house, visit }) => {
  const email = house.newEmail();
  const { enrolment_url } = await house.server.cli<{ enrolment_url: string }>('user', 'add', email, '--name', 'Late Comer');
  const ada = await visit({ as: await house.admin() });
  await openPerson(ada, { email, name: 'Late Comer' });
  await expect(ada.page.getByText('Invited').first()).toBeVisible();
  await ada.send('New enrolment link');
  const link = await secretOnce(ada);
  const comer = await visit();
  await comer.gotoRefused(enrolment_url, 404);
  await comer.enrol(link);
  await expect(comer.heading('Hello, Late')).toBeVisible();
});

test('r08_an_administrator_disables_and_enables_an_account_and_verify_follows_at_once', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Switched Off' });
  const token = await house.service('switch');
  await house.grant(grace.email, 'switch');
  const ada = await visit({ as: await house.admin() });
  await openPerson(ada, grace);
  await ada.page.getByRole('button', { name: 'Disable', exact: true }).first().click();
  const dialog = ada.page.getByRole('alertdialog', { name: 'Disable Switched Off?' });
  await expect(dialog).toContainText('1 device and 1 passkey');
  await expect(dialog).toContainText('access to switch');
  await ada.send(dialog.getByRole('button', { name: 'Disable' }));
  expect((await house.verify('switch', token, deviceOf(grace))).status).toBe(404);
  await ada.reads('The account is switched off.');
  await ada.send('Enable');
  expect((await house.verify('switch', token, deviceOf(grace))).status).toBe(200);
});

test('an administrator deletes a person, and verify refuses at once', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Gone Soon' });
  const token = await house.service('gone');
  await house.grant(grace.email, 'gone');
  expect((await house.verify('gone', token, deviceOf(grace))).status).toBe(200);
  const ada = await visit({ as: await house.admin() });
  await openPerson(ada, grace);
  await ada.page.getByRole('button', { name: 'Delete Gone Soon' }).click();
  await ada.send('Delete for good');
  expect((await house.verify('gone', token, deviceOf(grace))).status).toBe(404);
  expect(ada.where()).toBe('/admin/users');
  await ada.reads(`${grace.email} was deleted.`);
});

test('a role that was given and taken counts from the next request on', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Rising Star' });
  const ada = await visit({ as: await house.admin() });
  const star = await visit({ as: grace });
  for (const [role, status] of [
    ['Administrator', 200],
    ['Member', 403],
  ] as const) {
    await openPerson(ada, grace);
    const form = await ada.unfold('Change role');
    await form.getByRole('radio', { name: role }).check();
    await ada.send('Save role');
    await ada.reads(role === 'Member' ? 'They are a member now.' : 'They are an administrator now.');
    star.watch.allowStatus(403);
    expect((await star.goto('/admin/users')).status()).toBe(status);
  }
});

test('the last administrator can neither be disabled nor deleted nor made a member', async ({ fresh, visit }) => {
  const ada = await visit({ at: fresh, as: await fresh.admin() });
  await ada.goto('/admin/users');
  await ada.page.getByRole('table').getByRole('link', { name: 'Ada Lovelace' }).click();
  const refusal = ada.page.getByRole('alert').filter({ hasText: 'is the only administrator' });
  await ada.page.getByRole('button', { name: 'Disable', exact: true }).first().click();
  await ada.send(ada.page.getByRole('alertdialog', { name: /Disable/ }).getByRole('button', { name: 'Disable' }));
  await expect(refusal).toBeVisible();
  await ada.page.getByRole('button', { name: 'Delete Ada Lovelace' }).click();
  await ada.send('Delete for good');
  await expect(refusal).toBeVisible();
  const form = await ada.unfold('Change role');
  await form.getByRole('radio', { name: /Member/ }).check();
  await ada.send('Save role');
  await expect(refusal).toBeVisible();
  await ada.goto('/admin');
  await expect(ada.heading('Overview')).toBeVisible();
});

test('an administrator finds a lost device among all and revokes it', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper' });
  const token = await house.service('all-devices');
  await house.grant(grace.email, 'all-devices');
  const cookie = await house.addDevice(grace, 'Left in the train');
  expect((await house.verify('all-devices', token, cookie)).status).toBe(200);
  const ada = await visit({ as: await house.admin() });
  const { page } = ada;
  await ada.goto('/admin/devices');
  await page.getByRole('searchbox', { name: 'Search' }).fill('left in the');
  await ada.send('Find');
  await expect(rows(ada)).toHaveText(['Left in the train']);
  await page.getByRole('button', { name: `Revoke Left in the train of ${grace.email}` }).click();
  await ada.send(page.getByRole('alertdialog').getByRole('button', { name: 'Revoke device' }));
  expect((await house.verify('all-devices', token, cookie)).status).toBe(404);
  await expect(page.getByText('Nothing matches “left in the”')).toBeVisible();
  await ada.goto('/admin/devices?q=left+in+the&filter=revoked');
  await expect(rows(ada)).toHaveText(['Left in the train']);
  await expect(page.getByRole('table')).toContainText('Revoked');
});

test('devices are sorted by last use, name and person', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Sorter' });
  for (const name of ['b-sorted', 'a-sorted', 'c-sorted']) await house.addDevice(grace, name);
  const ada = await visit({ as: await house.admin() });
  await ada.goto('/admin/devices?q=-sorted');
  await expect(ada.page.getByRole('columnheader', { name: 'Last used' })).toHaveAttribute('aria-sort', 'descending');
  await ada.page.getByRole('columnheader', { name: 'Device' }).getByRole('link').click();
  await ada.page.waitForURL('**sort=name**');
  await expect(rows(ada)).toHaveText(['a-sorted', 'b-sorted', 'c-sorted']);
  await ada.page.getByRole('columnheader', { name: 'Device' }).getByRole('link').click();
  await expect(rows(ada)).toHaveText(['c-sorted', 'b-sorted', 'a-sorted']);
});

test('an administrator adds a service, and its token is shown once', async ({ house, visit }) => {
  const grace = await house.person();
  const ada = await visit({ as: await house.admin() });
  const { page } = ada;
  await ada.goto('/admin/services');
  const form = await ada.unfold('Add a service');
  await form.getByLabel('Name').fill('Photo Gallery');
  await form.getByLabel('Hosts').fill('gallery.example.com');
  await ada.send('Add and make token');
  await expect(form.getByLabel('Name')).toHaveAccessibleDescription(/1 to 63 lower-case letters, digits and hyphens/);
  await expect(form.getByLabel('Name')).toHaveValue('Photo Gallery');
  await expect(form.getByLabel('Hosts')).toHaveValue('gallery.example.com');
  await form.getByLabel('Name').fill('photo-gallery');
  await ada.send('Add and make token');
  expect(ada.where()).toBe('/admin/services/photo-gallery');
  const token = await secretOnce(ada);
  await house.grant(grace.email, 'photo-gallery');
  expect((await house.verify('photo-gallery', token, deviceOf(grace))).status).toBe(200);
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
  // A wrong rule stays to be mended, with its line; a right one is kept.
  const rules = page.getByLabel('Rules for paths');
  await rules.fill('public GET /assets/*\nall /x');
  await ada.send('Save hosts and policy');
  await expect(rules).toHaveAccessibleDescription(/Line 2: `all` is nobody we know/);
  await expect(rules).toHaveValue('public GET /assets/*\nall /x');
  await rules.fill('public GET /assets/*\nnobody /metrics');
  await ada.send('Save hosts and policy');
  await ada.goto('/admin/services/photo-gallery');
  await expect(rules).toHaveValue('public GET /assets/*\nnobody /metrics');
});

test('a token is rotated with an overlap, and without one the old ones end at once', async ({ house, visit }) => {
  const grace = await house.person();
  const tokens = [await house.service('turning')];
  await house.grant(grace.email, 'turning');
  const ada = await visit({ as: await house.admin() });
  const statuses = async () => Promise.all(tokens.map(async (token) => (await house.verify('turning', token, deviceOf(grace))).status));
  for (const [overlap, expected] of [
    ['1 hour', [200, 200]],
    ['None: it has leaked', [404, 404, 200]],
  ] as const) {
    await ada.goto('/admin/services/turning');
    await ada.page.getByRole('button', { name: 'Rotate token' }).click();
    const dialog = ada.page.getByRole('dialog', { name: 'Rotate the token of turning' });
    await dialog.getByRole('radio', { name: overlap }).check();
    await ada.send(dialog.getByRole('button', { name: 'Rotate', exact: true }));
    tokens.push(await secretOnce(ada));
    // A token ends with its second; one second is the grain.
    await expect.poll(statuses, { timeout: 2000, intervals: [50] }).toEqual(expected);
  }
});

test('grants decide what verify answers, from the next request on', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper' });
  const token = await house.service('matrix');
  const ada = await visit({ as: await house.admin() });
  const { page } = ada;
  const answer = async () => {
    const { status, body } = await house.verify('matrix', token, deviceOf(grace));
    return { status, body: body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : body };
  };
  expect(await answer()).toEqual({ status: 401, body: 'User does not have access to this service' });

  await ada.goto('/admin/services/matrix');
  let form = await ada.unfold('Grant to somebody');
  await form.getByLabel('E-mail', { exact: true }).fill('nobody@example.com');
  await ada.send('Grant');
  form = await ada.unfold('Grant to somebody');
  await expect(form.getByLabel('E-mail', { exact: true })).toHaveAccessibleDescription(/Nobody here has that address/);
  await form.getByLabel('E-mail', { exact: true }).fill(grace.email);
  await form.getByRole('checkbox', { name: /read:username/ }).check();
  await ada.send('Grant');
  await ada.reads('Grace Hopper may enter matrix now.');
  let said = await answer();
  expect(said).toMatchObject({ status: 200, body: { scopes: ['read:username'], username: 'Grace Hopper' } });
  expect(said.body).not.toHaveProperty('email');
  const { subject } = said.body as { subject: string };

  const row = page.getByRole('row').filter({ hasText: grace.email });
  await row.getByRole('checkbox', { name: 'read:email for Grace Hopper' }).check();
  await row.getByRole('checkbox', { name: 'read:username for Grace Hopper' }).uncheck();
  await ada.send('Save scopes');
  said = await answer();
  expect(said).toMatchObject({ status: 200, body: { subject, scopes: ['read:email'], email: grace.email } });
  expect(said.body).not.toHaveProperty('username');

  await row.getByRole('button', { name: 'Remove Grace Hopper' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Take matrix away from Grace Hopper?' });
  await ada.send(dialog.getByRole('button', { name: 'Remove' }));
  expect(await answer()).toEqual({ status: 401, body: 'User does not have access to this service' });
});

test('a grant is given and taken away on the page of the person too', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Katherine Johnson' });
  const token = await house.service('orbit', '--host', 'orbit.example.com');
  const ada = await visit({ as: await house.admin() });
  await openPerson(ada, grace);
  const form = await ada.unfold('Open another service');
  await form.getByLabel('Service').selectOption('orbit');
  await form.getByLabel('Ends after days').fill('7');
  await ada.send('Grant');
  expect((await house.verify('orbit', token, deviceOf(grace))).status).toBe(200);
  await expect(ada.page.getByRole('region', { name: 'Grants' })).toContainText('in 7 days');
  // It is a tile on the person's start page now.
  const katherine = await visit({ as: grace });
  await katherine.goto('/');
  await expect(katherine.page.getByRole('link', { name: /Orbit/ })).toHaveAttribute('href', 'http://orbit.example.com/');
  await ada.page.getByRole('button', { name: 'Remove Katherine Johnson from orbit' }).click();
  await ada.send(ada.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
  expect((await house.verify('orbit', token, deviceOf(grace))).status).toBe(401);
});

test('a policy that wants a recent passkey counts from the next request on', async ({ house, visit }) => {
  const grace = await house.person({ passkey: false });
  const token = await house.service('strict');
  await house.grant(grace.email, 'strict');
  expect((await house.verify('strict', token, deviceOf(grace))).status).toBe(200);
  const ada = await visit({ as: await house.admin() });
  await ada.goto('/admin/services/strict');
  const policy = ada.page.getByRole('region', { name: 'Hosts and policy' });
  await policy.getByRole('radio', { name: /A recent passkey/ }).check();
  await policy.getByLabel('Recent means, in minutes').fill('60');
  await policy.getByLabel('Hosts').fill('strict.example.com');
  await ada.send('Save hosts and policy');
  await ada.reads('Hosts and policy were saved.');
  expect(JSON.parse((await house.verify('strict', token, deviceOf(grace))).body)).toMatchObject({ error: 'step_up_required' });
  await expect(ada.page.getByText('strict.example.com. Wants a passkey used within 1 hour.')).toBeVisible();
});

test('an administrator deletes a service', async ({ house, visit }) => {
  const grace = await house.person();
  const token = await house.service('short-lived');
  await house.grant(grace.email, 'short-lived');
  const ada = await visit({ as: await house.admin() });
  await ada.goto('/admin/services/short-lived');
  await ada.page.getByRole('button', { name: 'Delete short-lived' }).click();
  await ada.send('Delete for good');
  expect(ada.where()).toBe('/admin/services');
  expect((await house.verify('short-lived', token, deviceOf(grace))).status).toBe(404);
  await ada.gotoRefused('/admin/services/short-lived', 404);
});

test('an administrator reads the audit log, filters it, and has its chain checked', async ({ house, visit }) => {
  const grace = await house.person({ name: 'Grace Hopper' });
  const ada = await visit({ as: await house.admin() });
  const { page } = ada;
  await ada.goto('/admin/audit');
  await page.getByLabel('What').selectOption({ label: 'A passkey was added' });
  await page.getByRole('searchbox', { name: 'Search' }).fill(grace.email);
  await ada.send('Find');
  await expect(rows(ada)).toHaveCount(1);
  await expect(rows(ada).first()).toContainText('passkey.added');
  await page.getByRole('link', { name: 'Verify chain' }).click();
  await ada.reads('The chain is whole.');
});

test('r15_an_administrator_who_loses_the_role_in_one_window_loses_it_in_all', async ({ house, visit }) => {
  const bob: Resident = await house.person({ name: 'Bob', admin: true });
  const window = await visit({ as: bob });
  await window.goto('/admin');
  await expect(window.heading('Overview')).toBeVisible();
  await house.server.cli('user', 'role', bob.email, 'user');
  await window.gotoRefused('/admin', 403);
  await window.goto('/');
  await expect(window.page.getByText('Administration')).toHaveCount(0);
});
