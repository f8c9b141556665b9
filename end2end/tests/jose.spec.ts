/** Access tokens and the library `jose`: it signs what a client authenticates with, and verifies what the client gets. */
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as jose from 'jose';
import { clock, expect, type TestApp, test } from '../fixtures';
import { ask } from '../fixtures/http';

const AUDIENCE = 'albums';

/** A client that authenticates with a key of its own (`private_key_jwt`, RFC 7523), and a token that it got. */
async function getToken(testApp: TestApp, algorithm: string) {
  const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
  const file = join(testApp.server.dataDir, `${algorithm}.json`);
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await jose.exportJWK(publicKey)), kid: '1', alg: 'ES256' }] }));
  const args = ['--audience', AUDIENCE, '--scope', 'read', '--algorithm', algorithm, '--jwks', file];
  const { client_id } = await testApp.server.cli<{ client_id: string }>('client', 'add', algorithm, ...args);
  await testApp.settle();
  const now = Math.floor(clock.now() / 1000);
  const assertion = await new jose.SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: '1' })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(testApp.server.url)
    .setIssuedAt(now)
    .setExpirationTime(now + 60)
    .sign(privateKey);
  const form = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await ask('POST', `${testApp.server.url}/oauth/token`, headers, new URLSearchParams(form).toString());
  expect(response.status, response.body).toBe(200);
  return { client_id, token: JSON.parse(response.body).access_token as string };
}

/** The token with another header or other claims, and what `sign` makes of it. */
function changed(token: string, header: object, claims: object, sign: (text: string) => string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ ...jose.decodeProtectedHeader(token), ...header })}.${encode({ ...jose.decodeJwt(token), ...claims })}`;
  return `${text}.${sign(text)}`;
}

test('jose verifies tokens of each algorithm, and refuses others', async ({ testApp }) => {
  await testApp.service(AUDIENCE);
  await testApp.server.cli('service', 'tokens', AUDIENCE, '--scope', 'read');
  const url = new URL('/.well-known/jwks.json', testApp.server.url);
  // The key for RS256 is made while the test runs.
  const keys = jose.createRemoteJWKSet(url, { cooldownDuration: 0 });
  const expected: jose.JWTVerifyOptions = {
    issuer: testApp.server.url,
    audience: AUDIENCE,
    algorithms: ['EdDSA', 'ES256', 'RS256'],
    typ: 'at+jwt',
    requiredClaims: ['exp', 'iat', 'sub', 'jti', 'client_id'],
  };
  const verify = (token: string, other: jose.JWTVerifyOptions = {}) =>
    jose.jwtVerify(token, keys, { ...expected, currentDate: new Date(clock.now()), ...other });
  for (const algorithm of ['EdDSA', 'ES256', 'RS256']) {
    const { client_id, token } = await getToken(testApp, algorithm);
    const { payload, protectedHeader } = await verify(token);
    expect(protectedHeader.alg).toBe(algorithm);
    expect(payload).toMatchObject({ sub: client_id, client_id, scope: 'read' });

    const refuse = (token: string, code: string, other?: jose.JWTVerifyOptions) =>
      expect(verify(token, other), code).rejects.toMatchObject({ code });
    await refuse(token, 'ERR_JWT_CLAIM_VALIDATION_FAILED', { audience: 'another' });
    await refuse(token, 'ERR_JWT_CLAIM_VALIDATION_FAILED', { issuer: 'https://login.example.com' });
    await refuse(token, 'ERR_JWT_CLAIM_VALIDATION_FAILED', { typ: 'JWT' });
    await refuse(token, 'ERR_JWT_EXPIRED', { currentDate: new Date(clock.now() + 200_000) });
    const signature = token.split('.')[2]!;
    await refuse(changed(token, {}, { scope: 'everything' }, () => signature), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
    await refuse(changed(token, { alg: 'none' }, {}, () => ''), 'ERR_JOSE_ALG_NOT_ALLOWED');
    // With the public key as the secret (RFC 8725 §2.1).
    const response = await ask('GET', url.href);
    const jwk = JSON.parse(response.body).keys.find((key: jose.JWK) => key.kid === protectedHeader.kid);
    const secret = Buffer.from(jwk.x ?? jwk.n, 'base64url');
    const hs256 = changed(token, { alg: 'HS256' }, {}, (text) => createHmac('sha256', secret).update(text).digest('base64url'));
    await refuse(hs256, 'ERR_JOSE_ALG_NOT_ALLOWED');
    await refuse(hs256, 'ERR_JOSE_NOT_SUPPORTED', { algorithms: ['HS256'] });
  }
});
