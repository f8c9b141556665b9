package latchkey

import (
	"context"
	"errors"
	"net/http"
	"regexp"
)

// IdentityHeader is the header in which a proxy puts the identity token.
const IdentityHeader = "Latchkey-Assertion"

var bearer = regexp.MustCompile(`^(?i:bearer) ([A-Za-z0-9._~+/-]+=*)$`)

// Options say how requests are verified.
type Options struct {
	// Scope is required of every token.
	Scope string
	// IdentityHeader is the header that has a proxy's identity token, usually the constant of this name; it is then verified
	// instead of an access token.
	IdentityHeader string
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
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			claims, err := v.verifyRequest(r, options)
			if err != nil {
				respond(w, r, err, options.OnRefused)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, claims)))
		})
	}
}

func (v *Verifier) verifyRequest(r *http.Request, options Options) (*Claims, error) {
	name, verify := "Authorization", v.AccessToken
	if options.IdentityHeader != "" {
		name, verify = options.IdentityHeader, v.IdentityToken
	}
	values := r.Header.Values(name)
	// Of two headers, a proxy in between may have read the other one: neither counts.
	if len(values) != 1 || values[0] == "" {
		return nil, refuse(CodeMissing)
	}
	token := values[0]
	if options.IdentityHeader == "" {
		found := bearer.FindStringSubmatch(token)
		if found == nil {
			return nil, refuse(CodeMissing)
		}
		token = found[1]
	}
	claims, err := verify(r.Context(), token)
	if err != nil {
		return nil, err
	}
	if options.Scope != "" {
		return claims, claims.Require(options.Scope)
	}
	return claims, nil
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
