package latchkey

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// User is who makes a request, and what the grant allows this service to know.
type User struct {
	// Subject is specific to this service.
	Subject  string
	Scopes   []string
	Username string
	Email    string
	Role     string
	// Assurance is "registered" or "passkey".
	Assurance string
	// AuthTime is when the user last authenticated, in seconds since the Unix epoch.
	AuthTime int64
	// AuthMethods are as amr (RFC 8176).
	AuthMethods []string
}

// AcceptedToken is an access token that the server accepts now. Times are in seconds since the Unix epoch.
type AcceptedToken struct {
	Subject string
	// ClientID is the client that got the token.
	ClientID  string
	Scopes    []string
	ID        string
	IssuedAt  int64
	ExpiresAt int64
	// User is the user for whom the token speaks; nil if it speaks for its client.
	User *User
}

// Service is a service that Latchkey knows, with its service token.
type Service struct {
	url          string
	serviceToken string
}

// NewService returns a service; the URL is that of the server's internal listener.
func NewService(internalURL, name, serviceToken string) (*Service, error) {
	address, err := checkURL(internalURL)
	if err != nil {
		return nil, err
	}
	return &Service{address + "/verify/" + url.PathEscape(name), serviceToken}, nil
}

// userBody is what the server says about a user.
type userBody struct {
	Subject  *string  `json:"subject"`
	Scopes   []string `json:"scopes"`
	Username string   `json:"username"`
	Email    string   `json:"email"`
	Role     string   `json:"role"`
	Device   struct {
		Assurance *string `json:"assurance"`
	} `json:"device"`
	Auth struct {
		Time    *int64   `json:"time"`
		Methods []string `json:"methods"`
	} `json:"auth"`
}

// user is nil if something is missing.
func (b *userBody) user() *User {
	isComplete := b.Subject != nil && b.Scopes != nil && b.Device.Assurance != nil && b.Auth.Time != nil &&
		b.Auth.Methods != nil
	if !isComplete {
		return nil
	}
	return &User{
		Subject:     *b.Subject,
		Scopes:      b.Scopes,
		Username:    b.Username,
		Email:       b.Email,
		Role:        b.Role,
		Assurance:   *b.Device.Assurance,
		AuthTime:    *b.Auth.Time,
		AuthMethods: b.Auth.Methods,
	}
}

// VerifyUser asks about the user of a browser: cookie is its header Cookie, as it came. Errors are of type [*Denied].
func (s *Service) VerifyUser(ctx context.Context, cookie string) (*User, error) {
	var said userBody
	if err := s.ask(ctx, map[string]string{"Cookie": cookie}, &said); err != nil {
		return nil, err
	}
	user := said.user()
	if user == nil {
		return nil, &Denied{Code: CodeUnavailable}
	}
	return user, nil
}

// VerifyToken asks about the access token of a program. Errors are of type [*Denied].
func (s *Service) VerifyToken(ctx context.Context, accessToken string) (*AcceptedToken, error) {
	return s.verifyToken(ctx, map[string]string{"X-Original-Authorization": "Bearer " + accessToken})
}

// VerifyBoundToken asks about an access token that is bound to a key, with a proof of that key (RFC 9449 §7): proof is the value of
// the request's only header DPoP. url is the request's as its program knows it, with scheme and host from the configuration: if they
// came from the request, its sender could use a proof that was made for another server. Errors are of type [*Denied].
func (s *Service) VerifyBoundToken(ctx context.Context, accessToken, proof, method, url string) (*AcceptedToken, error) {
	return s.verifyToken(ctx, map[string]string{
		"X-Original-Authorization": "DPoP " + accessToken,
		"DPoP":                     proof,
		"X-Original-Method":        method,
		"X-Original-URL":           url,
	})
}

func (s *Service) verifyToken(ctx context.Context, caller map[string]string) (*AcceptedToken, error) {
	var said struct {
		userBody
		ClientID *string `json:"client_id"`
		Token    struct {
			ID        *string `json:"id"`
			IssuedAt  *int64  `json:"issued_at"`
			ExpiresAt *int64  `json:"expires_at"`
		} `json:"token"`
	}
	if err := s.ask(ctx, caller, &said); err != nil {
		return nil, err
	}
	isComplete := said.Subject != nil && said.ClientID != nil && said.Scopes != nil && said.Token.ID != nil &&
		said.Token.IssuedAt != nil && said.Token.ExpiresAt != nil
	if !isComplete {
		return nil, &Denied{Code: CodeUnavailable}
	}
	return &AcceptedToken{
		Subject:   *said.Subject,
		ClientID:  *said.ClientID,
		Scopes:    said.Scopes,
		ID:        *said.Token.ID,
		IssuedAt:  *said.Token.IssuedAt,
		ExpiresAt: *said.Token.ExpiresAt,
		User:      said.user(),
	}, nil
}

// ask sends GET /verify/<service> with the headers of the caller, and reads the response.
func (s *Service) ask(ctx context.Context, caller map[string]string, said any) error {
	headers := http.Header{}
	headers.Set("Authorization", "Bearer "+s.serviceToken)
	for name, value := range caller {
		headers.Set(name, value)
	}
	answer, err := send(ctx, s.url, headers, nil)
	if err != nil {
		return &Denied{Code: CodeUnavailable}
	}
	if answer.status != http.StatusOK {
		return denial(answer)
	}
	if json.Unmarshal(answer.body, said) != nil {
		return &Denied{Code: CodeUnavailable}
	}
	return nil
}

func denial(answer *answer) *Denied {
	switch answer.status {
	case http.StatusUnauthorized:
		var said struct {
			Error string `json:"error"`
			URL   string `json:"url"`
		}
		if json.Unmarshal(answer.body, &said) == nil && said.Error == CodeStepUpRequired {
			return &Denied{Code: CodeStepUpRequired, URL: said.URL}
		}
		if said.Error == CodeUseDPoPNonce {
			return &Denied{Code: CodeUseDPoPNonce, Nonce: answer.headers.Get("DPoP-Nonce")}
		}
		return &Denied{Code: CodeNoAccess}
	case http.StatusNotFound:
		if len(answer.body) == 0 {
			return &Denied{Code: CodeUnauthenticated}
		}
		return &Denied{Code: CodeServiceNotFound}
	default:
		after, err := strconv.Atoi(answer.headers.Get("Retry-After"))
		if err != nil || after < 0 {
			after = 0
		}
		if answer.status == http.StatusTooManyRequests {
			return &Denied{Code: CodeRateLimited, RetryAfter: after}
		}
		return &Denied{Code: CodeUnavailable, RetryAfter: after}
	}
}
