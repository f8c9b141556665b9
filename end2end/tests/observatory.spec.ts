/** The security headers as the MDN HTTP Observatory grades them, over TLS. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Server as Listener } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { ask, AuthenticatorApp, expect, freePort, type Route, Server, test } from '../fixtures';

interface Scan {
  grade: string;
  score: number;
  status: number;
  isVerified: boolean;
  results: Record<string, { result: string; pass: boolean }>;
}

const SCANNER = join(__dirname, '../fixtures/observatory.mjs');

/** A certificate of `localhost` that is its own authority, for a day. */
function certificate(dir: string): { key: string; cert: string } {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const request = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', ...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key, cert };
}

async function listening<T extends Listener>(listener: T, port = 0): Promise<number> {
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  return (listener.address() as AddressInfo).port;
}

/** The cookies of a browser that a member registered. */
async function registered(server: Server, host: string): Promise<string> {
  const { otpauth_uri } = await server.cli<{ otpauth_uri: string }>('user', 'add', 'grace@example.com', '--print-totp');
  const fields = new URLSearchParams({ email: 'grace@example.com', code: await AuthenticatorApp.scan(otpauth_uri).code() });
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const response = await ask('POST', `http://localhost:${server.publicPort}/device/add`, headers, fields.toString());
  expect(response.status, response.body).toBe(200);
  return [response.headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0]).join('; ');
}

test('each page has the grade A+ of the HTTP Observatory without a failed test', async () => {
  test.setTimeout(120_000);
  const dir = mkdtempSync(join(tmpdir(), 'latchkey-observatory-'));
  const { key, cert } = certificate(dir);
  const httpsPort = await freePort();
  const publicUrl = `https://localhost:${httpsPort}`;
  const server = await Server.start({ env: { LATCHKEY_PUBLIC_URL: publicUrl } });
  // TLS and nothing else: every header is Latchkey's own.
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (near) => {
    const far = connect(server.publicPort, '127.0.0.1');
    near.on('error', () => far.destroy()).pipe(far);
    far.on('error', () => near.destroy()).pipe(near);
  });
  await listening(tls, httpsPort);
  const plain = createServer((request, response) => {
    response.writeHead(301, { location: publicUrl + request.url }).end();
  });
  const httpPort = await listening(plain);
  try {
    const { items } = await server.cli<{ items: Route[] }>('routes');
    const pages = items.filter(({ router, path }) => router === 'pages' && !path.includes('{'));
    const cookies = await registered(server, `localhost:${httpsPort}`);
    // As somebody whom nobody knows, then signed in; pages of administration have the same layers and no member sees them.
    const own = pages.filter(({ access }) => access === 'user').map(({ path }) => [path, cookies] as const);
    expect(own.length).toBeGreaterThan(6);
    for (const [path, cookies] of [['/', ''], ['/login', ''], ['/recover', ''], ...own] as const) {
      const { stdout } = await promisify(execFile)(process.execPath, [SCANNER, 'localhost', String(httpPort), String(httpsPort), path], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: cert, OBSERVATORY_COOKIES: cookies },
      });
      const scan = JSON.parse(stdout) as Scan;
      console.log(`${path}: ${scan.grade}, ${scan.score}`);
      expect(scan, path).toMatchObject({ status: 200, isVerified: true, grade: 'A+', ...(cookies && { page: path }) });
      expect(Object.keys(scan.results).length, path).toBeGreaterThanOrEqual(9);
      expect(Object.entries(scan.results).filter(([, { pass }]) => !pass), path).toEqual([]);
    }
  } finally {
    tls.close();
    plain.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
