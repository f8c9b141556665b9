/** Proofs of possession (RFC 9449): a token that is bound to a key is accepted with a proof of that key. */

import { base64url, calculateJwkThumbprint, compactVerify, type JWK } from "jose";
import { LatchkeyError } from "./errors.js";
import { parseKey, REQUIRED_MEMBERS } from "./keys.js";
import { normalized } from "./request-url.js";
import { decodeBase64url, isObject, parseObject } from "./strict.js";

/** For how many seconds a proof may be used after it was made, beside the leeway. */
const MAX_AGE = 60;
const MAX_BYTES = 8192;
const MAX_ID_BYTES = 256;
/** The members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const OF_KEYS = ["kty", "crv", "x", "y", "n", "e"];

/** A proof that is right but for having been used before. */
export interface Proof {
  /** The thumbprint of its key (RFC 7638). */
  readonly thumbprint: string;
  /** Its id, `jti`. */
  readonly id: string;
  /** In seconds since the Unix epoch: up to and including this second it must be remembered. */
  readonly usableUntil: number;
}

/** Marks a proof as used, by its thumbprint and id together; `false` if it was before. */
export type MarkUsed = (proof: Proof) => boolean | Promise<boolean>;

/** A request that came with a proof. */
export interface BoundRequest {
  /** The value of the only header `DPoP`. */
  readonly proof: string;
  readonly method: string;
  /**
   * The URL as the client knows it, with scheme and host from the configuration: if they came from the request, its sender could use a
   * proof that was made for another server.
   */
  readonly url: string;
}

/** Checks the proof for a token that is bound to the key with this thumbprint. Rejects with a `LatchkeyError`. */
export async function checkProof(
  request: BoundRequest,
  token: string,
  thumbprint: unknown,
  now: number,
  leeway: number,
  markUsed: MarkUsed,
): Promise<void> {
  const refuse = (detail: string) => new LatchkeyError("dpop", detail, undefined, true);
  const proof = await parseProof(request, token, now, leeway).catch((error: unknown) => {
    throw refuse(error instanceof Error ? error.message : "");
  });
  if (proof.thumbprint !== thumbprint) {
    throw refuse("the proof was made with another key");
  }
  if (!(await markUsed(proof))) {
    throw refuse("the proof was used before");
  }
}

async function parseProof(request: BoundRequest, token: string, now: number, leeway: number): Promise<Proof> {
  const parts = request.proof.split(".");
  if (request.proof.length > MAX_BYTES || parts.length !== 3) {
    throw new TypeError("the proof is too long, or not three parts");
  }
  const [header, payload] = parts.map(decodeBase64url) as [Uint8Array, Uint8Array];
  const { algorithm, material, members } = await keyOfHeader(parseObject(header));
  await compactVerify(request.proof, material, { algorithms: [algorithm] });
  const claims = parseObject(payload);
  // Each that is there has the right type, also one that is not needed.
  const id = text(claims, "jti");
  const method = text(claims, "htm");
  const url = text(claims, "htu");
  const hash = text(claims, "ath");
  text(claims, "nonce");
  const issuedAt = seconds(claims, "iat");
  const expiresAt = seconds(claims, "exp");
  const notBefore = seconds(claims, "nbf");
  if (id === undefined || utf8(id).length > MAX_ID_BYTES || issuedAt === undefined) {
    throw new TypeError("jti or iat is missing or too long");
  }
  if (method !== request.method) {
    throw new TypeError("the proof is for another method");
  }
  const expected = normalized(request.url);
  if (expected === undefined || url === undefined || normalized(url) !== expected) {
    throw new TypeError("the proof is for another URL");
  }
  const usableUntil = issuedAt + MAX_AGE + leeway;
  if (now > usableUntil || (expiresAt !== undefined && now >= expiresAt + leeway)) {
    throw new TypeError("the proof is too old");
  }
  if (Math.max(issuedAt, notBefore ?? issuedAt) > now + leeway) {
    throw new TypeError("the proof is from the future");
  }
  const digest = await crypto.subtle.digest("SHA-256", utf8(token));
  if (hash !== base64url.encode(new Uint8Array(digest))) {
    throw new TypeError("the proof is for another access token");
  }
  return { thumbprint: await calculateJwkThumbprint(members), id, usableUntil };
}

/** The key of a header of `typ`, `alg` and `jwk` alone. */
async function keyOfHeader(header: Record<string, unknown>) {
  const { typ, alg, jwk, ...others } = header;
  if (Object.getOwnPropertyNames(others).length > 0 || !isObject(jwk) || typeof typ !== "string") {
    throw new TypeError("the header of the proof has something else than typ, alg and jwk");
  }
  if (typ.toLowerCase().replace(/^application\//, "") !== "dpop+jwt") {
    throw new TypeError("not of the type dpop+jwt");
  }
  const { key } = await parseKey({ ...jwk, kid: "" });
  // With the members of another kind of key beside its own, it would be another key for another reader.
  const found = OF_KEYS.filter((name) => Object.hasOwn(jwk, name));
  const required: readonly string[] = REQUIRED_MEMBERS[key.algorithm];
  if (found.join() !== required.join() || PRIVATE.some((name) => Object.hasOwn(jwk, name))) {
    throw new TypeError("the key of the proof has members that it should not have");
  }
  if (alg !== key.algorithm) {
    throw new TypeError("the algorithm is not that of the key");
  }
  const members = Object.fromEntries(required.map((name) => [name, jwk[name]])) as JWK;
  return { ...key, members };
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A text that may be absent, but not empty. */
function text(claims: Record<string, unknown>, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (Object.hasOwn(claims, name) && (typeof value !== "string" || value === "")) {
    throw new TypeError(name);
  }
  return value as string | undefined;
}

/** A time in whole seconds that may be absent. */
function seconds(claims: Record<string, unknown>, name: string): number | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (Object.hasOwn(claims, name) && (typeof value !== "number" || Math.abs(value) > Number.MAX_SAFE_INTEGER)) {
    throw new TypeError(name);
  }
  return value === undefined ? undefined : Math.trunc(value as number);
}
