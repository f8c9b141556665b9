/** The issuer's public keys, and when they are fetched. */

import { importJWK, type CryptoKey, type JWK } from "jose";
import { LatchkeyError } from "./errors.js";
import { json, send } from "./http.js";
import { decodeBase64url, isObject } from "./strict.js";

/** After how many seconds keys are fetched again. */
const REFRESH = 300;
/** Seconds between two fetches because of an unknown key id, and after a failed fetch. */
const PAUSE = 30;
/** Seconds between two fetches as long as there are no keys. */
const FIRST_PAUSE = 1;
/** For how many seconds known keys are used when they cannot be fetched. */
const MAX_AGE = 24 * 3600;

/** Both in seconds. */
export interface Clock {
  /** Since the Unix epoch. */
  time(): number;
  /** Since any moment; never set back. */
  monotonic(): number;
}

/** The system's clock. */
export const systemClock: Clock = {
  time: () => Date.now() / 1000,
  monotonic: () => performance.now() / 1000,
};

/** A public key, with the one algorithm that it is for. */
export interface Key {
  algorithm: "EdDSA" | "ES256" | "RS256";
  material: CryptoKey;
}

/** The members that make a key (RFC 7638 §3.2). */
export const REQUIRED_MEMBERS = {
  EdDSA: ["kty", "crv", "x"],
  ES256: ["kty", "crv", "x", "y"],
  RS256: ["kty", "n", "e"],
} as const;

/** Reads the usable keys of a JWK set, by id; others are left out (RFC 7517 §5). Rejects if it is no JWK set. */
export async function parseKeys(body: Uint8Array): Promise<Map<string, Key>> {
  const set = json(body);
  if (!isObject(set) || !Array.isArray(set.keys)) {
    throw new SyntaxError("not a JWK set");
  }
  const found = new Map<string, { identity: string; key: Key }>();
  const ambiguous = new Set<string>();
  for (const jwk of set.keys) {
    const parsed = await parseKey(jwk).catch(() => undefined);
    if (parsed === undefined) {
      continue;
    }
    const { id, identity, key } = parsed;
    if ((found.get(id)?.identity ?? identity) !== identity) {
      // Which of the two is meant cannot be said.
      ambiguous.add(id);
    }
    found.set(id, { identity, key });
  }
  const usable = [...found].filter(([id]) => !ambiguous.has(id));
  return new Map(usable.map(([id, { key }]) => [id, key]));
}

/** Reads one key. Rejects if it is none that is usable. */
export async function parseKey(jwk: unknown): Promise<{ id: string; identity: string; key: Key }> {
  if (!isObject(jwk)) {
    throw new TypeError("not a key");
  }
  const { kty, crv, kid, alg, use, key_ops: operations } = jwk;
  const isEd25519 = kty === "OKP" && crv === "Ed25519";
  const isP256 = kty === "EC" && crv === "P-256";
  const isRsa = kty === "RSA" && crv === undefined;
  const algorithm = isEd25519 ? "EdDSA" : isP256 ? "ES256" : "RS256";
  const isForUs =
    (isEd25519 || isP256 || isRsa) &&
    (alg === undefined || alg === algorithm) &&
    (use === undefined || use === "sig") &&
    (operations === undefined || (Array.isArray(operations) && operations.includes("verify")));
  if (!isForUs || typeof kid !== "string") {
    throw new TypeError("a key for something else");
  }
  const names = isRsa ? ["n", "e"] : isP256 ? ["x", "y"] : ["x"];
  const [first, second] = names.map((name) => decodeBase64url(jwk[name]));
  const hasLength = isRsa
    ? // Less is too weak (RFC 7518 §3.3), more takes too long, and a zero in front is a second spelling.
      first!.length >= 256 && first!.length <= 512 && first![0] !== 0 && !!second![0]
    : first!.length === 32 && (second?.length ?? 32) === 32;
  if (!hasLength) {
    throw new TypeError("a number has another length");
  }
  const material = Object.fromEntries(names.map((name) => [name, jwk[name]]));
  const members = { kty, ...(crv !== undefined && { crv }), ...material } as JWK;
  const imported = await importJWK(members, algorithm);
  if (imported instanceof Uint8Array) {
    throw new TypeError("a symmetric key");
  }
  return { id: kid, identity: JSON.stringify(members), key: { algorithm, material: imported } };
}

/** Keys that are fetched at first use, every five minutes, and at an unknown key id. */
export class KeyCache {
  #keys: Map<string, Key> | undefined;
  #fetchedAt = 0;
  #mayFetchAt = -Infinity;
  #mayFetchUnknownAt = -Infinity;
  #flight: Promise<void> | undefined;

  constructor(
    private readonly url: string,
    private readonly clock: Clock,
  ) {}

  /** The key with this id; `undefined` if the issuer has none. Rejects with `keys_unavailable` if there are no keys. */
  async find(id: string): Promise<Key | undefined> {
    const now = this.clock.monotonic();
    if (this.#keys === undefined || now - this.#fetchedAt >= REFRESH) {
      await this.#fetch(now >= this.#mayFetchAt);
    }
    const key = this.#usable().get(id);
    if (key !== undefined) {
      return key;
    }
    // Perhaps the issuer has a new key. Anyone can make up an id, so this happens only now and then.
    const mayStart = now >= this.#mayFetchUnknownAt;
    if (mayStart) {
      this.#mayFetchUnknownAt = now + PAUSE;
    }
    await this.#fetch(mayStart);
    return this.#usable().get(id);
  }

  #usable(): Map<string, Key> {
    if (this.#keys === undefined || this.clock.monotonic() - this.#fetchedAt >= MAX_AGE) {
      throw new LatchkeyError("keys_unavailable", this.url);
    }
    return this.#keys;
  }

  /** Waits for the fetch that is under way, or for a new one if there may be one. */
  async #fetch(mayStart: boolean): Promise<void> {
    if (this.#flight === undefined && mayStart) {
      this.#flight = this.#load().finally(() => (this.#flight = undefined));
    }
    await this.#flight;
  }

  async #load(): Promise<void> {
    try {
      const answer = await send(this.url, { accept: "application/json" });
      if (answer.status === 200) {
        this.#keys = await parseKeys(answer.body);
        this.#fetchedAt = this.clock.monotonic();
      }
    } catch {
      // Known keys stay in use; without any, the caller says so.
    }
    const pause = this.#keys === undefined ? FIRST_PAUSE : PAUSE;
    this.#mayFetchAt = this.clock.monotonic() + pause;
  }
}
