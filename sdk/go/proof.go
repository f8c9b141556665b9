package latchkey

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

const (
	// maxProofAge is for how many seconds a proof may be used after it was made, beside the leeway.
	maxProofAge = 60
	// maxProofID is the longest id of a proof, in bytes.
	maxProofID = 256
)

var (
	// requiredMembers make a key (RFC 7638 §3.2); sorted, as its thumbprint has them.
	requiredMembers = map[string][]string{"EdDSA": {"crv", "kty", "x"}, "ES256": {"crv", "kty", "x", "y"}, "RS256": {"e", "kty", "n"}}
	// membersOfKeys are those, and those of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2).
	membersOfKeys = []string{"crv", "e", "kty", "n", "x", "y", "d", "p", "q", "dp", "dq", "qi", "oth", "k"}
)

// Proof is a proof of possession (RFC 9449) that is right but for having been used before.
type Proof struct {
	// Thumbprint is that of its key (RFC 7638).
	Thumbprint string
	// ID is its jti.
	ID string
	// UsableUntil is in seconds since the Unix epoch: up to and including this second the proof must be remembered.
	UsableUntil int64
}

// BoundRequest is a request that came with a proof.
type BoundRequest struct {
	// Proof is the value of the only header DPoP.
	Proof  string
	Method string
	// URL is the request's as its client knows it, with scheme and host from the configuration: if they came from the request,
	// its sender could use a proof that was made for another server.
	URL string
	// MarkUsed marks a proof as used, by its thumbprint and id together, until it is no longer usable. It returns false if the
	// proof was used before.
	MarkUsed func(Proof) bool
}

// BoundToken verifies an access token that is bound to a key, with a proof of that key (DPoP, RFC 9449 §7). Errors are of type
// [*Error].
func (v *Verifier) BoundToken(ctx context.Context, token string, request BoundRequest) (*Claims, error) {
	claims, err := v.verify(ctx, token, "at+jwt", true)
	if err != nil {
		return nil, err
	}
	// Bound to this key and to nothing else, whose proof this would not be.
	bound, _ := claims.All["cnf"].(map[string]any)
	thumbprint, isBound := bound["jkt"].(string)
	if !isBound || len(bound) != 1 {
		return nil, refuse(CodeDPoP)
	}
	proof, err := request.parse(token, v.now().Unix())
	switch {
	case err != nil:
		return nil, refuseProof(err.Error())
	case proof.Thumbprint != thumbprint:
		return nil, refuseProof("the proof was made with another key")
	case !request.MarkUsed(*proof):
		return nil, refuseProof("the proof was used before")
	}
	return claims, nil
}

func refuseProof(detail string) *Error {
	return &Error{Code: CodeDPoP, Detail: detail, IsProof: true}
}

func (r *BoundRequest) parse(token string, now int64) (*Proof, error) {
	parts := strings.Split(r.Proof, ".")
	if len(r.Proof) > maxToken || len(parts) != 3 {
		return nil, errors.New("the proof is too long, or not three parts")
	}
	var decoded [3][]byte
	for place, part := range parts {
		var err error
		if decoded[place], err = decodeBase64url(part); err != nil {
			return nil, err
		}
	}
	key, thumbprint, err := keyOfHeader(decoded[0])
	if err != nil {
		return nil, err
	}
	if !key.verify([]byte(parts[0]+"."+parts[1]), decoded[2]) {
		return nil, errors.New("the signature of the proof is wrong")
	}
	claims, err := parseObject(decoded[1])
	if err != nil {
		return nil, err
	}
	// Each that is there has the right type, also one that is not needed.
	for _, name := range []string{"jti", "htm", "htu", "ath", "nonce"} {
		if value, isThere := claims[name]; isThere {
			if text, isText := value.(string); !isText || text == "" {
				return nil, errors.New(name)
			}
		}
	}
	times := map[string]int64{}
	for _, name := range []string{"iat", "exp", "nbf"} {
		if err := seconds(claims, name, times); err != nil {
			return nil, err
		}
	}
	return r.check(claims, times, token, thumbprint, now)
}

func (r *BoundRequest) check(claims map[string]any, times map[string]int64, token, thumbprint string, now int64) (*Proof, error) {
	text := func(name string) string {
		value, _ := claims[name].(string)
		return value
	}
	id := text("jti")
	issuedAt, isDated := times["iat"]
	expiresAt, expires := times["exp"]
	usableUntil := issuedAt + maxProofAge + leeway
	url := normalizedURL(r.URL)
	digest := sha256.Sum256([]byte(token))
	switch {
	case id == "" || len(id) > maxProofID || !isDated:
		return nil, errors.New("jti or iat is missing or too long")
	case text("htm") == "" || text("htm") != r.Method:
		return nil, errors.New("the proof is for another method")
	case url == "" || normalizedURL(text("htu")) != url:
		return nil, errors.New("the proof is for another URL")
	case now > usableUntil || (expires && now >= expiresAt+leeway):
		return nil, errors.New("the proof is too old")
	case issuedAt > now+leeway || times["nbf"] > now+leeway:
		return nil, errors.New("the proof is from the future")
	case text("ath") != base64.RawURLEncoding.EncodeToString(digest[:]):
		return nil, errors.New("the proof is for another access token")
	}
	return &Proof{Thumbprint: thumbprint, ID: id, UsableUntil: usableUntil}, nil
}

// keyOfHeader returns the key of a header of typ, alg and jwk alone, and its thumbprint.
func keyOfHeader(data []byte) (*key, string, error) {
	header, err := parseObject(data)
	if err != nil {
		return nil, "", err
	}
	typ, _ := header["typ"].(string)
	members, isObject := header["jwk"].(map[string]any)
	if len(header) != 3 || header["alg"] == nil || !isObject || !isType(typ, "dpop+jwt") {
		return nil, "", errors.New("the header of the proof has something else than typ dpop+jwt, alg and jwk")
	}
	// By their exact names: the library would also read x from X, which the thumbprint does not have.
	exact := map[string]any{"kid": ""}
	for _, name := range []string{"kty", "crv", "x", "y", "n", "e", "alg", "use", "key_ops"} {
		if value, isThere := members[name]; isThere {
			exact[name] = value
		}
	}
	text, err := json.Marshal(exact)
	if err != nil {
		return nil, "", err
	}
	_, key, err := parseKey(text)
	if err != nil {
		return nil, "", err
	}
	if header["alg"] != key.algorithm {
		return nil, "", errors.New("the algorithm is not that of the key")
	}
	required := map[string]any{}
	for _, name := range requiredMembers[key.algorithm] {
		required[name] = members[name]
	}
	for _, name := range membersOfKeys {
		_, isThere := members[name]
		// With the members of another kind of key beside its own, it would be another key for another reader.
		if _, isRequired := required[name]; isThere && !isRequired {
			return nil, "", errors.New("the key of the proof has members that it should not have")
		}
	}
	// The library sorts names, and the values need no escapes.
	canonical, err := json.Marshal(required)
	if err != nil {
		return nil, "", err
	}
	digest := sha256.Sum256(canonical)
	return &key, base64.RawURLEncoding.EncodeToString(digest[:]), nil
}
