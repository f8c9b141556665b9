package latchkey

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	// maxToken is the longest token that is looked at, in bytes.
	maxToken = 8192
	// leeway is by how many seconds clocks may differ.
	leeway = 5
	// maxSeconds is the largest time: beyond it, JSON numbers are not exact.
	maxSeconds = 1<<53 - 1
)

// Claims are who calls, as a verified token says it. Times are in seconds since the Unix epoch.
type Claims struct {
	Subject   string
	Audience  string
	Scopes    []string
	IssuedAt  int64
	ExpiresAt int64
	// ID is the token's id; identity tokens have none.
	ID string
	// All has every claim of the token; numbers are of type json.Number.
	All map[string]any
}

// HasScope reports whether the token has a scope.
func (c *Claims) HasScope(scope string) bool {
	for _, found := range c.Scopes {
		if found == scope {
			return true
		}
	}
	return false
}

// Require returns an [Error] with CodeInsufficientScope unless the token has this scope.
func (c *Claims) Require(scope string) error {
	if c.HasScope(scope) {
		return nil
	}
	return &Error{Code: CodeInsufficientScope, Scope: scope, Detail: scope}
}

// Verifier verifies tokens of one issuer for one audience without asking the server (RFC 9068, RFC 7519, RFC 8725). It is safe
// for concurrent use.
type Verifier struct {
	issuer   string
	address  string
	audience string
	keys     *keyCache
	now      func() time.Time
}

// Option changes how [NewVerifier] works.
type Option func(*Verifier)

// WithJWKSURL has the keys somewhere else than at /.well-known/jwks.json of the issuer.
func WithJWKSURL(address string) Option {
	return func(v *Verifier) { v.keys.url = address }
}

// NewVerifier returns a verifier; the audience is the name of this service. It does not fetch anything yet.
func NewVerifier(issuer, audience string, options ...Option) (*Verifier, error) {
	address, err := checkURL(issuer)
	if err != nil {
		return nil, err
	}
	keys := &keyCache{url: address + "/.well-known/jwks.json", now: time.Now}
	verifier := &Verifier{issuer: issuer, address: address, audience: audience, keys: keys, now: time.Now}
	for _, option := range options {
		option(verifier)
	}
	if _, err := checkURL(keys.url); err != nil {
		return nil, err
	}
	return verifier, nil
}

// AccessToken verifies the access token of a header "Authorization: Bearer". Errors are of type [*Error].
func (v *Verifier) AccessToken(ctx context.Context, token string) (*Claims, error) {
	return unbound(v.verify(ctx, token, "at+jwt", true))
}

// IdentityToken verifies the identity token that a proxy puts in a header. Errors are of type [*Error].
func (v *Verifier) IdentityToken(ctx context.Context, token string) (*Claims, error) {
	return unbound(v.verify(ctx, token, "jwt", false))
}

// unbound refuses the claims of a token that is bound to a key: whoever presents it must prove to have the key (RFC 9449 §7.1), and
// a bearer does not.
func unbound(claims *Claims, err error) (*Claims, error) {
	if err != nil {
		return nil, err
	}
	if _, isBound := claims.All["cnf"]; isBound {
		return nil, refuse(CodeDPoP)
	}
	return claims, nil
}

func (v *Verifier) verify(ctx context.Context, token, typ string, hasID bool) (*Claims, error) {
	header, payload, err := v.open(ctx, token)
	if err != nil {
		return nil, err
	}
	if header.typ == nil || !isType(*header.typ, typ) {
		return nil, refuse(CodeType)
	}
	claims, err := parseObject(payload)
	if err != nil {
		return nil, &Error{Code: CodeClaims, Detail: err.Error()}
	}
	return v.check(claims, hasID)
}

// open checks the signature. The algorithm is the key's; the token must only agree.
func (v *Verifier) open(ctx context.Context, token string) (*header, []byte, error) {
	if len(token) > maxToken {
		return nil, nil, refuse(CodeTooLong)
	}
	parts := strings.SplitN(token, ".", 3)
	if len(parts) != 3 {
		return nil, nil, refuse(CodeMalformed)
	}
	headerBytes, err := decodeBase64url(parts[0])
	if err != nil {
		return nil, nil, refuse(CodeMalformed)
	}
	header, err := parseHeader(headerBytes)
	if err != nil {
		return nil, nil, err
	}
	payload, errPayload := decodeBase64url(parts[1])
	signature, errSignature := decodeBase64url(parts[2])
	if errPayload != nil || errSignature != nil {
		return nil, nil, refuse(CodeMalformed)
	}
	if header.kid == nil {
		return nil, nil, refuse(CodeKeyID)
	}
	key, err := v.keys.find(ctx, *header.kid)
	if err != nil {
		return nil, nil, err
	}
	if header.alg != key.algorithm {
		return nil, nil, refuse(CodeAlgorithm)
	}
	if !key.verify([]byte(parts[0]+"."+parts[1]), signature) {
		return nil, nil, refuse(CodeSignature)
	}
	return header, payload, nil
}

