package latchkey

// A Latchkey that was started for these tests, as environment variables describe it, and tokens that it did not issue.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

const albumsScope = "albums:read"

// latchkeyServer is the server; its client gets tokens for the service photos, and none for mail.
type latchkeyServer struct {
	*testing.T
	// url is the issuer, which is the address of the public listener.
	url, internalURL       string
	clientID, clientSecret string
	serviceToken           string
	otherServiceToken      string
	expiredToken           string
	// cookie is that of a user's device; the user has access to the service photos.
	cookie string
}

// connect returns the server, or skips the test if there is none.
func connect(t *testing.T) *latchkeyServer {
	if os.Getenv("LATCHKEY_URL") == "" {
		t.Skip("needs a server: cargo xtask test sdk")
	}
	return &latchkeyServer{
		T: t, url: os.Getenv("LATCHKEY_URL"), internalURL: os.Getenv("LATCHKEY_INTERNAL_URL"),
		clientID: os.Getenv("LATCHKEY_CLIENT_ID"), clientSecret: os.Getenv("LATCHKEY_CLIENT_SECRET"),
		serviceToken: os.Getenv("LATCHKEY_SERVICE_TOKEN"), otherServiceToken: os.Getenv("LATCHKEY_OTHER_SERVICE_TOKEN"),
		expiredToken: os.Getenv("LATCHKEY_EXPIRED_TOKEN"), cookie: os.Getenv("LATCHKEY_COOKIE"),
	}
}

// expect ends the test if there is an error.
func (s *latchkeyServer) expect(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// verifier returns a verifier of this issuer's tokens.
func (s *latchkeyServer) verifier(audience string) *Verifier {
	verifier, err := NewVerifier(s.url, audience)
	s.expect(err)
	return verifier
}

func (s *latchkeyServer) service(name, token string) *Service {
	service, err := NewService(s.internalURL, name, token)
	s.expect(err)
	return service
}

// post sends a form as the client and returns the body of the response.
func (s *latchkeyServer) post(path string, form url.Values) []byte {
	form.Set("client_id", s.clientID)
	form.Set("client_secret", s.clientSecret)
	answer, err := send(context.Background(), s.url+path, http.Header{}, form)
	s.expect(err)
	if answer.status != http.StatusOK {
		s.Fatal(path, answer.status, string(answer.body))
	}
	return answer.body
}

// issue returns a new access token.
func (s *latchkeyServer) issue() string {
	var issued struct {
		AccessToken string `json:"access_token"`
	}
	s.expect(json.Unmarshal(s.post("/oauth/token", url.Values{"grant_type": {"client_credentials"}}), &issued))
	return issued.AccessToken
}

func (s *latchkeyServer) revoke(token string) {
	s.post("/oauth/revoke", url.Values{"token": {token}})
}

// rotateKeys makes new keys for access tokens; the server reads them within ten seconds.
func (s *latchkeyServer) rotateKeys() {
	s.expect(exec.Command(os.Getenv("LATCHKEY_BIN"), "key", "rotate", "access_token", "--at-once").Run())
}

// stop ends the server.
func (s *latchkeyServer) stop() {
	pid, err := strconv.Atoi(os.Getenv("LATCHKEY_PID"))
	s.expect(err)
	process, err := os.FindProcess(pid)
	s.expect(err)
	s.expect(process.Kill())
}

// keyID returns the id of the key that signed the token.
func (s *latchkeyServer) keyID(token string) string {
	id, _ := s.decode(strings.Split(token, ".")[0])["kid"].(string)
	return id
}

// tampered returns the token with another scope and the same signature.
func (s *latchkeyServer) tampered(token string) string {
	return s.changed(token, "EdDSA", "everything", func([]byte) []byte { return s.bytes(strings.Split(token, ".")[2]) })
}

// unsigned returns the token with the algorithm none (RFC 8725 §2.1).
func (s *latchkeyServer) unsigned(token string) string {
	return s.changed(token, "none", albumsScope, func([]byte) []byte { return nil })
}

// signedWithThePublicKey returns the token, signed with HS256 and the issuer's public key as the secret (RFC 8725 §2.1).
func (s *latchkeyServer) signedWithThePublicKey(token string) string {
	answer, err := send(context.Background(), s.url+"/.well-known/jwks.json", http.Header{}, nil)
	s.expect(err)
	var set struct{ Keys []struct{ Kid, X string } }
	s.expect(json.Unmarshal(answer.body, &set))
	for _, key := range set.Keys {
		if key.Kid == s.keyID(token) {
			mac := hmac.New(sha256.New, s.bytes(key.X))
			return s.changed(token, "HS256", albumsScope, func(text []byte) []byte {
				mac.Write(text)
				return mac.Sum(nil)
			})
		}
	}
	s.Fatal("the key of the token is not published")
	return ""
}

func (s *latchkeyServer) changed(token, algorithm, scope string, sign func([]byte) []byte) string {
	parts := strings.Split(token, ".")
	header, claims := s.decode(parts[0]), s.decode(parts[1])
	header["alg"], claims["scope"] = algorithm, scope
	text := s.encode(header) + "." + s.encode(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(text)))
}

func (s *latchkeyServer) decode(part string) map[string]any {
	object, err := parseObject(s.bytes(part))
	s.expect(err)
	return object
}

func (s *latchkeyServer) encode(object map[string]any) string {
	text, err := json.Marshal(object)
	s.expect(err)
	return base64.RawURLEncoding.EncodeToString(text)
}

func (s *latchkeyServer) bytes(text string) []byte {
	data, err := base64.RawURLEncoding.DecodeString(text)
	s.expect(err)
	return data
}
