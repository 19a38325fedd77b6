package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"deskmate/model"
)

// maxAnswer bounds what is read of an answer; a large department is a few MB.
const maxAnswer = 64 << 20

// newRequest makes the HTTP request of a call. The payload is nil for GET.
func (c *Client) newRequest(ctx context.Context, r request, token string, payload []byte) (*http.Request, error) {
	query := url.Values{"access_token": {token}}
	maps.Copy(query, r.query)
	target := c.base.JoinPath("cgi-bin", r.endpoint)
	target.RawQuery = query.Encode()
	method, body := http.MethodGet, io.Reader(nil)
	if payload != nil {
		method, body = http.MethodPost, bytes.NewReader(payload)
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("make request %s: %w", r.endpoint, mask(err))
	}
	if payload != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	return req, nil
}

// exchange sends a request and reads WeCom's answer, whose errcode is 0. All calls but
// downloads pass here, those of the SDK too.
func (c *Client) exchange(req *http.Request, endpoint string) ([]byte, error) {
	start := time.Now()
	_, span := model.StartSpan(req.Context(), "wecom")
	defer span.End()
	span.Set("endpoint", endpoint)
	resp, err := c.send(req, endpoint)
	if err != nil {
		span.Fail(err)
		c.observe(endpoint, NoAnswer, time.Since(start))
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, code, err := readAnswer(resp, endpoint)
	span.Count("errcode", code)
	span.Fail(err)
	c.observe(endpoint, code, time.Since(start))
	return body, err
}

// send sends a request and gives the response, whose status is 200 and whose body the
// caller closes. A failure tells whether the request may have arrived: once a connection
// was there, nobody knows.
func (c *Client) send(req *http.Request, endpoint string) (*http.Response, error) {
	var traced, connected atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { traced.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	resp, err := c.http.Do(req.WithContext(ctx)) //nolint:gosec // the host is the operator's setting
	if err != nil {
		// A transport that was put in and doesn't trace is taken to have connected.
		return nil, &transportError{endpoint: endpoint, reached: connected.Load() || !traced.Load(), err: mask(err)}
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, &transportError{endpoint: endpoint, status: resp.StatusCode, reached: true}
	}
	return resp, nil
}

// readAnswer reads a JSON answer whole and gives its errcode. Old endpoints leave errcode
// out where all is well.
func readAnswer(resp *http.Response, endpoint string) (body []byte, code int64, err error) {
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	var head struct {
		ErrCode int64  `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
	}
	if err == nil && json.Unmarshal(body, &head) != nil {
		err = errors.New("the answer is not WeCom's JSON") // its words may quote a message
	}
	if err != nil {
		return nil, NoAnswer, &transportError{endpoint: endpoint, status: resp.StatusCode, reached: true, err: mask(err)}
	}
	return body, head.ErrCode, apiError(endpoint, head.ErrCode, head.ErrMsg)
}

// endpointOf is the part of a path that names the call.
func endpointOf(path string) string {
	return strings.TrimPrefix(path, "/cgi-bin/")
}
