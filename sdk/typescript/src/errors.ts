/** Why a request is refused: the same codes in every SDK (sdk/README.md has them in a table). */
export type ErrorCode =
  | "missing"
  | "too_long"
  | "malformed"
  | "header"
  | "algorithm"
  | "type"
  | "key_id"
  | "signature"
  | "claims"
  | "issuer"
  | "audience"
  | "expired"
  | "not_yet_valid"
  | "dpop"
  | "insufficient_scope"
  | "inactive"
  | "keys_unavailable"
  | "unavailable";

/** A request is refused. `code` is for logs; the client learns `wwwAuthenticate` only. */
export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";

  constructor(
    readonly code: ErrorCode,
    detail = "",
    /** The scope that the token lacks, with `insufficient_scope`. */
    readonly scope?: string,
    /** Whether the proof of possession is refused, and not the token. */
    readonly isProof = false,
  ) {
    super(detail === "" ? code : `${code}: ${detail}`);
  }

  /** The HTTP status: 401, 403 or 503. */
  get status(): 401 | 403 | 503 {
    switch (this.code) {
      case "keys_unavailable":
      case "unavailable":
        return 503;
      case "insufficient_scope":
        return 403;
      default:
        return 401;
    }
  }

  /** The challenge (RFC 6750 §3); without an error code if the request had no token (§3.1). */
  get wwwAuthenticate(): string | undefined {
    switch (this.code) {
      case "keys_unavailable":
      case "unavailable":
        return undefined;
      case "missing":
        return "Bearer";
      case "insufficient_scope":
        return `Bearer error="insufficient_scope", scope="${this.scope}"`;
      default:
        // RFC 9449 §7.1.
        return this.isProof
          ? 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"'
          : 'Bearer error="invalid_token"';
    }
  }

  /** The headers of the response, which has no body. Express's own error handler sends them too. */
  get headers(): Record<string, string> {
    const challenge = this.wwwAuthenticate;
    const first = challenge === undefined ? { "Retry-After": "5" } : { "WWW-Authenticate": challenge };
    return { ...first, "Cache-Control": "no-store" };
  }
}

/** Why `/verify` denies access. */
export type DenialCode =
  /** Redirect to `url`: the service requires a recent passkey. */
  | "step_up_required"
  | "no_access"
  /** No valid cookie or access token, or the service token is wrong. */
  | "unauthenticated"
  | "service_not_found"
  /** Respond 401 with `nonce` in `DPoP-Nonce` (RFC 9449 §9); the program tries again. */
  | "use_dpop_nonce"
  /** The program makes too many requests; it may come again after `retryAfter` seconds. */
  | "rate_limited"
  /** Ask again after `retryAfter` seconds. */
  | "unavailable";

/** `/verify` denies access. */
export class Denied extends Error {
  override readonly name = "Denied";

  constructor(
    readonly code: DenialCode,
    readonly url?: string,
    readonly retryAfter?: number,
    readonly nonce?: string,
  ) {
    super(code);
  }
}
