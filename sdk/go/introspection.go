package latchkey

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Introspect asks the server whether a token is active (RFC 7662) and returns what it knows. Errors are of type [*Error]:
// CodeInactive, CodeAudience or CodeDPoP if the token must not be accepted, CodeUnavailable if the server cannot be asked or
// refuses the client.
func (v *Verifier) Introspect(ctx context.Context, clientID, clientSecret, token string) (map[string]any, error) {
	// RFC 6749 §2.3.1: both are encoded as in a form first.
	pair := url.QueryEscape(clientID) + ":" + url.QueryEscape(clientSecret)
	headers := http.Header{}
	headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	answer, err := send(ctx, v.address+"/oauth/introspect", headers, url.Values{"token": {token}})
	if err != nil {
		return nil, &Error{Code: CodeUnavailable, Detail: err.Error()}
	}
	if answer.status != http.StatusOK {
		return nil, &Error{Code: CodeUnavailable, Detail: fmt.Sprint("introspection: status ", answer.status)}
	}
	var value any
	if err := json.Unmarshal(answer.body, &value); err != nil {
		return nil, &Error{Code: CodeUnavailable, Detail: err.Error()}
	}
	said, _ := value.(map[string]any)
	if said["active"] != true {
		return nil, refuse(CodeInactive)
	}
	if _, isThere := said["aud"]; isThere {
		if audience, err := audienceOf(said); err != nil || audience != v.audience {
			return nil, refuse(CodeAudience)
		}
	}
	if _, isBound := said["cnf"]; isBound {
		return nil, refuse(CodeDPoP)
	}
	return said, nil
}
