/** How users type: what is measured in a real browser, what it changes, and who is exempt. */
import type { Locator, Page } from '@playwright/test';
import { type BrowserUser, type StoredUser, type TestApp, expect, test } from '../fixtures';
import { axeViolations } from '../fixtures/looks';

interface UserRisk {
  events: { action: string; score: number; reasons: { factor: string; points: number }[] }[];
  behaviour: { exempt_since: string | null; templates: { field: string; samples: number }[] };
}

/** A rhythm: how long a key is held, and how long it takes to the next, in milliseconds. */
interface Hands {
  hold: number;
  gap: number;
}

const HERS: Hands = { hold: 45, gap: 60 };
const STRANGERS: Hands = { hold: 190, gap: 330 };

/** A browser that does not say that a program drives it. */
const DRIVEN_BY_HAND = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
};

let typed = 0;

/** Types with these hands, a little different each time. */
async function type(page: Page, field: Locator, text: string, { hold, gap }: Hands): Promise<void> {
  await field.fill('');
  await field.focus();
  typed += 1;
  for (const [place, key] of [...text].entries()) {
    const varied = (time: number) => time * (1 + ((place * 37 + typed * 61 + place * typed * 13) % 29) / 70);
    await page.keyboard.down(key);
    await page.waitForTimeout(varied(hold));
    await page.keyboard.up(key);
    await page.waitForTimeout(varied(gap));
  }
}

const measured = (page: Page) => page.locator('input[data-behaviour]');

async function riskOf(testApp: TestApp, { email }: StoredUser): Promise<UserRisk> {
  return testApp.server.cli<UserRisk>('risk', 'show', email);
}

/** The points of behaviour in the newest assessment. */
async function points(testApp: TestApp, user: StoredUser): Promise<number> {
  const { events } = await riskOf(testApp, user);
  return events[0]?.reasons.find((reason) => reason.factor === 'unusual_behaviour')?.points ?? 0;
}

/** Signs out, and in again with a code that these hands type. */
async function signInTyping(browser: BrowserUser, user: StoredUser, hands: Hands): Promise<void> {
  const { page } = browser;
  await browser.goto('/');
  await browser.send(page.getByRole('button', { name: 'Sign out' }));
  await browser.goto('/login');
  await browser.unfold('Register this device with a code');
  await type(page, page.getByLabel('E-mail'), user.email, hands);
  await type(page, page.getByLabel('Code from your authenticator app'), await user.totpApp.code(), hands);
  await browser.send('Register this device');
  await expect(browser.heading(/Hello/)).toBeVisible();
}

async function practise(browser: BrowserUser, user: StoredUser, hands: Hands): Promise<void> {
  const { page } = browser;
  const form = await browser.unfold('Practise');
  const number = (await form.locator('#practice-code-hint').innerText()).replace('Type ', '');
  expect(number).toMatch(/^\d{6}$/);
  await type(page, form.getByLabel('E-mail address'), user.email, hands);
  await type(page, form.getByLabel('Six digits'), number, hands);
  await browser.send('Done');
}

