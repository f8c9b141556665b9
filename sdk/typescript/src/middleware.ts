/** Fetch and Express: a request reaches the handler only with a verified token. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { LatchkeyError } from "./errors.js";
import type { MarkUsed } from "./proof.js";
import { usedProofs } from "./used-proofs.js";
import type { Claims, Verifier } from "./verifier.js";

/** The header in which a proxy puts the identity token. */
export const IDENTITY_HEADER = "Latchkey-Assertion";

/** How requests are verified. */
export interface Options {
  /** Required of every token. */
  scope?: string;
  /**
   * The header that has a proxy's identity token, usually `IDENTITY_HEADER`; it is then verified instead of an access token.
   */
  identityHeader?: string;
  /**
   * This service's origin as its clients know it, `https://photos.example.com`: with it, tokens that are bound to a key are accepted with
   * a proof of it (DPoP, RFC 9449), besides bearer tokens. The path is the request's, so this goes around everything that changes it.
   */
  origin?: string;
  /** Remembers proofs; without it, they are remembered in memory, so behind one address there may be one process. */
  markUsed?: MarkUsed;
  /** Learns why a request was refused, for logs. */
  onRefused?: (error: LatchkeyError) => void;
}

const CREDENTIALS = /^(bearer|dpop) ([A-Za-z0-9._~+/-]+=*)$/i;
/** Says that tokens with a proof are accepted (RFC 9449 §7.1). */
const DPOP_CHALLENGE = 'DPoP algs="EdDSA ES256 RS256"';

/** A request: what it has in each of these headers, its method and its path, as it came. */
interface Presented {
  values: string[];
  proofs: string[];
  method: string;
  path: string;
}

async function verify(verifier: Verifier, options: Options, markUsed: MarkUsed, presented: Presented): Promise<Claims> {
  const { values, proofs, method, path } = presented;
  const [value] = values;
  // Of two headers, a proxy in between may have read the other one: neither counts.
  if (values.length !== 1 || !value) {
    throw new LatchkeyError("missing");
  }
  let claims: Claims;
  if (options.identityHeader !== undefined) {
    claims = await verifier.identityToken(value);
  } else {
    const [, scheme, token] = CREDENTIALS.exec(value) ?? [];
    const isBearer = scheme?.toLowerCase() === "bearer";
    if (token === undefined || (!isBearer && options.origin === undefined)) {
      throw new LatchkeyError("missing");
    }
    const [proof] = proofs;
    if (isBearer) {
      claims = await verifier.accessToken(token);
    } else if (proof === undefined || proofs.length > 1) {
      throw new LatchkeyError("dpop", "not one header DPoP");
    } else {
      // The origin comes from the configuration: if it came from the request, its sender could use a proof that was made for another
      // server.
      const url = `${options.origin?.replace(/\/+$/, "")}${path}`;
      claims = await verifier.boundToken(token, { proof, method, url }, markUsed);
    }
  }
  if (options.scope !== undefined) {
    claims.require(options.scope);
  }
  return claims;
}

/** The challenges of a response; none if the client is not to blame. */
function challenges(error: LatchkeyError, options: Options): string[] {
  const acceptsProofs = options.origin !== undefined && options.identityHeader === undefined;
  const wantsProof = (error.code === "missing" || error.code === "dpop") && !error.isProof;
  const first = error.wwwAuthenticate;
  return [...(first === undefined ? [] : [first]), ...(acceptsProofs && wantsProof ? [DPOP_CHALLENGE] : [])];
}

const headerName = (options: Options) => (options.identityHeader ?? "Authorization").toLowerCase();

/** A request of the Fetch standard with a verified token. */
export type AuthenticatedRequest = Request & { readonly auth: Claims };

/**
 * Wraps a handler of the Fetch standard (`fetch` of Workers, Deno, Bun, Hono, Next.js route handlers): it finds the verified
 * claims in `request.auth`. A `LatchkeyError` that it throws, as `Claims.require` does, becomes the response.
 */
export function withLatchkey<Rest extends unknown[]>(
  verifier: Verifier,
  handler: (request: AuthenticatedRequest, ...rest: Rest) => Response | Promise<Response>,
  options: Options = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const markUsed = options.markUsed ?? usedProofs();
  return async (request, ...rest) => {
    try {
      // The standard joins two headers of one name with a comma, which no token and no proof has.
      const [values, proofs] = [headerName(options), "dpop"].map((name) => {
        const value = request.headers.get(name);
        return value === null ? [] : [value];
      }) as [string[], string[]];
      const { method, url } = request;
      const path = new URL(url).pathname;
      const auth = await verify(verifier, options, markUsed, { values, proofs, method, path });
      return await handler(Object.assign(request, { auth }), ...rest);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) {
        throw error;
      }
      options.onRefused?.(error);
      const headers = new Headers(error.headers);
      for (const challenge of challenges(error, options).slice(1)) {
        headers.append("WWW-Authenticate", challenge);
      }
      return new Response(null, { status: error.status, headers });
    }
  };
}

declare global {
  namespace Express {
    /** Express merges this into its own type. */
    interface Request {
      /** Who calls, behind the middleware `latchkey`. */
      auth?: Claims;
    }
  }
}

/** Middleware of Express. */
export type Middleware = (
  request: IncomingMessage & Express.Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Middleware of Express: handlers find the verified claims in `request.auth`. A `LatchkeyError` that a handler throws has the
 * status and headers that Express's own error handler sends.
 */
export function latchkey(verifier: Verifier, options: Options = {}): Middleware {
  const markUsed = options.markUsed ?? usedProofs();
  return (request, response, next) => {
    // `headers` drops the second of two; `rawHeaders` has names and values in turn.
    const raw = request.rawHeaders;
    const all = (name: string) => raw.filter((_, place) => place % 2 === 1 && raw[place - 1]?.toLowerCase() === name);
    // Express takes the path of a router from `url`.
    const { originalUrl } = request as { originalUrl?: string };
    const [path = ""] = (originalUrl ?? request.url ?? "").split("?");
    const presented = { values: all(headerName(options)), proofs: all("dpop"), method: request.method ?? "", path };
    verify(verifier, options, markUsed, presented)
      .then((auth) => {
        request.auth = auth;
      })
      .then(() => next(), (error: unknown) => {
        if (!(error instanceof LatchkeyError)) {
          return next(error);
        }
        options.onRefused?.(error);
        refuse(response, error, challenges(error, options));
      });
  };
}

/** Middleware of Express for single routes, behind `latchkey`: the token must have this scope. */
export function requireScope(scope: string): Middleware {
  return (request, response, next) => {
    if (request.auth?.scopes.has(scope)) {
      return next();
    }
    const isVerified = request.auth !== undefined;
    refuse(response, new LatchkeyError(isVerified ? "insufficient_scope" : "missing", scope, scope));
  };
}

function refuse(response: ServerResponse, error: LatchkeyError, wwwAuthenticate?: string[]): void {
  const more = wwwAuthenticate?.length ? { "WWW-Authenticate": wwwAuthenticate } : {};
  response.writeHead(error.status, { ...error.headers, ...more }).end();
}
