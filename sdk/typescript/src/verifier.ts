/** Tokens, verified without asking the server (RFC 9068, RFC 7519, RFC 8725). */

import { base64url, compactVerify } from "jose";
import { LatchkeyError } from "./errors.js";
import { checkUrl, json, send } from "./http.js";
import { KeyCache, systemClock, type Clock } from "./keys.js";
import { checkProof, type BoundRequest, type MarkUsed } from "./proof.js";
import { decodeBase64url, isObject, parseObject } from "./strict.js";

/** The longest token that is looked at, in bytes. */
const MAX_BYTES = 8192;
/** By how many seconds clocks may differ. */
const LEEWAY = 5;

/** Who calls, as a verified token says it. Times are in seconds since the Unix epoch. */
export class Claims {
  constructor(
    readonly subject: string,
    readonly audience: string,
    readonly scopes: ReadonlySet<string>,
    readonly issuedAt: number,
    readonly expiresAt: number,
    /** The token's id; identity tokens have none. */
    readonly id: string | undefined,
    /** Every claim of the token. */
    readonly all: Readonly<Record<string, unknown>>,
  ) {}

  /** Throws `insufficient_scope` unless the token has this scope. */
  require(scope: string): void {
    if (!this.scopes.has(scope)) {
      throw new LatchkeyError("insufficient_scope", scope, scope);
    }
  }
}

/** What introspection says about an active token (RFC 7662 §2.2). */
export type Introspection = Readonly<Record<string, unknown>> & { readonly active: true };

/** Checks the proof of the key with this thumbprint. */
type Prove = (thumbprint: unknown, now: number) => Promise<void>;

interface Header {
  alg: string;
  kid: string | undefined;
  typ: string | undefined;
}

/** Verifies tokens of one issuer for one audience, which is the name of this service. */
export class Verifier {
  readonly #address: string;
  readonly #keys: KeyCache;

  constructor(
    private readonly issuer: string,
    private readonly audience: string,
    jwksUrl?: string,
    private readonly clock: Clock = systemClock,
  ) {
    this.#address = checkUrl(issuer);
    const url = jwksUrl ?? `${this.#address}/.well-known/jwks.json`;
    checkUrl(url);
    this.#keys = new KeyCache(url, clock);
  }

  /** Verifies the access token of a header `Authorization: Bearer`. Rejects with a `LatchkeyError`. */
  accessToken(token: string): Promise<Claims> {
    return this.#verify(token, "at+jwt", true);
  }

