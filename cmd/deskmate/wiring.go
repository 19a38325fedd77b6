package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	randv2 "math/rand/v2"
	"net/url"
	"os"
	"strings"
	"sync"

	"deskmate/bot"
	"deskmate/bot/seat"
	"deskmate/model"
	"deskmate/store/redisstore"
	"deskmate/wecom"
)

// callbackEdge gives the callback handler what it needs of WeCom.
type callbackEdge struct{}

// Echo answers the check of a callback URL.
func (callbackEdge) Echo(acc model.Account, query url.Values) ([]byte, error) {
	return wecom.Echo(acc, wecom.QueryFrom(query))
}

// Receive understands a callback.
func (callbackEdge) Receive(acc model.Account, query url.Values, body []byte) (model.Inbound, error) {
	return wecom.Receive(acc, wecom.QueryFrom(query), body)
}

// platform gives the upkeep what it needs of WeCom.
type platform struct {
	*wecom.Client
	public string // where the program is reached; "": nobody knows
}

// SetMenu gives the account's app its menu: 转人工, the service window where there is one, and
// 我的 where the page behind it can be reached.
func (p platform) SetMenu(ctx context.Context, acc model.Account) error {
	var buttons []wecom.MenuButton
	if acc.Policy.Handoff.Button {
		buttons = append(buttons, wecom.MenuButton{Name: "转人工", Key: bot.HandoffKey})
	}
	if w := acc.Profile.ServiceWindow; w.Title != "" {
		// The title may be longer than a top button's name.
		buttons = append(buttons, wecom.MenuButton{Name: "服务", Sub: []wecom.MenuButton{{Name: w.Title, URL: w.URL}}})
	}
	if p.public != "" {
		buttons = append(buttons, wecom.MenuButton{Name: "我的", URL: strings.TrimSuffix(p.public, "/") + "/h5/?account=" + url.QueryEscape(acc.Key)})
	}
	if len(buttons) == 0 {
		return p.MenuDelete(ctx, acc)
	}
	return p.MenuCreate(ctx, acc, buttons)
}

// uploader gives the sender's pictures and files to WeCom.
type uploader struct{ *wecom.Client }

// UploadMedia gives WeCom a file for three days.
func (u uploader) UploadMedia(ctx context.Context, acc model.Account, kind, name string, data []byte) (string, error) {
	mediaID, err := u.Client.UploadMedia(ctx, acc, kind, name, bytes.NewReader(data))
	return mediaID, refusedMedia(err)
}

// refusedMedia says of what WeCom refuses whether trying again helps; other errors stay.
func refusedMedia(err error) error {
	refusal, refused := errors.AsType[*wecom.APIError](err)
	if !refused {
		return err
	}
	failure := &model.PushError{Class: model.FailAlert, After: refusal.After(), Code: refusal.Code, Err: err}
	switch refusal.Class() {
	case wecom.ClassRetry:
		failure.Class = model.FailRetry
	case wecom.ClassDrop:
		failure.Class = model.FailDrop
	case wecom.ClassRefresh, wecom.ClassAlert: // an operator's
	}
	return failure
}

// downloader fetches from WeCom what people sent.
type downloader struct{ *wecom.Client }

// mediaUnknown is WeCom's errcode for a media_id that is wrong or too old (doc path/90313).
const mediaUnknown = 40007

// DownloadMedia opens what WeCom keeps.
func (d downloader) DownloadMedia(ctx context.Context, acc model.Account, mediaID string) (string, io.ReadCloser, error) {
	media, err := d.Client.DownloadMedia(ctx, acc, mediaID)
	if refusal, ok := errors.AsType[*wecom.APIError](err); ok && refusal.Code == mediaUnknown {
		return "", nil, model.ErrNotFound
	}
	if err != nil {
		return "", nil, err
	}
	return media.Name, media.Body, nil
}

// assigner reserves in Redis; while Redis is away it picks from what SQL says.
type assigner struct{ redis *redisstore.Store }

// Reserve proposes a seat and reserves a place there.
func (a assigner) Reserve(
	ctx context.Context, accountID uint64, cands []model.Candidate, previous string, p model.Assignment,
) (model.Pick, error) {
	pick, err := a.redis.Reserve(ctx, accountID, cands, previous, p)
	if !errors.Is(err, model.ErrUnavailable) {
		return pick, err
	}
	return seat.Choose(seat.Request{
		Candidates: cands, Previous: previous, PreferPrevious: p.PreferPrevious, Gap: p.BusyGap,
		Turn: randv2.Uint64(), //nolint:gosec // spreads ties, guards nothing
	}), nil
}

// Release gives a place back. While Redis is away there is nothing to give back.
func (a assigner) Release(ctx context.Context, accountID uint64, userID string) error {
	err := a.redis.Release(ctx, accountID, userID)
	if errors.Is(err, model.ErrUnavailable) {
		return nil
	}
	return err
}

// wakes hands the hints from Redis to the workers they are for.
type wakes struct {
	from           <-chan model.LaneKind
	in, out, hooks chan struct{}

	mu     sync.Mutex
	groups map[uint64]chan struct{} // by account, of the bots that this process holds
}

// group is the channel of hints for one account's groups, until drop is called.
func (w *wakes) group(accountID uint64) (hints <-chan struct{}, drop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := make(chan struct{}, 1)
	w.groups[accountID] = c
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.groups[accountID] == c {
			delete(w.groups, accountID)
		}
	}
}

// hint tells a reader that there is work. A hint that finds one waiting is the same hint.
func hint(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

func newWakes(from <-chan model.LaneKind) *wakes {
	return &wakes{from: from, in: make(chan struct{}, 1), out: make(chan struct{}, 1), hooks: make(chan struct{}, 1), groups: map[uint64]chan struct{}{}}
}

// run passes hints on until ctx ends.
func (w *wakes) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case kind := <-w.from:
			switch kind {
			case model.LaneIn:
				hint(w.in)
			case model.LaneOut:
				hint(w.out)
			case model.LaneGroup:
				w.hintGroups()
			case model.LaneHook:
				hint(w.hooks)
			}
		}
	}
}

func (w *wakes) hintGroups() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.groups {
		hint(c)
	}
}

// ownerName names this process in the lanes it holds: for people to read, and unlike any
// other's.
func ownerName() string {
	host, _ := os.Hostname()
	const most = 40
	return fmt.Sprintf("%.*s-%d-%s", most, host, os.Getpid(), rand.Text()[:6])
}
