// Package latchkey verifies who calls a service that Latchkey protects.
package latchkey

import (
	"fmt"
	"net/http"
)

// Codes of [Error]: the same in every SDK (sdk/README.md has them in a table).
const (
	CodeMissing           = "missing"
	CodeTooLong           = "too_long"
	CodeMalformed         = "malformed"
	CodeHeader            = "header"
	CodeAlgorithm         = "algorithm"
	CodeType              = "type"
	CodeKeyID             = "key_id"
	CodeSignature         = "signature"
	CodeClaims            = "claims"
	CodeIssuer            = "issuer"
	CodeAudience          = "audience"
	CodeExpired           = "expired"
	CodeNotYetValid       = "not_yet_valid"
	CodeDPoP              = "dpop"
	CodeInsufficientScope = "insufficient_scope"
	CodeInactive          = "inactive"
	CodeKeysUnavailable   = "keys_unavailable"
	CodeUnavailable       = "unavailable"
)

// Error says why a request is refused. Code is for logs; the client learns the challenge only.
type Error struct {
	Code string
	// Scope is what the token lacks, with [CodeInsufficientScope].
	Scope string
	// Detail is for developers.
	Detail string
	// IsProof says that the proof of possession is refused, and not the token.
	IsProof bool
}

func refuse(code string) *Error { return &Error{Code: code} }

// Error is the code, with details if there are some.
func (e *Error) Error() string {
	if e.Detail == "" {
		return e.Code
	}
	return e.Code + ": " + e.Detail
}

// Status is the HTTP status: 401, 403 or 503.
func (e *Error) Status() int {
	switch e.Code {
	case CodeKeysUnavailable, CodeUnavailable:
		return http.StatusServiceUnavailable
	case CodeInsufficientScope:
		return http.StatusForbidden
	default:
		return http.StatusUnauthorized
	}
}

// Challenge is the value of WWW-Authenticate (RFC 6750 §3), without an error code if the request had no token (§3.1); empty if
// the client is not to blame.
func (e *Error) Challenge() string {
	switch e.Code {
	case CodeKeysUnavailable, CodeUnavailable:
		return ""
	case CodeMissing:
		return "Bearer"
	case CodeInsufficientScope:
		return fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, e.Scope)
	default:
		if e.IsProof {
			// RFC 9449 §7.1.
			return `DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"`
		}
		return `Bearer error="invalid_token"`
	}
}

// Respond writes the response, which has no body.
func (e *Error) Respond(w http.ResponseWriter) {
	if challenge := e.Challenge(); challenge != "" {
		w.Header().Set("WWW-Authenticate", challenge)
	} else {
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(e.Status())
}

// Codes of [Denied].
const (
	// CodeStepUpRequired asks to redirect to URL: the service requires a recent passkey.
	CodeStepUpRequired = "step_up_required"
	CodeNoAccess       = "no_access"
	// CodeUnauthenticated means that there is no valid cookie or access token, or that the service token is wrong.
	CodeUnauthenticated = "unauthenticated"
	CodeServiceNotFound = "service_not_found"
	// CodeUseDPoPNonce asks to respond 401 with Nonce in DPoP-Nonce (RFC 9449 §9); the program tries again.
	CodeUseDPoPNonce = "use_dpop_nonce"
	// CodeRateLimited means that the program makes too many requests; it may come again after RetryAfter seconds.
	CodeRateLimited = "rate_limited"
)

// Denied says why /verify denies access. Its code can also be [CodeUnavailable]: ask again after RetryAfter seconds.
type Denied struct {
	Code string
	URL  string
	// RetryAfter is in seconds; 0 if the server does not say.
	RetryAfter int
	Nonce      string
}

// Error is the code.
func (d *Denied) Error() string { return d.Code }