  /**
   * Verifies an access token that is bound to a key, with a proof of that key (DPoP, RFC 9449 §7). `markUsed` remembers the proof until
   * it is no longer usable, and returns `false` if it did before. Rejects with a `LatchkeyError`.
   */
  boundToken(token: string, request: BoundRequest, markUsed: MarkUsed): Promise<Claims> {
    return this.#verify(token, "at+jwt", true, (thumbprint, now) =>
      checkProof(request, token, thumbprint, now, LEEWAY, markUsed),
    );
  }

  /** Verifies the identity token that a proxy puts in a header. Rejects with a `LatchkeyError`. */
  identityToken(token: string): Promise<Claims> {
    return this.#verify(token, "jwt", false);
  }

  /**
   * Asks the server whether a token is active (RFC 7662). Rejects with a `LatchkeyError`: `inactive`, `audience` or `dpop` if
   * the token must not be accepted, `unavailable` if the server cannot be asked or refuses the client.
   */
  async introspect(clientId: string, clientSecret: string, token: string): Promise<Introspection> {
    // RFC 6749 §2.3.1: both are encoded as in a form first.
    const encode = (part: string) => new URLSearchParams([["", part]]).toString().slice(1);
    const pair = base64url.encode(`${encode(clientId)}:${encode(clientSecret)}`);
    const basic = pair.replaceAll("-", "+").replaceAll("_", "/");
    const headers = {
      accept: "application/json",
      authorization: `Basic ${basic.padEnd(Math.ceil(basic.length / 4) * 4, "=")}`,
    };
    const body = new URLSearchParams({ token });
    const answer = await send(`${this.#address}/oauth/introspect`, headers, body).catch((error: unknown) => {
      throw new LatchkeyError("unavailable", `introspection: ${String(error)}`);
    });
    const said = json(answer.body);
    if (answer.status !== 200 || said === undefined) {
      throw new LatchkeyError("unavailable", `introspection: status ${answer.status}`);
    }
    if (!isObject(said) || said.active !== true) {
      throw new LatchkeyError("inactive");
    }
    if (said.aud !== undefined && audienceOf(said) !== this.audience) {
      throw new LatchkeyError("audience");
    }
    if ("cnf" in said) {
      throw new LatchkeyError("dpop");
    }
    return said as Introspection;
  }

  async #verify(token: string, typ: string, hasId: boolean, prove?: Prove): Promise<Claims> {
    const { header, payload } = await this.#open(token);
    if (header.typ === undefined || !isType(header.typ, typ)) {
      throw new LatchkeyError("type");
    }
    const claims = orRefuse("claims", () => parseObject(payload));
    const now = Math.floor(this.clock.time());
    const checked = this.#check(claims, hasId, now);
    if (prove !== undefined) {
      // Bound to this key and to nothing else, whose proof this would not be.
      const bound = claims.cnf;
      if (!isObject(bound) || Object.keys(bound).join() !== "jkt") {
        throw new LatchkeyError("dpop");
      }
      await prove(bound.jkt, now);
    } else if (Object.hasOwn(claims, "cnf")) {
      // Whoever presents it must prove to have the key (RFC 9449 §7.1); a bearer does not.
      throw new LatchkeyError("dpop");
    }
    return checked;
  }

  /** Checks the signature. The algorithm is the key's; the token must only agree. */
  async #open(token: string): Promise<{ header: Header; payload: Uint8Array }> {
    if (token.length > MAX_BYTES) {
      throw new LatchkeyError("too_long");
    }
    const parts = token.split(".");
    if (parts.length < 3) {
      throw new LatchkeyError("malformed");
    }
    const header = parseHeader(orRefuse("malformed", () => decodeBase64url(parts[0])));
    const payload = orRefuse("malformed", () => decodeBase64url(parts[1]));
    orRefuse("malformed", () => decodeBase64url(parts.slice(2).join(".")));
    const key = header.kid === undefined ? undefined : await this.#keys.find(header.kid);
    if (key === undefined) {
      throw new LatchkeyError("key_id");
    }
    if (header.alg !== key.algorithm) {
      throw new LatchkeyError("algorithm");
    }
    try {
      await compactVerify(token, key.material, { algorithms: [key.algorithm] });
    } catch (error) {
      throw new LatchkeyError("signature", error instanceof Error ? error.message : "");
    }
    return { header, payload };
  }

  #check(claims: Record<string, unknown>, hasId: boolean, now: number): Claims {
    if (text(claims, "iss") !== this.issuer) {
      throw new LatchkeyError("issuer");
    }
    if (audienceOf(claims) !== this.audience) {
      throw new LatchkeyError("audience");
    }
    // Each that is there has the right type, also one that is not needed.
    const expiresAt = seconds(claims, "exp");
    const issuedAt = seconds(claims, "iat");
    const notBefore = seconds(claims, "nbf");
    seconds(claims, "auth_time");
    if (expiresAt === undefined || issuedAt === undefined) {
      throw new LatchkeyError("claims", "exp or iat is missing");
    }
    if (now >= expiresAt + LEEWAY) {
      throw new LatchkeyError("expired");
    }
    if (Math.max(issuedAt, notBefore ?? issuedAt) > now + LEEWAY) {
      throw new LatchkeyError("not_yet_valid");
    }
    const subject = text(claims, "sub");
    const id = hasId || Object.hasOwn(claims, "jti") ? text(claims, "jti") : undefined;
    const scope = typeof claims.scope === "string" ? claims.scope.split(" ") : [];
    const scopes = new Set(scope.filter((name) => name !== ""));
    return new Claims(subject, this.audience, scopes, issuedAt, expiresAt, id, claims);
  }
}

function orRefuse<T>(code: "malformed" | "header" | "claims", read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new LatchkeyError(code, error instanceof Error ? error.message : "");
  }
}

/** A header has these three members and no other: no token brings a key or an extension along. */
function parseHeader(bytes: Uint8Array): Header {
  const { alg, kid, typ, ...others } = orRefuse("header", () => parseObject(bytes));
  if (Object.getOwnPropertyNames(others).length > 0 || typeof alg !== "string") {
    throw new LatchkeyError("header");
  }
  return { alg, kid: optionalText(kid), typ: optionalText(typ) };
}

function optionalText(value: unknown): string | undefined {
  if (value !== undefined && value !== null && typeof value !== "string") {
    throw new LatchkeyError("header");
  }
  return value ?? undefined;
}

/** Case does not count, and `application/` may be left out (RFC 7515 §4.1.9). */
function isType(found: string, expected: string): boolean {
  return found.toLowerCase().replace(/^application\//, "") === expected;
}

function text(claims: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  if (typeof value !== "string" || value === "") {
    throw new LatchkeyError("claims", name);
  }
  return value;
}

/** The one audience. A token for several is refused: each of them could use it at the others. */
function audienceOf(claims: Record<string, unknown>): string {
  const items: unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  const [first] = items;
  if (!items.every((item) => typeof item === "string") || typeof first !== "string") {
    throw new LatchkeyError("claims", "aud");
  }
  if (items.length > 1) {
    throw new LatchkeyError("audience");
  }
  return first;
}

/** A NumericDate (RFC 7519 §2) in whole seconds; `undefined` if there is none. */
function seconds(claims: Record<string, unknown>, name: string): number | undefined {
  if (!Object.hasOwn(claims, name)) {
    return undefined;
  }
  const value = claims[name];
  // Beyond it, JSON numbers are not exact.
  if (typeof value !== "number" || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new LatchkeyError("claims", name);
  }
  return Math.trunc(value);
}
