/** The passkey button before the wasm has loaded, and where it never does. */
import { expect, test, type BrowserUser } from '../fixtures';

const WASM = '**/*.wasm';

async function offersTheCode({ page }: BrowserUser, text: RegExp): Promise<void> {
  await expect(page.getByRole('alert')).toContainText(text);
  await expect(page.getByRole('alert')).toContainText(/use a code from your authenticator app, below\./i);
  await expect(page.getByLabel('Code from your authenticator app')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Use a passkey' })).not.toHaveAttribute('aria-busy');
}

test('field_6_a_press_before_the_wasm_has_loaded_is_remembered', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  const grace = await openBrowser({ passkeys: hopper.passkeys, autofill: false });
  let open = (): void => {};
  const arrival = new Promise<void>((resolve) => (open = resolve));
  await grace.page.route(WASM, async (route) => {
    await arrival;
    await route.continue();
  });
  await grace.page.goto('/login', { waitUntil: 'domcontentloaded' });
  const button = grace.page.getByRole('button', { name: 'Use a passkey' });
  await button.click();
  await expect(button).toHaveAttribute('aria-busy', 'true');
  open();
  await expect(grace.heading('Hello, Grace')).toBeVisible();
});

test('field_6_without_webassembly_a_press_explains_and_offers_the_code', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  const grace = await openBrowser({ passkeys: hopper.passkeys });
  // As in the Lockdown Mode of iOS.
  await grace.page.addInitScript(() => Reflect.deleteProperty(globalThis, 'WebAssembly'));
  grace.problems.allow(/WebAssembly|preload/);
  await grace.goto('/login');
  await grace.page.getByRole('button', { name: 'Use a passkey' }).click();
  await offersTheCode(grace, /WebAssembly is disabled in this browser/);
  await grace.page.getByLabel('E-mail').fill(hopper.email);
  await grace.page.getByLabel('Code from your authenticator app').fill(await hopper.totpApp.code());
  await grace.send('Register this device');
  await expect(grace.heading('Hello, Grace')).toBeVisible();
});

test('field_6_a_failed_download_is_reported_after_a_press', async ({ openBrowser }) => {
  const grace = await openBrowser();
  let fail = (): void => {};
  const failure = new Promise<void>((resolve) => (fail = resolve));
  await grace.page.route(WASM, async (route) => {
    await failure;
    await route.abort('connectionreset');
  });
  grace.problems.allow(/\.wasm|Failed to fetch|preload|WebAssembly|ERR_CONNECTION_RESET/);
  await grace.page.goto('/login', { waitUntil: 'domcontentloaded' });
  await grace.page.getByRole('button', { name: 'Use a passkey' }).click();
  fail();
  await offersTheCode(grace, /could not be loaded/);
});

test('field_6_a_slow_download_is_reported_after_ten_seconds_and_the_button_works_when_it_completes', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  const grace = await openBrowser({ passkeys: hopper.passkeys, autofill: false });
  let open = (): void => {};
  const arrival = new Promise<void>((resolve) => (open = resolve));
  await grace.page.route(WASM, async (route) => {
    await arrival;
    await route.continue();
  });
  await grace.page.clock.install();
  await grace.page.goto('/login', { waitUntil: 'domcontentloaded' });
  await grace.page.getByRole('button', { name: 'Use a passkey' }).click();
  await grace.page.clock.fastForward(9_000);
  await expect(grace.page.getByRole('alert')).toHaveCount(0);
  await grace.page.clock.fastForward(1_100);
  await offersTheCode(grace, /has not loaded within ten seconds/);
  open();
  await expect(grace.page.getByRole('alert'), 'it has come after all').toHaveCount(0);
  await grace.page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(grace.heading('Hello, Grace')).toBeVisible();
});

test('field_6_nothing_is_fetched_between_a_press_and_the_credential_request', async ({ testApp, openBrowser }) => {
  const hopper = await testApp.newUser({ name: 'Grace Hopper' });
  for (const autofill of [false, true]) {
    const grace = await openBrowser({ passkeys: hopper.passkeys, autofill, authenticator: { present: false } });
    await grace.page.addInitScript(() => {
      const calls: string[] = ((globalThis as { calls?: string[] }).calls = []);
      const [ask, get] = [globalThis.fetch, CredentialsContainer.prototype.get];
      globalThis.fetch = (...args) => (calls.push('fetch'), ask(...args));
      CredentialsContainer.prototype.get = function (options) {
        calls.push(options?.mediation ?? 'get');
        return get.call(this, options);
      };
      addEventListener('click', () => calls.push('press'), true);
    });
    const requested = grace.page.waitForResponse('**/actions/passkey/begin-login');
    await grace.goto('/login');
    await requested;
    const calls = (): Promise<string[]> => grace.page.evaluate(() => (globalThis as { calls?: string[] }).calls ?? []);
    if (autofill) await expect.poll(calls).toContain('conditional');
    await grace.hydrated();
    // The authenticator is not touched yet, so the page stays.
    await grace.page.getByRole('button', { name: 'Use a passkey' }).click();
    await expect.poll(calls).toContain('get');
    const seen = await calls();
    expect(seen.slice(seen.indexOf('press'), seen.indexOf('get') + 1)).toEqual(['press', 'get']);
  }
});

for (const [name, text] of [
  ['InvalidStateError', 'The passkey could not be used.'],
  ['NotSupportedError', 'This device cannot use the required kind of passkey.'],
] as const) {
  test(`field_9_an_${name}_at_login_does_not_mention_creating_a_passkey`, async ({ openBrowser }) => {
    const grace = await openBrowser({ autofill: false });
    await grace.page.addInitScript((error) => {
      CredentialsContainer.prototype.get = () => Promise.reject(new DOMException('no', error));
    }, name);
    await grace.goto('/login');
    await grace.pressHydrated('Use a passkey');
    await expect(grace.page.getByRole('alert')).toContainText(text);
  });
}
