/** Asks the server about the caller of this service: `GET /verify/<service>` of its internal listener. */

import { Denied } from "./errors.js";
import { checkUrl, json, send, type Answer } from "./http.js";
import type { BoundRequest } from "./proof.js";
import { isObject } from "./strict.js";

/** Who makes a request, and what the grant allows this service to know. */
export interface User {
  /** Specific to this service. */
  subject: string;
  scopes: ReadonlySet<string>;
  username: string | undefined;
  email: string | undefined;
  role: string | undefined;
  /** `registered` or `passkey`. */
  assurance: string;
  /** When the user last authenticated, in seconds since the Unix epoch. */
  authTime: number;
  /** As `amr` (RFC 8176). */
  authMethods: readonly string[];
}

/** An access token that the server accepts now. Times are in seconds since the Unix epoch. */
export interface AcceptedToken {
  subject: string;
  /** The client that got the token. */
  clientId: string;
  scopes: ReadonlySet<string>;
  id: string;
  issuedAt: number;
  expiresAt: number;
  /** The user for whom the token speaks; `undefined` if it speaks for its client. */
  user: User | undefined;
}

/** A service that Latchkey knows, with its service token. */
export class Service {
  readonly #url: string;
  readonly #serviceToken: string;

  constructor(internalUrl: string, name: string, serviceToken: string) {
    this.#url = `${checkUrl(internalUrl)}/verify/${encodeURIComponent(name)}`;
    this.#serviceToken = serviceToken;
  }

  /** Asks about the user of a browser: `cookie` is its header `Cookie`, as it came. Rejects with `Denied`. */
  verifyUser(cookie: string): Promise<User> {
    return this.#ask({ cookie }, parseUser);
  }

  /** Asks about the access token of a program. Rejects with `Denied`. */
  verifyToken(accessToken: string): Promise<AcceptedToken> {
    return this.#ask({ "x-original-authorization": `Bearer ${accessToken}` }, parseAcceptedToken);
  }

  /**
   * Asks about an access token that is bound to a key, with a proof of that key (RFC 9449 §7). Rejects with `Denied`.
   */
  verifyBoundToken(accessToken: string, { proof, method, url }: BoundRequest): Promise<AcceptedToken> {
    const caller = {
      "x-original-authorization": `DPoP ${accessToken}`,
      dpop: proof,
      "x-original-method": method,
      "x-original-url": url,
    };
    return this.#ask(caller, parseAcceptedToken);
  }

  async #ask<T>(headers: Record<string, string>, parse: (said: unknown) => T | undefined): Promise<T> {
    const own = { accept: "application/json", authorization: `Bearer ${this.#serviceToken}` };
    const answer = await send(this.#url, { ...own, ...headers }).catch(() => {
      throw new Denied("unavailable");
    });
    if (answer.status !== 200) {
      throw denial(answer);
    }
    const parsed = parse(json(answer.body));
    if (parsed === undefined) {
      throw new Denied("unavailable");
    }
    return parsed;
  }
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function parseUser(said: unknown): User | undefined {
  if (!isObject(said) || !isObject(said.device) || !isObject(said.auth)) {
    return undefined;
  }
  const { subject, scopes } = said;
  const { assurance } = said.device;
  const { time, methods } = said.auth;
  if (
    typeof subject !== "string" ||
    typeof assurance !== "string" ||
    typeof time !== "number" ||
    !areTexts(scopes) ||
    !areTexts(methods)
  ) {
    return undefined;
  }
  const optional = (value: unknown) => (typeof value === "string" ? value : undefined);
  return {
    subject,
    scopes: new Set(scopes),
    username: optional(said.username),
    email: optional(said.email),
    role: optional(said.role),
    assurance,
    authTime: time,
    authMethods: methods,
  };
}

function parseAcceptedToken(said: unknown): AcceptedToken | undefined {
  if (!isObject(said) || !isObject(said.token)) {
    return undefined;
  }
  const { subject, client_id: clientId, scopes } = said;
  const { id, issued_at: issuedAt, expires_at: expiresAt } = said.token;
  if (
    typeof subject !== "string" ||
    typeof clientId !== "string" ||
    typeof id !== "string" ||
    typeof issuedAt !== "number" ||
    typeof expiresAt !== "number" ||
    !areTexts(scopes)
  ) {
    return undefined;
  }
  return { subject, clientId, scopes: new Set(scopes), id, issuedAt, expiresAt, user: parseUser(said) };
}

function denial(answer: Answer): Denied {
  if (answer.status === 401) {
    const said = json(answer.body);
    if (isObject(said) && said.error === "step_up_required") {
      return new Denied("step_up_required", typeof said.url === "string" ? said.url : undefined);
    }
    if (isObject(said) && said.error === "use_dpop_nonce") {
      return new Denied("use_dpop_nonce", undefined, undefined, answer.headers.get("dpop-nonce") ?? "");
    }
    return new Denied("no_access");
  }
  if (answer.status === 404) {
    return new Denied(answer.body.length > 0 ? "service_not_found" : "unauthenticated");
  }
  const after = answer.headers.get("retry-after") ?? "";
  const code = answer.status === 429 ? "rate_limited" : "unavailable";
  return new Denied(code, undefined, /^[0-9]+$/.test(after) ? Number(after) : undefined);
}
