package latchkey

// Questions to the server: /verify/<service> and introspection (RFC 7662), here against a local server that responds as
// documented.

import (
	"context"
	"encoding/base64"
	"errors"
	"reflect"
	"strings"
	"testing"
)

const granted = `{"subject":"5f9f28b81e27a96bde3e393b1effb7c8","scopes":["read:username","read:email"],"username":"Grace",
"email":"grace@example.com","device":{"assurance":"passkey"},"auth":{"time":1795262400,"methods":["hwk","user"]}}`

func photos(t *testing.T, server *issuer) *Service {
	t.Helper()
	service, err := NewService(server.URL+"/", "photos", "service-token")
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func TestVerifyAUserWithAccess(t *testing.T) {
	server := startIssuer(t)
	server.answer(200, granted)
	user, err := photos(t, server).VerifyUser(context.Background(), "a=b; c=d")
	expected := &User{
		Subject: subject, Scopes: []string{"read:username", "read:email"}, Username: "Grace", Email: "grace@example.com",
		Assurance: "passkey", AuthTime: 1795262400, AuthMethods: []string{"hwk", "user"},
	}
	if err != nil || !reflect.DeepEqual(user, expected) {
		t.Error(user, err)
	}
	request := server.requests[0]
	if request.path != "/verify/photos" || request.headers.Get("Authorization") != "Bearer service-token" {
		t.Error(request)
	}
	if request.headers.Get("Cookie") != "a=b; c=d" || request.headers.Get("X-Original-Authorization") != "" {
		t.Error(request)
	}
}

func TestVerifyAProgramWithAnAccessToken(t *testing.T) {
	server := startIssuer(t)
	const token = `"client_id":"c1","token":{"id":"t1","issued_at":1795262400,"expires_at":1795262520}}`
	server.answer(200, `{"subject":"s1","scopes":["read"],`+token)
	service, err := NewService(server.URL, "a/b?c", "t")
	if err != nil {
		t.Fatal(err)
	}
	found, err := service.VerifyToken(context.Background(), "a.b.c")
	expected := &AcceptedToken{"s1", "c1", []string{"read"}, "t1", 1795262400, 1795262520, nil}
	if err != nil || !reflect.DeepEqual(found, expected) {
		t.Error(found, err)
	}
	request := server.requests[0]
	if request.path != "/verify/a%2Fb%3Fc" || request.headers.Get("X-Original-Authorization") != "Bearer a.b.c" {
		t.Error(request)
	}
	if _, isSent := request.headers["Cookie"]; isSent {
		t.Error(request)
	}
	found, err = service.VerifyBoundToken(context.Background(), "a.b.c", "p.p.p", "PUT", photosOrigin+"/album")
	if err != nil || !reflect.DeepEqual(found, expected) {
		t.Error(found, err)
	}
	bound := server.requests[len(server.requests)-1].headers
	for name, value := range map[string]string{
		"X-Original-Authorization": "DPoP a.b.c", "Dpop": "p.p.p", "X-Original-Method": "PUT", "X-Original-Url": photosOrigin + "/album",
	} {
		if bound.Get(name) != value {
			t.Error(name, bound)
		}
	}
	// A token that speaks for a user.
	server.answer(200, strings.TrimSuffix(granted, "}")+","+token)
	found, err = service.VerifyToken(context.Background(), "a.b.c")
	if err != nil || found.ClientID != "c1" || found.User == nil || found.User.Username != "Grace" {
		t.Error(found, err)
	}
	// The response to a cookie is none to a token.
	server.answer(200, granted)
	if _, err := service.VerifyToken(context.Background(), "a.b.c"); err == nil || err.Error() != CodeUnavailable {
		t.Error(err)
	}
}

func TestVerifyEveryDenial(t *testing.T) {
	server := startIssuer(t)
	server.headers.Set("Retry-After", "2")
	server.headers.Set("Location", "/")
	server.headers.Set("DPoP-Nonce", "n")
	service := photos(t, server)
	denial := func() Denied {
		var denied *Denied
		if _, err := service.VerifyUser(context.Background(), "a=b"); !errors.As(err, &denied) {
			t.Fatal(err)
		}
		return *denied
	}
	page := "https://login.example.com/login?step_up=1"
	for _, test := range []struct {
		status   int
		body     string
		expected Denied
	}{
		{401, `{"error":"step_up_required","url":"` + page + `"}`, Denied{Code: CodeStepUpRequired, URL: page}},
		{401, "User does not have access to this service", Denied{Code: CodeNoAccess}},
		{404, "", Denied{Code: CodeUnauthenticated}},
		{404, "Service Not Found!", Denied{Code: CodeServiceNotFound}},
		{401, `{"error":"use_dpop_nonce"}`, Denied{Code: CodeUseDPoPNonce, Nonce: "n"}},
		{429, "", Denied{Code: CodeRateLimited, RetryAfter: 2}},
		{503, "", Denied{Code: CodeUnavailable, RetryAfter: 2}},
		{500, "", Denied{Code: CodeUnavailable, RetryAfter: 2}},
		{302, "", Denied{Code: CodeUnavailable, RetryAfter: 2}},
		{200, "", Denied{Code: CodeUnavailable}},
		{200, "[]", Denied{Code: CodeUnavailable}},
		{200, strings.Replace(granted, `"auth"`, `"other"`, 1), Denied{Code: CodeUnavailable}},
		{200, strings.Repeat(" ", 70_000), Denied{Code: CodeUnavailable}},
	} {
		server.answer(test.status, test.body)
		if found := denial(); found != test.expected {
			t.Errorf("%d %.40s: %+v", test.status, test.body, found)
		}
	}
	server.Close()
	if found := denial(); found.Code != CodeUnavailable {
		t.Error(found)
	}
}

func TestIntrospection(t *testing.T) {
	server := startIssuer(t)
	verifier, err := NewVerifier(server.URL, "photos")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		status   int
		body     string
		expected string
	}{
		{200, `{"active":true,"sub":"x"}`, "ok"},
		{200, `{"active":true,"aud":"photos"}`, "ok"},
		{200, `{"active":true,"aud":"mail"}`, CodeAudience},
		{200, `{"active":true,"cnf":{"jkt":"x"}}`, CodeDPoP},
		{200, `{"active":false}`, CodeInactive},
		{200, `{"active":"true"}`, CodeInactive},
		{200, `{"active":1}`, CodeInactive},
		{200, `{}`, CodeInactive},
		{200, `[]`, CodeInactive},
		{200, `{`, CodeUnavailable},
		{401, `{}`, CodeUnavailable},
		{500, `{"active":true}`, CodeUnavailable},
	} {
		server.answer(test.status, test.body)
		found := "ok"
		if _, err := verifier.Introspect(context.Background(), "client:1", "s e&cret", "a.b.c"); err != nil {
			found = err.(*Error).Code
		}
		if found != test.expected {
			t.Errorf("%d %s: %s", test.status, test.body, found)
		}
	}
	request := server.requests[0]
	pair, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(request.headers.Get("Authorization"), "Basic "))
	if request.path != "/oauth/introspect" || request.body != "token=a.b.c" || string(pair) != "client%3A1:s+e%26cret" {
		t.Error(request, string(pair))
	}
	if request.headers.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Error(request)
	}
}
