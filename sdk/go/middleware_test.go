package latchkey

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	invalid    = `Bearer error="invalid_token"`
	needsAdmin = `Bearer error="insufficient_scope", scope="photos:admin"`
	subject    = "5f9f28b81e27a96bde3e393b1effb7c8"
)

// get sends a request with these values of a header through the middleware.
func get(verifier *Verifier, options Options, path, name string, values ...string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, FromContext(r.Context()).Subject)
	})
	mux.Handle("/", handler)
	mux.Handle("/admin", RequireScope("photos:admin", handler))
	mux.Handle("/read", RequireScope("photos:read", handler))
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for _, value := range values {
		request.Header.Add(name, value)
	}
	response := httptest.NewRecorder()
	verifier.Middleware(options)(mux).ServeHTTP(response, request)
	return response
}

func expect(t *testing.T, what string, response *httptest.ResponseRecorder, status int, challenge string) {
	t.Helper()
	found := response.Header().Get("WWW-Authenticate")
	isServed := response.Body.String() == subject
	if response.Code != status || found != challenge || isServed != (status == http.StatusOK) {
		t.Errorf("%s: %d %q %q", what, response.Code, found, response.Body)
	}
}

func TestTheAuthorizationHeaderDecides(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	bearer := "Bearer " + token(t, good)
	for _, test := range []struct {
		values    []string
		status    int
		challenge string
	}{
		{[]string{bearer}, 200, ""},
		{[]string{strings.Replace(bearer, "Bearer", "bEARER", 1)}, 200, ""},
		{nil, 401, "Bearer"},
		{[]string{""}, 401, "Bearer"},
		{[]string{"Bearer"}, 401, "Bearer"},
		{[]string{"Bearer "}, 401, "Bearer"},
		{[]string{strings.Replace(bearer, " ", "  ", 1)}, 401, "Bearer"},
		{[]string{strings.Replace(bearer, "Bearer", "DPoP", 1)}, 401, "Bearer"},
		{[]string{"Basic YTpi"}, 401, "Bearer"},
		{[]string{bearer + ", " + bearer}, 401, "Bearer"},
		{[]string{bearer, bearer}, 401, "Bearer"},
		{[]string{bearer + "\n"}, 401, "Bearer"},
		{[]string{"Bearer abc"}, 401, invalid},
		{[]string{"Bearer " + token(t, "identity token with ES256")}, 401, invalid},
		{[]string{"Bearer " + token(t, "exp 5 s ago")}, 401, invalid},
		{[]string{"Bearer " + token(t, "EdDSA with a changed signature")}, 401, invalid},
	} {
		response := get(verifier, Options{}, "/", "Authorization", test.values...)
		expect(t, strings.Join(test.values, " | "), response, test.status, test.challenge)
	}
}

func TestAScopeIsRequiredByTheMiddlewareOrOnARoute(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	bearer := "Bearer " + token(t, good)
	var codes []string
	admin := Options{Scope: "photos:admin", OnRefused: func(_ *http.Request, err *Error) { codes = append(codes, err.Code) }}
	expect(t, "read", get(verifier, Options{Scope: "photos:read"}, "/", "Authorization", bearer), 200, "")
	expect(t, "admin", get(verifier, admin, "/", "Authorization", bearer), 403, needsAdmin)
	expect(t, "route read", get(verifier, Options{}, "/read", "Authorization", bearer), 200, "")
	expect(t, "route admin", get(verifier, Options{}, "/admin", "Authorization", bearer), 403, needsAdmin)
	if len(codes) != 1 || codes[0] != CodeInsufficientScope {
		t.Error(codes)
	}
	response := httptest.NewRecorder()
	RequireScope("photos:read", nil).ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/", nil))
	expect(t, "not behind the middleware", response, 401, "Bearer")
}

func TestTheIdentityTokenOfAProxy(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	options, identity := Options{IdentityHeader: IdentityHeader}, token(t, "identity token with ES256")
	expect(t, "identity", get(verifier, options, "/", IdentityHeader, identity), 200, "")
	expect(t, "twice", get(verifier, options, "/", IdentityHeader, identity, identity), 401, "Bearer")
	expect(t, "other header", get(verifier, options, "/", "Authorization", "Bearer "+identity), 401, "Bearer")
	expect(t, "access token", get(verifier, options, "/", IdentityHeader, token(t, good)), 401, invalid)
}

func TestWithoutKeysTheServiceIsUnavailable(t *testing.T) {
	server := startIssuer(t)
	server.answer(http.StatusInternalServerError, "")
	response := get(server.verifier(t), Options{}, "/", "Authorization", "Bearer "+token(t, good))
	expect(t, "no keys", response, 503, "")
}
