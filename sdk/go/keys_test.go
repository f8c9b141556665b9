package latchkey

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func code(t *testing.T, verifier *Verifier, name string) string {
	t.Helper()
	_, err := verifier.AccessToken(context.Background(), token(t, name))
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	return "ok"
}

const (
	good    = "EdDSA is accepted"
	es256   = "ES256 is accepted"
	unknown = "key id of no key"
)

func without(t *testing.T, kind string) string {
	t.Helper()
	var set struct {
		Keys []any `json:"keys"`
	}
	if err := json.Unmarshal(vectors.JWKS, &set); err != nil {
		t.Fatal(err)
	}
	kept := set.Keys[:0]
	for _, item := range set.Keys {
		if members, isObject := item.(map[string]any); isObject && members["kty"] != kind {
			kept = append(kept, item)
		}
	}
	text, err := json.Marshal(map[string]any{"keys": kept})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type step struct {
	elapsed time.Duration
	fetches int
}

// walk verifies a token at each of these times.
func walk(t *testing.T, server *issuer, verifier *Verifier, name, expected string, steps []step) {
	t.Helper()
	for _, step := range steps {
		server.elapsed = step.elapsed * time.Second
		for n := 0; n < 5; n++ {
			if found := code(t, verifier, name); found != expected {
				t.Errorf("at %d s: %s", step.elapsed, found)
			}
		}
		if found := server.fetches(); found != step.fetches {
			t.Errorf("at %d s: %d fetches, not %d", step.elapsed, found, step.fetches)
		}
	}
}

func TestKeysAreFetchedAtFirstUseAndEveryFiveMinutes(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	if server.fetches() != 0 {
		t.Error("fetched too soon")
	}
	walk(t, server, verifier, good, "ok", []step{{0, 1}, {299, 1}, {300, 2}, {599, 2}, {601, 3}})
}

func TestANewKeyIsFoundAtOnceAndARemovedOneIsGoneWithinFiveMinutes(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	server.answer(http.StatusOK, without(t, "OKP"))
	walk(t, server, verifier, es256, "ok", []step{{0, 1}})
	server.answer(http.StatusOK, without(t, "EC"))
	walk(t, server, verifier, good, "ok", []step{{0, 2}})
	walk(t, server, verifier, es256, "key_id", []step{{0, 2}})
	server.answer(http.StatusOK, without(t, "OKP"))
	walk(t, server, verifier, good, "key_id", []step{{301, 4}})
}

func TestForgedKeyIDsCauseOneFetchInThirtySeconds(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	walk(t, server, verifier, good, "ok", []step{{0, 1}})
	walk(t, server, verifier, unknown, "key_id", []step{{0, 2}, {29, 2}, {30, 3}, {59, 3}, {60, 4}})
}

func TestTokensWithoutKeyIDOrWithABrokenFormCauseNoFetch(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	for name, expected := range map[string]string{
		"no key id":                          CodeKeyID,
		"encoding: padding of the signature": CodeMalformed,
		"encoding: 8193 bytes":               CodeTooLong,
	} {
		walk(t, server, verifier, name, expected, []step{{0, 0}})
	}
}

func TestAnOutageIsSurvivedForADay(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	walk(t, server, verifier, good, "ok", []step{{0, 1}})
	server.Close()
	walk(t, server, verifier, good, "ok", []step{{301, 1}, {302, 1}, {3600, 1}, {86_399, 1}})
	walk(t, server, verifier, good, CodeKeysUnavailable, []step{{86_400, 1}})
}

func TestDuringAnOutageOneFetchInThirtySecondsIsTried(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	walk(t, server, verifier, good, "ok", []step{{0, 1}})
	server.answer(http.StatusInternalServerError, "")
	walk(t, server, verifier, good, "ok", []step{{300, 2}, {301, 2}, {329, 2}, {330, 3}})
	server.answer(http.StatusOK, string(vectors.JWKS))
	walk(t, server, verifier, good, "ok", []step{{360, 4}, {361, 4}})
}

func TestWithoutKeysEveryTokenIsRefusedUntilThereAreSome(t *testing.T) {
	server := startIssuer(t)
	server.headers.Set("Location", "/elsewhere")
	verifier := server.verifier(t)
	keys := string(vectors.JWKS)
	tooLarge := keys + strings.Repeat(" ", maxResponse)
	bad := []struct {
		status int
		body   string
	}{{503, keys}, {302, keys}, {200, "{}"}, {200, "[]"}, {200, "\xff"}, {200, tooLarge}}
	for place, answer := range bad {
		server.answer(answer.status, answer.body)
		walk(t, server, verifier, good, CodeKeysUnavailable, []step{{time.Duration(place), place + 1}})
	}
	server.answer(http.StatusOK, keys)
	walk(t, server, verifier, good, "ok", []step{{time.Duration(len(bad)), len(bad) + 1}})
}

func TestConcurrentCallersShareOneFetch(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	server.gate = make(chan struct{})
	var all sync.WaitGroup
	for n := 0; n < 32; n++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := verifier.AccessToken(context.Background(), token(t, good)); err != nil {
				t.Error(err)
			}
		}()
	}
	time.Sleep(100 * time.Millisecond)
	close(server.gate)
	all.Wait()
	if found := server.fetches(); found != 1 {
		t.Errorf("%d fetches", found)
	}
}

func TestAnIssuerThatDoesNotRespondIsGivenUp(t *testing.T) {
	server := startIssuer(t)
	verifier := server.verifier(t)
	server.gate = make(chan struct{})
	defer close(server.gate)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := verifier.AccessToken(ctx, token(t, good)); err == nil || time.Since(start) > time.Second {
		t.Errorf("a caller does not wait longer than it wants: %v", err)
	}
	if found := code(t, verifier, good); found != CodeKeysUnavailable {
		t.Error(found)
	}
	if took := time.Since(start); took < 2500*time.Millisecond || took > 4500*time.Millisecond {
		t.Error(took)
	}
}
