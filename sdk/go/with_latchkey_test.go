package latchkey

// The SDK with a real server: the whole life of a token, from its issue to the server's end.

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"
)

// codeOf returns the code of an error of this package, or "ok".
func codeOf(err error) string {
	var refused *Error
	var denied *Denied
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case errors.As(err, &denied):
		return denied.Code
	case err != nil:
		return err.Error()
	default:
		return "ok"
	}
}

func TestTheLifeOfAToken(t *testing.T) {
	server := connect(t)
	ctx := context.Background()
	verifier, service := server.verifier("photos"), server.service("photos", server.serviceToken)
	otherService := server.service("mail", server.otherServiceToken)
	token := server.issue()

	// expect compares the code of an error.
	expect := func(code string, err error) {
		t.Helper()
		if found := codeOf(err); found != code {
			t.Errorf("%s instead of %s", found, code)
		}
	}
	offline := func(code string, verifier *Verifier, token string) {
		t.Helper()
		_, err := verifier.AccessToken(ctx, token)
		expect(code, err)
	}
	introspect := func(code string, verifier *Verifier, secret, token string) {
		t.Helper()
		_, err := verifier.Introspect(ctx, server.clientID, secret, token)
		expect(code, err)
	}
	ask := func(code string, service *Service, token string) {
		t.Helper()
		_, err := service.VerifyToken(ctx, token)
		expect(code, err)
	}

	// It is accepted.
	claims, err := verifier.AccessToken(ctx, token)
	server.expect(err)
	accepted, err := service.VerifyToken(ctx, token)
	server.expect(err)
	said, err := verifier.Introspect(ctx, server.clientID, server.clientSecret, token)
	server.expect(err)
	if claims.Subject != server.clientID || accepted.ClientID != server.clientID {
		t.Error(claims, accepted)
	}
	scopes := []string{albumsScope}
	if !reflect.DeepEqual(claims.Scopes, scopes) || !reflect.DeepEqual(accepted.Scopes, scopes) {
		t.Error(claims.Scopes, accepted.Scopes)
	}
	if claims.ID != said["jti"] || accepted.ID != said["jti"] || claims.ExpiresAt-claims.IssuedAt != 120 {
		t.Error(claims, accepted, said)
	}

	// Others are refused.
	for _, test := range []struct{ token, code string }{
		{server.expiredToken, CodeExpired},
		{server.tampered(token), CodeSignature},
		{server.unsigned(token), CodeAlgorithm},
		{server.signedWithThePublicKey(token), CodeAlgorithm},
	} {
		offline(test.code, verifier, test.token)
		introspect(CodeInactive, verifier, server.clientSecret, test.token)
		ask(CodeUnauthenticated, service, test.token)
	}
	mail := server.verifier("mail")
	offline(CodeAudience, mail, token)
	introspect(CodeAudience, mail, server.clientSecret, token)
	ask(CodeUnauthenticated, otherService, token)
	elsewhere, err := NewVerifier("https://login.example.com", "photos", WithJWKSURL(server.url+"/.well-known/jwks.json"))
	server.expect(err)
	offline(CodeIssuer, elsewhere, token)
	introspect(CodeUnavailable, verifier, "wrong", token)

	// A user is verified.
	user, err := service.VerifyUser(ctx, server.cookie)
	server.expect(err)
	if user.Email != "grace@example.com" || user.Assurance != "registered" {
		t.Error(user)
	}
	_, err = service.VerifyUser(ctx, server.cookie+"x")
	expect(CodeUnauthenticated, err)
	_, err = otherService.VerifyUser(ctx, server.cookie)
	expect(CodeNoAccess, err)
	_, err = server.service("mail", server.serviceToken).VerifyUser(ctx, server.cookie)
	expect(CodeServiceNotFound, err)

	// Revocation is noticed by the server only.
	revoked := server.issue()
	ask("ok", service, revoked)
	server.revoke(revoked)
	ask(CodeUnauthenticated, service, revoked)
	introspect(CodeInactive, verifier, server.clientSecret, revoked)
	offline("ok", verifier, revoked)

	// New keys are followed; the server reads its keys every ten seconds.
	old := token
	server.rotateKeys()
	deadline := time.Now().Add(30 * time.Second)
	for server.keyID(token) == server.keyID(old) && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
		token = server.issue()
	}
	offline("ok", verifier, token)
	offline(CodeKeyID, verifier, old)

	// An outage is survived.
	server.stop()
	offline("ok", verifier, token)
	offline(CodeKeysUnavailable, server.verifier("photos"), token)
	introspect(CodeUnavailable, verifier, server.clientSecret, token)
	ask(CodeUnavailable, service, token)
}