func (v *Verifier) check(claims map[string]any, hasID bool) (*Claims, error) {
	issuer, err := text(claims, "iss")
	if err != nil {
		return nil, err
	}
	if issuer != v.issuer {
		return nil, refuse(CodeIssuer)
	}
	audience, err := audienceOf(claims)
	if err != nil {
		return nil, err
	}
	if audience != v.audience {
		return nil, refuse(CodeAudience)
	}
	// Each that is there has the right type, also one that is not needed.
	times := map[string]int64{}
	for _, name := range []string{"exp", "iat", "nbf", "auth_time"} {
		if err := seconds(claims, name, times); err != nil {
			return nil, err
		}
	}
	expiresAt, hasExpiry := times["exp"]
	issuedAt, isDated := times["iat"]
	if !hasExpiry || !isDated {
		return nil, &Error{Code: CodeClaims, Detail: "exp or iat is missing"}
	}
	now := v.now().Unix()
	if now >= expiresAt+leeway {
		return nil, refuse(CodeExpired)
	}
	if notBefore, isThere := times["nbf"]; issuedAt > now+leeway || (isThere && notBefore > now+leeway) {
		return nil, refuse(CodeNotYetValid)
	}
	result := &Claims{Audience: audience, IssuedAt: issuedAt, ExpiresAt: expiresAt, All: claims}
	if result.Subject, err = text(claims, "sub"); err != nil {
		return nil, err
	}
	if _, isThere := claims["jti"]; hasID || isThere {
		if result.ID, err = text(claims, "jti"); err != nil {
			return nil, err
		}
	}
	scope, _ := claims["scope"].(string)
	for _, name := range strings.Split(scope, " ") {
		if name != "" {
			result.Scopes = append(result.Scopes, name)
		}
	}
	return result, nil
}

type header struct {
	alg      string
	kid, typ *string
}

// parseHeader reads a header of these three members and no other: no token brings a key or an extension along.
func parseHeader(data []byte) (*header, error) {
	members, err := parseObject(data)
	if err != nil {
		return nil, &Error{Code: CodeHeader, Detail: err.Error()}
	}
	parsed := &header{}
	hasAlgorithm := false
	for name, value := range members {
		text, isText := value.(string)
		switch {
		case name == "alg" && isText:
			parsed.alg, hasAlgorithm = text, true
		case name == "kid" && isText:
			parsed.kid = &text
		case name == "typ" && isText:
			parsed.typ = &text
		case (name == "kid" || name == "typ") && value == nil:
		default:
			return nil, &Error{Code: CodeHeader, Detail: name}
		}
	}
	if !hasAlgorithm {
		return nil, refuse(CodeHeader)
	}
	return parsed, nil
}

// isType compares media types: case does not count, and application/ may be left out (RFC 7515 §4.1.9).
func isType(found, expected string) bool {
	return strings.TrimPrefix(strings.ToLower(found), "application/") == expected
}

func text(claims map[string]any, name string) (string, error) {
	value, _ := claims[name].(string)
	if value == "" {
		return "", &Error{Code: CodeClaims, Detail: name}
	}
	return value, nil
}

// audienceOf returns the one audience. A token for several is refused: each of them could use it at the others.
func audienceOf(claims map[string]any) (string, error) {
	items, isList := claims["aud"].([]any)
	if !isList {
		items = []any{claims["aud"]}
	}
	for _, item := range items {
		if _, isText := item.(string); !isText {
			return "", &Error{Code: CodeClaims, Detail: "aud"}
		}
	}
	switch len(items) {
	case 0:
		return "", &Error{Code: CodeClaims, Detail: "aud"}
	case 1:
		return items[0].(string), nil
	default:
		return "", refuse(CodeAudience)
	}
}

// seconds reads a NumericDate (RFC 7519 §2) in whole seconds, if there is one.
func seconds(claims map[string]any, name string, into map[string]int64) error {
	value, isThere := claims[name]
	if !isThere {
		return nil
	}
	number, _ := value.(json.Number)
	// Of a whole number too: what a float cannot have is too large anyway.
	found, err := strconv.ParseFloat(number.String(), 64)
	if err != nil || math.Abs(found) > maxSeconds {
		return &Error{Code: CodeClaims, Detail: name}
	}
	into[name] = int64(found)
	return nil
}
