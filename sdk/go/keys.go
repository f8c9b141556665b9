package latchkey

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"reflect"
	"sync"
	"time"
)

const (
	// refreshAfter is the age at which keys are fetched again.
	refreshAfter = 5 * time.Minute
	// pause lies between two fetches because of an unknown key id, and follows a failed fetch.
	pause = 30 * time.Second
	// firstPause lies between two fetches as long as there are no keys.
	firstPause = time.Second
	// maxAge is how long known keys are used when they cannot be fetched.
	maxAge = 24 * time.Hour
)

var errKey = errors.New("not a public key for EdDSA, ES256 or RS256")

// key is a public key, with the one algorithm that it is for.
type key struct {
	algorithm string
	material  any
}

// verify reports whether the signature of the message is this key's.
func (k key) verify(message, signature []byte) bool {
	digest := sha256.Sum256(message)
	switch material := k.material.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(material, message, signature)
	case *ecdsa.PublicKey:
		if len(signature) != 64 {
			return false
		}
		r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
		return ecdsa.Verify(material, digest[:], r, s)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(material, crypto.SHA256, digest[:], signature) == nil
	default:
		return false
	}
}

// parseKeys reads the usable keys of a JWK set, by id; others are left out (RFC 7517 §5).
func parseKeys(body []byte) (map[string]key, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, err
	}
	if set.Keys == nil {
		return nil, errors.New("not a JWK set")
	}
	keys, ambiguous := map[string]key{}, map[string]bool{}
	for _, text := range set.Keys {
		id, parsed, err := parseKey(text)
		if err != nil {
			continue
		}
		if other, isThere := keys[id]; isThere && !reflect.DeepEqual(other, parsed) {
			// Which of the two is meant cannot be said.
			ambiguous[id] = true
		}
		keys[id] = parsed
	}
	for id := range ambiguous {
		delete(keys, id)
	}
	return keys, nil
}

type jwk struct {
	Kty    string   `json:"kty"`
	Crv    *string  `json:"crv"`
	Alg    *string  `json:"alg"`
	Use    *string  `json:"use"`
	KeyOps []string `json:"key_ops"`
	Kid    *string  `json:"kid"`
	X      string   `json:"x"`
	Y      string   `json:"y"`
	N      string   `json:"n"`
	E      string   `json:"e"`
}

func parseKey(text []byte) (string, key, error) {
	var parsed jwk
	if err := json.Unmarshal(text, &parsed); err != nil {
		return "", key{}, err
	}
	material, algorithm, err := parsed.material()
	if err != nil {
		return "", key{}, err
	}
	isForUs := (parsed.Alg == nil || *parsed.Alg == algorithm) && (parsed.Use == nil || *parsed.Use == "sig")
	if parsed.KeyOps != nil {
		mayVerify := false
		for _, operation := range parsed.KeyOps {
			mayVerify = mayVerify || operation == "verify"
		}
		isForUs = isForUs && mayVerify
	}
	if !isForUs || parsed.Kid == nil {
		return "", key{}, errKey
	}
	return *parsed.Kid, key{algorithm, material}, nil
}

func (j *jwk) material() (any, string, error) {
	kind := j.Kty
	if j.Crv != nil {
		kind += " " + *j.Crv
	}
	switch kind {
	case "OKP Ed25519":
		x, err := decodeBase64url(j.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, "", errKey
		}
		return ed25519.PublicKey(x), "EdDSA", nil
	case "EC P-256":
		x, errX := decodeBase64url(j.X)
		y, errY := decodeBase64url(j.Y)
		if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
			return nil, "", errKey
		}
		point := &ecdsa.PublicKey{
			Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y),
		}
		if !point.Curve.IsOnCurve(point.X, point.Y) {
			return nil, "", errKey
		}
		return point, "ES256", nil
	case "RSA":
		n, errN := decodeBase64url(j.N)
		e, errE := decodeBase64url(j.E)
		// Less is too weak (RFC 7518 §3.3), more takes too long, and a zero in front is a second spelling.
		if errN != nil || errE != nil || len(n) < 256 || len(n) > 512 || n[0] == 0 {
			return nil, "", errKey
		}
		exponent := new(big.Int).SetBytes(e)
		if len(e) == 0 || len(e) > 4 || e[0] == 0 || exponent.Int64() > 1<<31-1 {
			return nil, "", errKey
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}, "RS256", nil
	default:
		return nil, "", errKey
	}
}

// keyCache has keys that are fetched at first use, every five minutes, and at an unknown key id.
type keyCache struct {
	url string
	// now has a monotonic reading, so that setting the clock does not count.
	now func() time.Time

	mutex             sync.Mutex
	keys              map[string]key
	fetchedAt         time.Time
	mayFetchAt        time.Time
	mayFetchUnknownAt time.Time
	// flight is closed when the fetch that is under way ends; nil if there is none.
	flight chan struct{}
}

// find returns the key with this id. The error is CodeKeysUnavailable if there are no keys, CodeKeyID if the issuer has none
// with this id.
func (c *keyCache) find(ctx context.Context, id string) (key, error) {
	c.mutex.Lock()
	now := c.now()
	var flight chan struct{}
	if c.keys == nil || now.Sub(c.fetchedAt) >= refreshAfter {
		flight = c.start(!now.Before(c.mayFetchAt))
	}
	c.mutex.Unlock()
	wait(ctx, flight)
	found, isThere, err := c.lookUp(id)
	if err != nil || isThere {
		return found, err
	}
	// Perhaps the issuer has a new key. Anyone can make up an id, so this happens only now and then.
	c.mutex.Lock()
	now = c.now()
	flight = c.start(!now.Before(c.mayFetchUnknownAt))
	if flight != nil {
		c.mayFetchUnknownAt = now.Add(pause)
	}
	c.mutex.Unlock()
	wait(ctx, flight)
	found, isThere, err = c.lookUp(id)
	if err == nil && !isThere {
		return key{}, refuse(CodeKeyID)
	}
	return found, err
}

func (c *keyCache) lookUp(id string) (key, bool, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.keys == nil || c.now().Sub(c.fetchedAt) >= maxAge {
		return key{}, false, &Error{Code: CodeKeysUnavailable, Detail: c.url}
	}
	found, isThere := c.keys[id]
	return found, isThere, nil
}

// start returns the fetch that is under way, or a new one if there may be one; the mutex is held.
func (c *keyCache) start(mayStart bool) chan struct{} {
	if c.flight == nil && mayStart {
		c.flight = make(chan struct{})
		// Not with the caller's context: others wait too.
		go c.fetch(c.flight)
	}
	return c.flight
}

func (c *keyCache) fetch(flight chan struct{}) {
	var keys map[string]key
	answer, err := send(context.Background(), c.url, http.Header{}, nil)
	if err == nil && answer.status == http.StatusOK {
		keys, _ = parseKeys(answer.body)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := c.now()
	if keys != nil {
		c.keys, c.fetchedAt = keys, now
	}
	c.mayFetchAt = now.Add(pause)
	if c.keys == nil {
		c.mayFetchAt = now.Add(firstPause)
	}
	c.flight = nil
	close(flight)
}

func wait(ctx context.Context, flight chan struct{}) {
	if flight == nil {
		return
	}
	select {
	case <-flight:
	case <-ctx.Done():
	}
}
