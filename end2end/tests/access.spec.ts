/** Who may reach which route, from where: every route that the server lists, for everybody. */
import { type HttpResponse, type Route, anyNetwork, ask, expect, routesOf, test } from '../fixtures';
import type { TestApp } from '../fixtures';

/** From the least to the most access. An administrator has every permission. */
const PERSONAS = ['public', 'user', 'admin'] as const;
type Persona = (typeof PERSONAS)[number];

const DENIALS = ['sign_in_required', 'step_up_required', 'passkey_required', 'not_approved', 'forbidden'];

// Each request sets its own network, so that rate limits do not interfere.
test.use({ serve: { env: { LATCHKEY_PROXY_TRUSTED: '127.0.0.1' } } });

async function cookieOf(testApp: TestApp, persona: Persona): Promise<string | undefined> {
  if (persona === 'public') return undefined;
  const { cookies } = await testApp.newUser({ admin: persona === 'admin' });
  return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
}

/** Why this persona is refused by a route, if it is. */
function denialOf(persona: Persona, { access }: Route): string | undefined {
  const needed = access === 'public' || access === 'user' ? access : 'admin';
  if (PERSONAS.indexOf(persona) >= PERSONAS.indexOf(needed)) return undefined;
  return persona === 'public' ? 'sign_in_required' : 'forbidden';
}

/** The page that resolves a denial, or the code of a denial, if the response has one. */
function seenDenial({ status, headers, body }: HttpResponse): string | undefined {
  const location = String(headers.location ?? '');
  if (location === '/enrol/passkey' || location.startsWith('/login?return_to=')) return location;
  if (String(headers['content-type']).includes('json')) {
    const { error } = (JSON.parse(body) ?? {}) as { error?: string };
    if (error && DENIALS.includes(error)) return error;
  }
  return status === 403 ? 'forbidden' : undefined;
}

for (const persona of PERSONAS) {
  test(`must_survive_26_each_route_admits_${persona}_as_it_is_listed`, async ({ testApp }) => {
    const cookie = await cookieOf(testApp, persona);
    const { url } = testApp.server;
    const routes = await routesOf(testApp.server);
    expect(routes.length).toBeGreaterThan(45);
    for (const route of routes) {
      const isForm = route.method === 'POST';
      const sent = isForm ? { accept: 'application/json', 'content-type': 'application/json', origin: url } : { accept: 'text/html' };
      const headers = { ...sent, cookie, 'x-forwarded-for': anyNetwork() };
      const response = await ask(route.method, url + route.path, headers, isForm ? '{}' : undefined);
      const what = `${route.method} ${route.path}: ${response.status} ${response.headers.location} ${response.body.slice(0, 100)}`;
      expect(response.status, what).toBeLessThan(500);
      const denial = denialOf(persona, route);
      const seen = seenDenial(response);
      if (denial === 'sign_in_required' && !isForm) expect(seen, what).toBe(`/login?return_to=${encodeURIComponent(route.path)}`);
      else expect(seen, what).toBe(denial);
    }
  });
}

test('must_survive_14_each_route_accepts_changes_from_where_it_is_listed', async ({ testApp }) => {
  const cookie = await cookieOf(testApp, 'admin');
  const { url } = testApp.server;
  for (const { csrf, method, path } of await routesOf(testApp.server)) {
    // Cookies are not read there, so nobody can forge anything.
    if (csrf === 'no_cookies') continue;
    if (method === 'GET') {
      expect(csrf, path).toMatch(/^(read|own)_/);
      continue;
    }
    const errorFrom = async (origin: string | undefined) => {
      const headers = { accept: 'application/json', 'content-type': 'application/json', origin, cookie, 'x-forwarded-for': anyNetwork() };
      const { status, body } = await ask('POST', url + path, headers, '{}');
      return status === 403 ? (JSON.parse(body) as { error: string }).error : undefined;
    };
    expect(await errorFrom('https://evil.example'), path).toBe('cross_site');
    expect(await errorFrom('null'), path).toBe('cross_site');
    expect(await errorFrom(undefined), path).toBe(csrf === 'same_origin_or_no_browser' ? undefined : 'cross_site');
  }
});
