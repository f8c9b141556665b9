package latchkey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
)

func TestEveryCaseOfTheVectors(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	if len(vectors.Cases) < 250 {
		t.Fatal("cases are missing")
	}
	for _, vector := range vectors.Cases {
		verify := verifier.AccessToken
		if vector.As == "identity" {
			verify = verifier.IdentityToken
		}
		claims, err := verify(context.Background(), vector.Token)
		compare(t, vector.Name, claims, err, vector.Expected)
	}
}

func TestEveryProofOfTheVectors(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	if len(vectors.Proofs) < 90 {
		t.Fatal("cases are missing")
	}
	for _, vector := range vectors.Proofs {
		request := BoundRequest{vector.Proof, vectors.Request.Method, vectors.Request.URL, func(Proof) bool { return true }}
		claims, err := verifier.BoundToken(context.Background(), vector.Token, request)
		compare(t, vector.Name, claims, err, vector.Expected)
	}
}

func TestAProofIsUsedOnce(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	var used []Proof
	markUsed := func(proof Proof) bool {
		used = append(used, proof)
		return len(used) == 1
	}
	for _, vector := range vectors.Proofs {
		if vector.Name != "proof with EdDSA" {
			continue
		}
		request := BoundRequest{vector.Proof, vectors.Request.Method, vectors.Request.URL, markUsed}
		claims, err := verifier.BoundToken(context.Background(), vector.Token, request)
		if err != nil {
			t.Fatal(err)
		}
		thumbprint := claims.All["cnf"].(map[string]any)["jkt"].(string)
		if expected := (Proof{thumbprint, "EdDSA", vectors.Now + 65}); used[0] != expected {
			t.Error(used)
		}
		_, err = verifier.BoundToken(context.Background(), vector.Token, request)
		var refused *Error
		if !errors.As(err, &refused) || refused.Code != CodeDPoP {
			t.Fatal(err)
		}
		if refused.Challenge() != `DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"` {
			t.Error(refused.Challenge())
		}
	}
	if len(used) != 2 {
		t.Error(used)
	}
}

// compare compares claims, or the code of an error, with what a case expects.
func compare(t *testing.T, name string, claims *Claims, err error, expected json.RawMessage) {
	t.Helper()
	var found any
	if err == nil {
		found = map[string]any(claims.All)
	} else {
		var refused *Error
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
			return
		}
		found = refused.Code
	}
	// Numbers as such, however they are written.
	text, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decode(t, text), decode(t, expected)) {
		t.Errorf("%s: found %s, expected %s", name, text, expected)
	}
}

func decode(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestClaimsAreTyped(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	ctx := context.Background()
	claims, err := verifier.AccessToken(ctx, token(t, "EdDSA is accepted"))
	if err != nil {
		t.Fatal(err)
	}
	found := fmt.Sprint(claims.Subject, claims.Audience, claims.ID, claims.Scopes, claims.ExpiresAt-claims.IssuedAt)
	if found != "5f9f28b81e27a96bde3e393b1effb7c8photosj1[photos:read photos:write] 120" {
		t.Error(found)
	}
	identity, err := verifier.IdentityToken(ctx, token(t, "identity token with ES256"))
	if err != nil || identity.ID != "" {
		t.Error(identity, err)
	}
	noList, err := verifier.AccessToken(ctx, token(t, `claims with {"scope":["photos:read"]}`))
	if err != nil || len(noList.Scopes) != 0 {
		t.Error(noList, err)
	}
}

func TestOnlyHTTPAddressesAreAccepted(t *testing.T) {
	for _, address := range []string{"", "login.example.com", "file:///etc/passwd", "https://", "://"} {
		if _, err := NewVerifier(address, "photos"); err == nil {
			t.Errorf("%q is accepted", address)
		}
		if _, err := NewVerifier(vectors.Issuer, "photos", WithJWKSURL(address)); err == nil {
			t.Errorf("%q is accepted for keys", address)
		}
	}
}
