package latchkey

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	photosOrigin = "https://photos.example.com"
	invalidProof = `DPoP error="invalid_dpop_proof", algs="EdDSA ES256 RS256"`
)

// boundCase returns a token that is bound to a key and the proof for GET /album.
func boundCase(t *testing.T) proofCase {
	t.Helper()
	for _, found := range vectors.Proofs {
		if found.Name == "proof with EdDSA" {
			return found
		}
	}
	t.Fatal("no proof with EdDSA")
	return proofCase{}
}

// sendBound sends a request through a middleware; it returns the status and the challenges.
func sendBound(middleware func(http.Handler) http.Handler, method, path, authorization string, proofs ...string) (int, []string) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusOK) })
	request := httptest.NewRequest(method, path, nil)
	request.Header.Set("Authorization", authorization)
	for _, proof := range proofs {
		request.Header.Add("DPoP", proof)
	}
	response := httptest.NewRecorder()
	middleware(handler).ServeHTTP(response, request)
	return response.Code, response.Header().Values("WWW-Authenticate")
}

func TestABoundTokenIsAcceptedWithAProofForThisRequestAlone(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	bound := boundCase(t)
	dpop, proof := "DPoP "+bound.Token, bound.Proof
	both := []string{invalid, dpopChallenge}
	for _, test := range []struct {
		method, path, authorization string
		proofs                      []string
		status                      int
		challenges                  []string
	}{
		{"GET", "/album", dpop, []string{proof}, 200, nil},
		{"GET", "/album?page=2", dpop, []string{proof}, 200, nil},
		{"GET", "/album", strings.Replace(dpop, "DPoP", "dpop", 1), []string{proof}, 200, nil},
		{"POST", "/album", dpop, []string{proof}, 401, []string{invalidProof}},
		{"GET", "/", dpop, []string{proof}, 401, []string{invalidProof}},
		{"GET", "/%61lbum%2F", dpop, []string{proof}, 401, []string{invalidProof}},
		{"GET", "/album", dpop, []string{proof + "x"}, 401, []string{invalidProof}},
		{"GET", "/album", dpop, nil, 401, both},
		{"GET", "/album", dpop, []string{proof, proof}, 401, both},
		// RFC 9449 §7.2: it must not be downgraded.
		{"GET", "/album", "Bearer " + bound.Token, []string{proof}, 401, both},
		{"GET", "/album", "DPoP " + token(t, good), []string{proof}, 401, both},
		{"GET", "/album", "Bearer " + token(t, good), nil, 200, nil},
		{"GET", "/album", "Basic YTpi", []string{proof}, 401, []string{"Bearer", dpopChallenge}},
	} {
		middleware := verifier.Middleware(Options{Origin: photosOrigin + "/"})
		status, challenges := sendBound(middleware, test.method, test.path, test.authorization, test.proofs...)
		if status != test.status || !reflect.DeepEqual(challenges, test.challenges) {
			t.Errorf("%s %s %.8s: %d %q", test.method, test.path, test.authorization, status, challenges)
		}
	}
}

func TestTheMiddlewareTakesAProofOnce(t *testing.T) {
	verifier := startIssuer(t).verifier(t)
	bound := boundCase(t)
	middleware := verifier.Middleware(Options{Origin: photosOrigin})
	marked := 0
	own := verifier.Middleware(Options{Origin: photosOrigin, MarkUsed: func(Proof) bool { marked++; return true }})
	for round, want := range []int{200, 401} {
		if status, _ := sendBound(middleware, "GET", "/album", "DPoP "+bound.Token, bound.Proof); status != want {
			t.Error(round, status)
		}
		if status, _ := sendBound(own, "GET", "/album", "DPoP "+bound.Token, bound.Proof); status != 200 {
			t.Error(round, status)
		}
	}
	if marked != 2 {
		t.Error(marked)
	}
}

func TestWithoutAnOriginNoProofIsRead(t *testing.T) {
	middleware := startIssuer(t).verifier(t).Middleware(Options{})
	bound := boundCase(t)
	for scheme, want := range map[string]string{"DPoP ": "Bearer", "Bearer ": invalid} {
		status, challenges := sendBound(middleware, "GET", "/album", scheme+bound.Token, bound.Proof)
		if status != 401 || len(challenges) != 1 || challenges[0] != want {
			t.Error(scheme, status, challenges)
		}
	}
}

func TestNoMoreProofsAreAcceptedThanCanBeRemembered(t *testing.T) {
	used := NewUsedProofs()
	used.capacity, used.now = 2, func() time.Time { return time.Unix(vectors.Now, 0) }
	for place, test := range []struct {
		id    string
		until int64
		want  bool
	}{
		{"1", vectors.Now - 1, true},
		{"1", vectors.Now - 1, false},
		{"2", vectors.Now, true},
		// The first is no longer usable, so there is room for another.
		{"3", vectors.Now, true},
		{"4", vectors.Now, false},
		{"2", vectors.Now, false},
	} {
		if used.Mark(Proof{Thumbprint: "x", ID: test.id, UsableUntil: test.until}) != test.want {
			t.Error(place)
		}
	}
}
