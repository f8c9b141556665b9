/** Fetch and Express: a request reaches the handler only with a verified token. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { LatchkeyError } from "./errors.js";
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
  /** Learns why a request was refused, for logs. */
  onRefused?: (error: LatchkeyError) => void;
}

const BEARER = /^bearer ([A-Za-z0-9._~+/-]+=*)$/i;

async function verify(verifier: Verifier, options: Options, values: string[]): Promise<Claims> {
  const [value] = values;
  // Of two headers, a proxy in between may have read the other one: neither counts.
  if (values.length !== 1 || !value) {
    throw new LatchkeyError("missing");
  }
  let claims: Claims;
  if (options.identityHeader !== undefined) {
    claims = await verifier.identityToken(value);
  } else {
    const token = BEARER.exec(value)?.[1];
    if (token === undefined) {
      throw new LatchkeyError("missing");
    }
    claims = await verifier.accessToken(token);
  }
  if (options.scope !== undefined) {
    claims.require(options.scope);
  }
  return claims;
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
  return async (request, ...rest) => {
    try {
      // The standard joins two headers of one name with a comma, which no token has.
      const value = request.headers.get(headerName(options));
      const auth = await verify(verifier, options, value === null ? [] : [value]);
      return await handler(Object.assign(request, { auth }), ...rest);
    } catch (error) {
      if (!(error instanceof LatchkeyError)) {
        throw error;
      }
      options.onRefused?.(error);
      return new Response(null, { status: error.status, headers: error.headers });
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
  return (request, response, next) => {
    const name = headerName(options);
    // `headers` drops the second of two; `rawHeaders` has names and values in turn.
    const raw = request.rawHeaders;
    const values = raw.filter((_, place) => place % 2 === 1 && raw[place - 1]?.toLowerCase() === name);
    verify(verifier, options, values)
      .then((auth) => {
        request.auth = auth;
      })
      .then(() => next(), (error: unknown) => {
        if (!(error instanceof LatchkeyError)) {
          return next(error);
        }
        options.onRefused?.(error);
        refuse(response, error);
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

function refuse(response: ServerResponse, error: LatchkeyError): void {
  response.writeHead(error.status, error.headers).end();
}
