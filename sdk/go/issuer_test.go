package latchkey

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"
)

type vectorCase struct {
	Name     string
	As       string
	Token    string
	Expected json.RawMessage
}

type proofCase struct {
	Name     string
	Token    string
	Proof    string
	Expected json.RawMessage
}

type vectorFile struct {
	Issuer   string
	Audience string
	Now      int64
	JWKS     json.RawMessage
	Cases    []vectorCase
	Request  struct{ Method, URL string }
	Proofs   []proofCase
}

var vectors = func() (file vectorFile) {
	text, err := os.ReadFile("../vectors.json")
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		panic(err)
	}
	return file
}()

// token returns the token of the case with this name.
func token(t *testing.T, name string) string {
	t.Helper()
	for _, found := range vectors.Cases {
		if found.Name == name {
			return found.Token
		}
	}
	t.Fatalf("no case %q", name)
	return ""
}

type received struct {
	path    string
	headers http.Header
	body    string
}

// issuer is a local server: it serves keys, counts requests, and can fail, hang and stop.
type issuer struct {
	*httptest.Server
	mutex    sync.Mutex
	status   int
	headers  http.Header
	body     string
	requests []received
	// gate holds responses back until it is closed; nil lets them through.
	gate chan struct{}
	// elapsed is the time since the test began.
	elapsed time.Duration
}

func startIssuer(t *testing.T) *issuer {
	i := &issuer{status: http.StatusOK, headers: http.Header{}, body: string(vectors.JWKS)}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		i.mutex.Lock()
		i.requests = append(i.requests, received{r.RequestURI, r.Header, string(body)})
		status, headers, answer, gate := i.status, i.headers, i.body, i.gate
		i.mutex.Unlock()
		if gate != nil {
			<-gate
		}
		for name := range headers {
			w.Header().Set(name, headers.Get(name))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) answer(status int, body string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.status, i.body = status, body
}

func (i *issuer) fetches() int {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return len(i.requests)
}

// verifier returns a verifier of the vectors' issuer whose keys are here. Its clock stands at the time of the vectors, that of
// its keys at elapsed.
func (i *issuer) verifier(t *testing.T) *Verifier {
	t.Helper()
	verifier, err := NewVerifier(vectors.Issuer, vectors.Audience, WithJWKSURL(i.URL+"/.well-known/jwks.json"))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	verifier.now = func() time.Time { return time.Unix(vectors.Now, 0) }
	verifier.keys.now = func() time.Time { return start.Add(i.elapsed) }
	return verifier
}
