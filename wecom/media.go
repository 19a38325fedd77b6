package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"time"

	workcontext "github.com/silenceper/wechat/v2/work/context"
	"github.com/silenceper/wechat/v2/work/material"

	"deskmate/model"
)

// Media is a file that WeCom keeps for three days.
type Media struct {
	Name        string // as it was uploaded, without folders; "" where WeCom does not say
	ContentType string // as WeCom says; sniff it before showing it to anybody
	Size        int64  // bytes; -1 where unknown
	Body        io.ReadCloser
}

// minMedia is the size below which WeCom refuses a file: it must have more than 5 bytes
// (doc path/90253).
const minMedia = 6

// mediaLimit is the largest file of a kind in bytes; 0 for what is no kind. For pictures
// WeCom's pages give 10 MB and 5 MB (errcode 45001); it is left to refuse them.
func mediaLimit(kind string) int {
	const mb = 1 << 20
	switch kind {
	case "image", "video":
		return 10 * mb
	case "voice":
		return 2 * mb
	case "file":
		return 20 * mb
	default:
		return 0
	}
}

// UploadMedia gives WeCom a file for three days and returns its media_id. The kind is image
// (JPG, PNG; 10 MB), voice (AMR; 2 MB), video (MP4; 10 MB) or file (20 MB); the filename is
// what receivers see. A kind or size that is impossible is invalid, "bad_media".
func (c *Client) UploadMedia(
	ctx context.Context, acc model.Account, kind, filename string, r io.Reader,
) (mediaID string, err error) {
	limit := mediaLimit(kind)
	if limit == 0 {
		return "", model.Invalid("bad_media", "the media kind %q is none", kind)
	}
	// Read first: the call may have to be made twice.
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return "", fmt.Errorf("read the file to upload: %w", err)
	}
	if len(data) < minMedia || len(data) > limit {
		return "", model.Invalid("bad_media", "a file of the kind %s must have %d to %d bytes", kind, minMedia, limit)
	}
	if filename = path.Base(filename); filename == "." || filename == "/" {
		filename = kind
	}
	err = c.viaSDK(ctx, acc, mediaTimeout, func(sdk *workcontext.Context) error {
		res, err := material.NewClient(sdk).UploadTempFileFromReader(filename, kind, bytes.NewReader(data))
		if err != nil {
			return err
		}
		mediaID = res.MediaID
		return nil
	})
	if err == nil && mediaID == "" {
		err = &transportError{endpoint: "media/upload", reached: true, err: errors.New("the answer has no media_id")}
	}
	return mediaID, err
}

// DownloadMedia opens a file that WeCom keeps. The caller closes Body within a minute.
func (c *Client) DownloadMedia(ctx context.Context, acc model.Account, mediaID string) (*Media, error) {
	const endpoint = "media/get"
	var media *Media
	err := c.withToken(ctx, acc, func(token string) error {
		ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
		req, err := c.newRequest(ctx, request{endpoint: endpoint, query: url.Values{"media_id": {mediaID}}}, token, nil)
		if err != nil {
			cancel()
			return err
		}
		media, err = c.openMedia(req, endpoint)
		if err != nil {
			cancel()
			return err
		}
		media.Body = &cancelBody{ReadCloser: media.Body, cancel: cancel}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return media, nil
}

// openMedia makes the request. WeCom answers with a file under a Content-Disposition, or
// with an error in JSON; a file may be JSON itself.
func (c *Client) openMedia(req *http.Request, endpoint string) (*Media, error) {
	start := time.Now()
	resp, err := c.send(req, endpoint)
	if err != nil {
		c.observe(endpoint, NoAnswer, time.Since(start))
		return nil, err
	}
	disposition := resp.Header.Get("Content-Disposition")
	contentType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if disposition == "" && (contentType == "" || contentType == "application/json" || contentType == "text/plain") {
		defer func() { _ = resp.Body.Close() }()
		_, code, err := readAnswer(resp, endpoint)
		c.observe(endpoint, code, time.Since(start))
		if err == nil {
			err = &transportError{endpoint: endpoint, status: resp.StatusCode, err: errors.New("the answer is no file")}
		}
		return nil, err
	}
	c.observe(endpoint, 0, time.Since(start))
	media := &Media{ContentType: resp.Header.Get("Content-Type"), Size: resp.ContentLength, Body: resp.Body}
	if _, params, err := mime.ParseMediaType(disposition); err == nil && params["filename"] != "" {
		media.Name = path.Base(params["filename"])
	}
	return media, nil
}

// cancelBody ends the call's context with its body.
type cancelBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the body.
func (b *cancelBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
