package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Service is an OpenStack service.
type Service struct {
	Client *http.Client
	URL    string // with the API version; "" if the cloud does not have the service
	Header http.Header
}

// Response is a complete HTTP response.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// With returns the service with one request header added or replaced.
func (s Service) With(name, value string) Service {
	s.Header = s.Header.Clone()
	s.Header.Set(name, value)
	return s
}

// Do sends one request to a path below the service's URL, or to a complete
// URL. An io.Reader is sent unchanged, any other body as JSON, nil as no body.
func (s Service) Do(ctx context.Context, method, path string, body any) (response Response, err error) {
	header, content := s.Header.Clone(), io.Reader(http.NoBody)
	switch body := body.(type) {
	case nil:
	case io.Reader:
		content = body
	default:
		document, err := json.Marshal(body)
		if err != nil {
			return Response{}, err
		}
		content = bytes.NewReader(document)
		header.Set("Content-Type", "application/json")
	}

	url := path
	if !strings.HasPrefix(path, "http") {
		url = s.URL + path
	}
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return Response{}, err
	}
	request.Header = header
	received, err := s.Client.Do(request)
	if err != nil {
		return Response{}, err
	}
	defer func() { err = errors.Join(err, received.Body.Close()) }()
	text, err := io.ReadAll(received.Body)
	return Response{Status: received.StatusCode, Header: received.Header, Body: text}, err
}
