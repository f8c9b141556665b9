package latchkey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// timeout is for a whole request.
	timeout = 3 * time.Second
	// maxResponse is the largest response that is read, in bytes.
	maxResponse = 64 * 1024
)

var client = &http.Client{
	Timeout: timeout,
	// Keys and answers come from the configured address alone.
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

type answer struct {
	status  int
	headers http.Header
	body    []byte
}

// checkURL returns the address without slashes at the end.
func checkURL(address string) (string, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	if (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
		return "", fmt.Errorf("latchkey: not an HTTP address: %s", address)
	}
	return strings.TrimRight(address, "/"), nil
}

// send sends a GET, or a POST if there is a form.
func send(ctx context.Context, address string, headers http.Header, form url.Values) (*answer, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
		headers.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	headers.Set("Accept", "application/json")
	request.Header = headers
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	if err != nil {
		return nil, err
	}
	if len(read) > maxResponse {
		return nil, errors.New("latchkey: the response is too large")
	}
	return &answer{response.StatusCode, response.Header, read}, nil
}
