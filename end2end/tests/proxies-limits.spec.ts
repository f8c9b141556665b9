/** What a program behind each real proxy is told when it asks too often. */
import { ask, Echo, expect, find, freePort, Proxy, PROXIES, type ProxyKind, test } from '../fixtures';

/** The proxy is trusted by its address and passes the client's own `Authorization` on, instead of the service's token. */
const passAuthorization: Record<ProxyKind, (text: string) => string> = {
  nginx: (text) => text.replace('proxy_set_header Authorization "Bearer <token>"', 'proxy_set_header Authorization $http_authorization'),
  caddy: (text) => text.replace('header_up Authorization "Bearer <token>"', ''),
  traefik: (text) => text.replace('- Cookie\n', '- Authorization\n          - Cookie\n'),
  haproxy: (text) => text.replace('{ "Bearer <token>" }', '{ txn.sf:req_fhdr("authorization") }'),
  envoy: (text) =>
    text.replace(/ +authorization_request:\n +headers_to_add:\n +- key: authorization\n +value: Bearer <token>\n/, '').replace('- exact: accept\n', '- exact: authorization\n        - exact: accept\n'),
};

/** nginx knows 401 and 403 alone. */
const REFUSED: Record<ProxyKind, number> = { nginx: 403, caddy: 429, traefik: 429, haproxy: 429, envoy: 429 };

for (const kind of PROXIES) {
  test.describe(kind, () => {
    test.skip(!find(kind) && !process.env.CI, `${kind} is not installed`);
    test.use({
      serve: {
        env: {
          LATCHKEY_PROXY_FORWARD_AUTH: '127.0.0.1/32',
          LATCHKEY_LIMITS_PROGRAM_REQUESTS: '2',
          LATCHKEY_LIMITS_PROGRAM_WINDOW: '1h',
          LATCHKEY_LIMITS_PROGRAM_BURST: '2',
        },
      },
    });

    test(`${kind}: a program that asks too often is told to wait, and does not reach the service`, async ({ testApp }) => {
      const echo = await Echo.start();
      const port = await freePort();
      const service = `${kind}-limited`;
      const token = await testApp.service(service, '--host', `localhost:${port}`);
      const proxy = await Proxy.start(kind, port, service, token, testApp.server, echo, passAuthorization[kind]);
      try {
        const added = await testApp.server.cli<{ client_id: string; client_secret: string }>('client', 'add', `Behind ${kind}`, '--audience', service);
        await testApp.settle();
        const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: added.client_id, client_secret: added.client_secret });
        const issued = await ask('POST', `${testApp.server.url}/oauth/token`, { 'content-type': 'application/x-www-form-urlencoded' }, form.toString());
        expect(issued.status, issued.body).toBe(200);
        expect(issued.headers.ratelimit).toBe('"program";r=1');
        const authorization = `Bearer ${(JSON.parse(issued.body) as { access_token: string }).access_token}`;
        for (const _ of [1, 2]) expect((await ask('GET', `${proxy.url}/album`, { authorization })).status).toBe(200);
        expect(echo.takePaths()).toEqual(['/album', '/album']);
        const refused = await ask('GET', `${proxy.url}/album`, { authorization });
        expect(refused.status, refused.body).toBe(REFUSED[kind]);
        expect(JSON.parse(refused.body)).toMatchObject({ error: 'too_many_requests' });
        expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1000);
        expect(echo.takePaths()).toEqual([]);
      } finally {
        await proxy.stop();
        echo.stop();
      }
    });
  });
}
