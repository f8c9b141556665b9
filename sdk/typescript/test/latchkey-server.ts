/** A Latchkey that was started for these tests, as environment variables describe it, and tokens that it did not issue. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

function variable(name: string): string {
  return process.env[`LATCHKEY_${name}`] ?? "";
}

/** The issuer, which is the address of the public listener. */
export const url = variable("URL");
export const internalUrl = variable("INTERNAL_URL");
export const client = [variable("CLIENT_ID"), variable("CLIENT_SECRET")] as const;
/** The service that the client's tokens are for, with its token, and one that they are not for. */
export const service = ["photos", variable("SERVICE_TOKEN")] as const;
export const otherService = ["mail", variable("OTHER_SERVICE_TOKEN")] as const;
export const scope = "albums:read";
export const expiredToken = variable("EXPIRED_TOKEN");
/** The cookie of a user's device; the user has access to the service. */
export const cookie = variable("COOKIE");

/** For `test`: why it is not run without a server. */
export const skip = url === "" && "needs a server: cargo xtask test sdk";

async function post(path: string, form: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ ...form, client_id: client[0], client_secret: client[1] });
  const response = await fetch(url + path, { method: "POST", body });
  assert.equal(response.status, 200);
  return response;
}

/** A new access token. */
export async function issue(): Promise<string> {
  const response = await post("/oauth/token", { grant_type: "client_credentials" });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** A program with a key of its own, which its tokens are bound to (RFC 9449). */
export async function keyHolder() {
  const { publicKey, privateKey } = await generateKeyPair("Ed25519");
  const header = { typ: "dpop+jwt", alg: "EdDSA", jwk: await exportJWK(publicKey) };
  const proof = (method: string, target: string, claims: Record<string, string>) =>
    new SignJWT({ htm: method, htu: target, jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader(header)
      .setIssuedAt()
      .sign(privateKey);
  return {
    /** A new access token, with the nonce that the server asks for. */
    issue: async (): Promise<string> => {
      const target = `${url}/oauth/token`;
      const body = new URLSearchParams({ grant_type: "client_credentials", client_id: client[0], client_secret: client[1] });
      const ask = async (claims: Record<string, string>) =>
        fetch(target, { method: "POST", body, headers: { dpop: await proof("POST", target, claims) } });
      const refused = await ask({});
      assert.deepEqual(await refused.json(), { error: "use_dpop_nonce" });
      const issued = await ask({ nonce: refused.headers.get("dpop-nonce") ?? "" });
      return ((await issued.json()) as { access_token: string }).access_token;
    },
    /** A proof for a request with a token. */
    proof: (method: string, target: string, token: string) =>
      proof(method, target, { ath: createHash("sha256").update(token).digest("base64url") }),
  };
}

export async function revoke(token: string): Promise<void> {
  await (await post("/oauth/revoke", { token })).text();
}

/** Makes new keys for access tokens; the server reads them within ten seconds. */
export function rotateKeys(): void {
  execFileSync(variable("BIN"), ["key", "rotate", "access_token", "--at-once"]);
}

/** Ends the server. */
export function stop(): void {
  process.kill(Number(variable("PID")), "SIGKILL");
}

export function headerOf(token: string): { alg: string; kid: string } {
  return parse(token.split(".")[0]);
}

/** The token with other claims and the same signature. */
export function tampered(token: string, claims: object): string {
  return changed(token, {}, claims, () => Buffer.from(token.split(".")[2] ?? "", "base64url"));
}

/** The token with the algorithm `none` (RFC 8725 §2.1). */
export function unsigned(token: string): string {
  return changed(token, { alg: "none" }, {}, () => Buffer.of());
}

/** The token, signed with HS256 and the issuer's public key as the secret (RFC 8725 §2.1). */
export async function signedWithThePublicKey(token: string): Promise<string> {
  const response = await fetch(`${url}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: { kid: string; x: string }[] };
  const key = keys.find((key) => key.kid === headerOf(token).kid) ?? assert.fail();
  const secret = Buffer.from(key.x, "base64url");
  return changed(token, { alg: "HS256" }, {}, (text) => createHmac("sha256", secret).update(text).digest());
}

function changed(token: string, header: object, claims: object, sign: (text: string) => Buffer): string {
  const [oldHeader, oldClaims] = token.split(".");
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ ...parse(oldHeader), ...header })}.${encode({ ...parse(oldClaims), ...claims })}`;
  return `${text}.${sign(text).toString("base64url")}`;
}

function parse(part = "") {
  return JSON.parse(Buffer.from(part, "base64url").toString());
}
