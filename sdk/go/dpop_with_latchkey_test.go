package latchkey

// The middleware with a real server: tokens that are bound to a key (RFC 9449). The life of a token, which ends the server, comes later.

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// keyHolder is a program with a key of its own.
type keyHolder struct {
	*latchkeyServer
	key ed25519.PrivateKey
}

func (s *latchkeyServer) keyHolder() *keyHolder {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	s.expect(err)
	return &keyHolder{s, key}
}

// proof returns a proof for a request, with more claims.
func (k *keyHolder) proof(method, target string, more map[string]any) string {
	id := make([]byte, 16)
	_, err := rand.Read(id)
	k.expect(err)
	public, _ := k.key.Public().(ed25519.PublicKey)
	jwk := map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public)}
	claims := map[string]any{"htm": method, "htu": target, "iat": time.Now().Unix(), "jti": base64.RawURLEncoding.EncodeToString(id)}
	for name, value := range more {
		claims[name] = value
	}
	text := k.encode(map[string]any{"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk}) + "." + k.encode(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(k.key, []byte(text)))
}

// proofWith returns a proof for a request with a token.
func (k *keyHolder) proofWith(token, method, target string) string {
	hash := sha256.Sum256([]byte(token))
	return k.proof(method, target, map[string]any{"ath": base64.RawURLEncoding.EncodeToString(hash[:])})
}

// issueBound returns a new access token that is bound to the key, with the nonce that the server asks for.
func (k *keyHolder) issueBound() string {
	target := k.url + "/oauth/token"
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {k.clientID}, "client_secret": {k.clientSecret}}
	nonce := ""
	for {
		more := map[string]any{}
		if nonce != "" {
			more["nonce"] = nonce
		}
		request, err := http.NewRequest(http.MethodPost, target, strings.NewReader(form.Encode()))
		k.expect(err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("DPoP", k.proof(http.MethodPost, target, more))
		response, err := http.DefaultClient.Do(request)
		k.expect(err)
		var issued struct {
			AccessToken string `json:"access_token"`
		}
		k.expect(json.NewDecoder(response.Body).Decode(&issued))
		k.expect(response.Body.Close())
		if nonce != "" || response.StatusCode == http.StatusOK {
			return issued.AccessToken
		}
		nonce = response.Header.Get("DPoP-Nonce")
	}
}

func TestTheMiddlewareWithLatchkey(t *testing.T) {
	server := connect(t)
	holder, thief := server.keyHolder(), server.keyHolder()
	token := holder.issueBound()
	middleware := server.verifier("photos").Middleware(Options{Origin: photosOrigin})
	const album = photosOrigin + "/album"
	send := func(want int, scheme, proof string) {
		t.Helper()
		if status, challenges := sendBound(middleware, "GET", "/album?page=2", scheme+" "+token, proof); status != want {
			t.Error(status, challenges)
		}
	}
	proof := holder.proofWith(token, "GET", album)
	send(200, "DPoP", proof)
	send(401, "DPoP", proof)
	send(401, "DPoP", thief.proofWith(token, "GET", album))
	send(401, "Bearer", holder.proofWith(token, "GET", album))
	service := server.service("photos", server.serviceToken)
	_, err := service.VerifyToken(context.Background(), token)
	if codeOf(err) != CodeUnauthenticated {
		t.Error(err)
	}
	proof = holder.proofWith(token, "GET", album)
	for place, want := range []string{"ok", CodeUnauthenticated} {
		_, err := service.VerifyBoundToken(context.Background(), token, proof, "GET", album)
		if found := codeOf(err); found != want {
			t.Error(place, found)
		}
	}
}
