package latchkey

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
)

// IdentityHeader is the header in which a proxy puts the identity token.
const IdentityHeader = "Latchkey-Assertion"

// dpopChallenge says that tokens with a proof are accepted (RFC 9449 §7.1).
const dpopChallenge = `DPoP algs="EdDSA ES256 RS256"`

var credentials = regexp.MustCompile(`^(?i)(bearer|dpop) ([A-Za-z0-9._~+/-]+=*)$`)

// Options say how requests are verified.
type Options struct {
	// Scope is required of every token.
	Scope string
	// IdentityHeader is the header that has a proxy's identity token, usually the constant of this name; it is then verified
	// instead of an access token.
	IdentityHeader string
	// Origin is this service's as its clients know it, https://photos.example.com: with it, tokens that are bound to a key are accepted
	// with a proof of it (DPoP, RFC 9449), besides bearer tokens. The path is the request's, so the middleware goes around everything
	// that changes it.
	Origin string
	// MarkUsed remembers proofs, see [BoundRequest]; without it, [UsedProofs] does.
	MarkUsed func(Proof) bool
	// OnRefused learns why a request was refused, for logs.
	OnRefused func(*http.Request, *Error)
}

type contextKey struct{}

// FromContext returns the verified claims of a request that came through [Verifier.Middleware]; nil of any other.
func FromContext(ctx context.Context) *Claims {
	claims, _ := ctx.Value(contextKey{}).(*Claims)
	return claims
}

// Middleware lets a request reach the handler only with a verified token; the handler calls [FromContext].
func (v *Verifier) Middleware(options Options) func(http.Handler) http.Handler {
	if options.MarkUsed == nil {
		options.MarkUsed = NewUsedProofs().Mark
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			claims, err := v.verifyRequest(r, options)
			if err != nil {
				if options.wantsProof(err) {
					// Behind the challenge of the error.
					w = &withChallenge{w}
				}
				respond(w, r, err, options.OnRefused)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, claims)))
		})
	}
}

func (v *Verifier) verifyRequest(r *http.Request, options Options) (*Claims, error) {
	name := "Authorization"
	if options.IdentityHeader != "" {
		name = options.IdentityHeader
	}
	values := r.Header.Values(name)
	// Of two headers, a proxy in between may have read the other one: neither counts.
	if len(values) != 1 || values[0] == "" {
		return nil, refuse(CodeMissing)
	}
	claims, err := v.verifyValue(r, values[0], options)
	if err != nil {
		return nil, err
	}
	if options.Scope != "" {
		return claims, claims.Require(options.Scope)
	}
	return claims, nil
}

func (v *Verifier) verifyValue(r *http.Request, value string, options Options) (*Claims, error) {
	if options.IdentityHeader != "" {
		return v.IdentityToken(r.Context(), value)
	}
	found := credentials.FindStringSubmatch(value)
	switch {
	case found == nil:
		return nil, refuse(CodeMissing)
	case strings.EqualFold(found[1], "bearer"):
		return v.AccessToken(r.Context(), found[2])
	case options.Origin == "":
		return nil, refuse(CodeMissing)
	}
	proofs := r.Header.Values("DPoP")
	if len(proofs) != 1 {
		return nil, &Error{Code: CodeDPoP, Detail: "not one header DPoP"}
	}
	// The origin comes from the configuration: if it came from the request, its sender could use a proof that was made for another server.
	url := strings.TrimRight(options.Origin, "/") + r.URL.EscapedPath()
	request := BoundRequest{Proof: proofs[0], Method: r.Method, URL: url, MarkUsed: options.MarkUsed}
	return v.BoundToken(r.Context(), found[2], request)
}

// wantsProof reports whether a client is told that a proof would be accepted.
func (o *Options) wantsProof(err error) bool {
	var refused *Error
	if o.Origin == "" || o.IdentityHeader != "" || !errors.As(err, &refused) {
		return false
	}
	return refused.Code == CodeMissing || (refused.Code == CodeDPoP && !refused.IsProof)
}

// withChallenge adds the challenge for tokens with a proof to a response.
type withChallenge struct{ http.ResponseWriter }

func (w *withChallenge) WriteHeader(status int) {
	w.Header().Add("WWW-Authenticate", dpopChallenge)
	w.ResponseWriter.WriteHeader(status)
}

// RequireScope is for single routes behind [Verifier.Middleware]: the token must have this scope.
func RequireScope(scope string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims := FromContext(r.Context())
		if claims == nil {
			refuse(CodeMissing).Respond(w)
		} else if err := claims.Require(scope); err != nil {
			respond(w, r, err, nil)
		} else {
			next.ServeHTTP(w, r)
		}
	})
}

func respond(w http.ResponseWriter, r *http.Request, err error, onRefused func(*http.Request, *Error)) {
	var refused *Error
	if !errors.As(err, &refused) {
		refused = &Error{Code: CodeUnavailable, Detail: err.Error()}
	}
	if onRefused != nil {
		onRefused(r, refused)
	}
	refused.Respond(w)
}