test.describe('where it is compared', () => {
  test.use({ serve: { env: { LATCHKEY_RISK_BEHAVIOUR: 'true' } } });

  test('audit_53_after_practising_her_hands_and_a_strangers_get_different_scores', async ({ testApp, openBrowser }) => {
    test.slow();
    const user = await testApp.newUser({ name: 'Grace Hopper' });
    const grace = await openBrowser({ as: user, autofill: false });
    await grace.goto('/security');
    for (let left = 4; left >= 0; left -= 1) {
      await practise(grace, user, HERS);
      await grace.expectStatus(left === 0 ? /enough to compare with now/ : left === 1 ? /Once more/ : new RegExp(`${left} more times`));
    }
    const kept = (await riskOf(testApp, user)).behaviour.templates;
    expect(kept).toMatchObject([
      { field: 'code', samples: 5 },
      { field: 'email', samples: 5 },
    ]);
    await signInTyping(grace, user, HERS);
    const hers = await points(testApp, user);
    await signInTyping(grace, user, STRANGERS);
    const strangers = await points(testApp, user);
    expect(strangers, `hers: ${hers}`).toBeGreaterThan(hers + 9);
    expect(strangers).toBeLessThanOrEqual(20);
    // She reads why in her activity.
    await grace.goto('/activity');
    await expect(grace.page.getByText('Unusual typing').first()).toBeAttached();
  });

  test('audit_53_sign_ins_with_a_passkey_teach_and_the_user_sees_and_erases_it', async ({ testApp, openBrowser }) => {
    const user = await testApp.newUser();
    const grace = await openBrowser({ as: user, autofill: false });
    const { page } = grace;
    for (let number = 1; number <= 2; number += 1) {
      await grace.goto('/');
      await grace.send(grace.page.getByRole('button', { name: 'Sign out' }));
      await grace.goto('/login');
      await expect(grace.page.getByText('This page measures how you type')).toBeVisible();
      await grace.unfold('Register this device with a code');
      await type(grace.page, grace.page.getByLabel('E-mail'), user.email, HERS);
      await grace.pressHydrated('Use a passkey');
      await expect(grace.heading(/Hello/)).toBeVisible();
    }
    await grace.goto('/security');
    const section = grace.page.getByRole('region', { name: 'How you type' });
    await expect(section.getByText(/^2 samples since/)).toBeVisible();
    await grace.unfold('Practise');
    expect(await axeViolations(page)).toEqual([]);
    await section.getByRole('button', { name: 'Erase' }).first().click();
    await grace.send(page.locator('[popover]:popover-open').getByRole('button', { name: 'Erase' }));
    await grace.expectStatus('What was kept of how you type is erased.');
    await expect(section.getByText('Nothing is kept yet.')).toBeVisible();
    expect((await riskOf(testApp, user)).behaviour.templates).toEqual([]);
    await grace.goto('/activity');
    await expect(grace.page.getByText('What was kept of somebody’s typing was erased')).toBeVisible();
  });

  test('audit_53_only_times_leave_the_page_and_nothing_of_what_was_not_typed', async ({ testApp, openBrowser }) => {
    const user = await testApp.newUser();
    const grace = await openBrowser({ autofill: false });
    const { page } = grace;
    await grace.goto('/login');
    await grace.unfold('Register this device with a code');
    const email = page.getByLabel('E-mail');
    const line = () => measured(page).inputValue();
    await type(page, email, 'ab@c.de', HERS);
    expect(await line()).toMatch(/^email h\d+(,\d+){6} p\d+(,\d+){5}$/);
    // A correction, and text from elsewhere.
    await page.keyboard.press('Backspace');
    await page.keyboard.press('e');
    expect(await line(), 'corrected').toBe('');
    await email.fill(user.email);
    await page.getByLabel('Code from your authenticator app').press('1');
    expect(await line(), 'filled').toBe('');
    await email.fill('');
    await page.evaluate(() => navigator.clipboard?.writeText('ab@c.de').catch(() => undefined));
    await page.keyboard.insertText('ab@c.de');
    await email.press('Shift');
    expect(await line(), 'dictated').toBe('');
    // Empty again, it is measured again.
    await type(page, email, 'ab@c.de', HERS);
    expect(await line()).toMatch(/^email h/);
  });

  test('audit_53_a_mouse_and_a_screen_are_summed_up', async ({ openBrowser }) => {
    const grace = await openBrowser({ autofill: false });
    await grace.goto('/login');
    for (let step = 0; step < 60; step += 1) {
      await grace.page.mouse.move(100 + 4 * step, 200 + 60 * Math.sin(step / 6));
      await grace.page.waitForTimeout(step === 30 ? 250 : 20);
    }
    await grace.page.mouse.click(20, 20);
    const line = await measured(grace.page).inputValue();
    expect(line).toMatch(/^pointer s[\d.]+(,[\d.]+){4} c[\d.]+(,[\d.]+){4} r\d+(,\d+){2}$/);
    const phone = await openBrowser({ phone: true, autofill: false });
    await phone.goto('/login');
    for (let touch = 0; touch < 5; touch += 1) {
      await phone.heading('Sign in').tap({ position: { x: 5, y: 5 + touch } });
      await phone.page.waitForTimeout(120);
    }
    expect(await measured(phone.page).inputValue()).toMatch(/^touch z[\d.]+(,[\d.]+){2} t\d+,\d+$/);
  });

  test('audit_53_the_exemption_is_honoured', async ({ testApp, openBrowser }) => {
    test.slow();
    const user = await testApp.newUser();
    const grace = await openBrowser({ as: user, autofill: false });
    const { page } = grace;
    await grace.goto('/security');
    await practise(grace, user, HERS);
    // A page of another browser that was opened before.
    const early = await openBrowser({ autofill: false, headers: DRIVEN_BY_HAND });
    await early.goto('/login');
    await early.unfold('Register this device with a code');
    await grace.goto('/security');
    const section = page.getByRole('region', { name: 'How you type' });
    await section.getByRole('button', { name: 'Do not compare' }).first().click();
    await grace.send(page.locator('[popover]:popover-open').getByRole('button', { name: 'Do not compare' }));
    await grace.expectStatus('How you type is no longer compared');
    await expect(section.getByText('Not compared since')).toBeVisible();
    const { behaviour } = await riskOf(testApp, user);
    expect(behaviour.templates).toEqual([]);
    expect(behaviour.exempt_since).toBeTruthy();
    // Neither where she is signed in nor where her browser is known.
    for (const path of ['/security', '/login?step_up=1']) {
      const html = await (await grace.goto(path)).text();
      expect(html, path).not.toContain('data-behaviour');
    }
    await grace.goto('/');
    await grace.send(page.getByRole('button', { name: 'Sign out' }));
    expect(await (await grace.goto('/login')).text()).not.toContain('data-behaviour');
    // What the early page sends is dropped.
    const constant = `email h${Array(user.email.length).fill('90').join(',')} p${Array(user.email.length - 1).fill('120').join(',')}`;
    await early.page.getByLabel('E-mail').fill(user.email);
    await early.page.getByLabel('Code from your authenticator app').fill(await user.totpApp.code());
    await early.page.route('**/actions/device/register', async (route) => {
      const form = new URLSearchParams(route.request().postData() ?? '');
      expect(form.has('behaviour')).toBe(true);
      form.set('behaviour', constant);
      await route.continue({ postData: form.toString() });
    });
    await early.send('Register this device');
    await expect(early.heading(/Hello/)).toBeVisible();
    expect(await points(testApp, user)).toBe(0);
    expect((await riskOf(testApp, user)).behaviour.templates).toEqual([]);
  });

  test('audit_53_a_synthetic_line_is_a_reason_and_no_refusal', async ({ testApp, openBrowser }) => {
    const user = await testApp.newUser();
    const grace = await openBrowser({ autofill: false, headers: DRIVEN_BY_HAND });
    await grace.goto('/login');
    await grace.unfold('Register this device with a code');
    await grace.page.getByLabel('E-mail').fill(user.email);
    await grace.page.getByLabel('Code from your authenticator app').fill(await user.totpApp.code());
    await grace.page.route('**/actions/device/register', async (route) => {
      const form = new URLSearchParams(route.request().postData() ?? '');
      form.set('behaviour', 'code h90,90,90,90,90,90 p120,120,120,120,120');
      await route.continue({ postData: form.toString() });
    });
    await grace.send('Register this device');
    await expect(grace.heading(/Hello/)).toBeVisible();
    expect(await points(testApp, user)).toBe(20);
  });
});

test('audit_53_where_nobody_turned_it_on_no_page_measures_anything', async ({ testApp, openBrowser }) => {
  const user = await testApp.newUser();
  const grace = await openBrowser({ as: user, autofill: false });
  const security = await (await grace.goto('/security')).text();
  expect(security).not.toContain('How you type');
  await grace.goto('/');
  await grace.send(grace.page.getByRole('button', { name: 'Sign out' }));
  const login = await (await grace.goto('/login')).text();
  for (const html of [security, login]) {
    expect(html).not.toContain('data-behaviour');
    expect(html).not.toContain('keydown');
  }
  const sent: string[] = [];
  grace.page.on('request', (request) => sent.push(request.postData() ?? ''));
  await grace.pressHydrated('Use a passkey');
  await expect(grace.heading(/Hello/)).toBeVisible();
  expect(sent.some((body) => body.includes('credential'))).toBe(true);
  expect(sent.filter((body) => body.includes('behaviour'))).toEqual([]);
});
