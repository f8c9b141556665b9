/** Several tabs of one browser do not interfere. */
import { AuthenticatorApp, expect, test } from '../fixtures';

interface Added {
  enrolment_url: string;
}

test('field_2_an_enrolment_continues_beside_other_tabs_and_after_a_reload', async ({ testApp, openBrowser }) => {
  const { enrolment_url: link } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail());
  const grace = await openBrowser({ authenticator: false });
  await grace.goto(link);
  const totpApp = await grace.scan();
  // The browser restores older tabs: a login page, which requests a challenge, and the same link.
  const signIn = await grace.context.newPage();
  const requested = signIn.waitForResponse('**/actions/passkey/begin-login');
  await signIn.goto('/login');
  await requested;
  const sameLink = await grace.context.newPage();
  await sameLink.goto(link);
  const uri = await sameLink.getByRole('link', { name: 'Open in authenticator app' }).getAttribute('href');
  expect(AuthenticatorApp.scan(uri ?? '').isSameAs(totpApp), 'the same app').toBe(true);
  await grace.page.reload();
  expect((await grace.scan()).isSameAs(totpApp), 'the same app').toBe(true);
  await grace.confirm(totpApp);
});

test('field_2_each_of_two_login_tabs_accepts_a_passkey', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  const grace = await openBrowser({ passkeys: hopper.passkeys, autofill: false });
  const requested = grace.page.waitForResponse('**/actions/passkey/begin-login');
  await grace.goto('/login');
  await requested;
  const other = await grace.context.newPage();
  const askedToo = other.waitForResponse('**/actions/passkey/begin-login');
  await other.goto('/login');
  await askedToo;
  await grace.page.bringToFront();
  await grace.pressHydrated('Use a passkey');
  await expect(grace.heading('Hello, Grace')).toBeVisible();
});

test('field_4_a_login_tab_continues_after_a_login_in_another_tab', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.service('maps', '--host', 'maps.example.com');
  await testApp.settle();
  const grace = await openBrowser({ passkeys: hopper.passkeys, autofill: false });
  const waiting = await grace.context.newPage();
  await waiting.goto('/login?return_to=%2Factivity#latest');
  await grace.page.bringToFront();
  await grace.goto('/login');
  await grace.pressHydrated('Use a passkey');
  await expect(grace.heading('Hello, Grace')).toBeVisible();
  await waiting.bringToFront();
  await waiting.evaluate(() => dispatchEvent(new Event('focus')));
  await waiting.waitForURL('**/activity#latest');
});

test('field_4_a_long_return_to_is_kept_with_a_passkey_with_a_code_and_without_scripts', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  await testApp.service('boards', '--host', 'boards.example.com');
  await testApp.settle();
  const target = `https://boards.example.com/d/1?from=a&q=${'x'.repeat(5000)}`;
  for (const way of ['passkey', 'code', 'no script']) {
    const grace = await openBrowser({ passkeys: way === 'passkey' ? hopper.passkeys : [], autofill: false, script: way !== 'no script' });
    await grace.context.route('https://boards.example.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Boards</h1>' }));
    const path = `/login?return_to=${encodeURIComponent(target)}${way === 'no script' ? '' : '#panel'}`;
    if (way === 'passkey') {
      await grace.goto(path);
      await grace.pressHydrated('Use a passkey');
    } else {
      await grace.registerWithCode(hopper.email, await hopper.totpApp.code(), path);
    }
    await grace.page.waitForURL(way === 'no script' ? target : `${target}#panel`);
    await expect(grace.heading('Boards')).toBeVisible();
  }
});

test('field_2_a_passkey_is_created_while_another_tab_asks_for_one', async ({ testApp, openBrowser }) => {
  const grace = await openBrowser();
  const { enrolment_url } = await testApp.server.cli<Added>('user', 'add', testApp.newEmail());
  await grace.goto(enrolment_url);
  await grace.confirm(await grace.scan());
  await grace.hydrated();
  // Another tab requests its own challenge between the two steps of this one.
  await grace.page.route('**/actions/passkey/begin-registration', async (route) => {
    const response = await route.fetch();
    await grace.page.request.post('/actions/passkey/begin-login', { data: {}, headers: { origin: testApp.server.url } });
    await route.fulfill({ response });
  });
  await grace.createPasskey();
  await grace.goto('/security');
  expect(await grace.authenticator.credentials()).toHaveLength(1);
});
