package handler_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"

	"deskmate/handler"
	"deskmate/model"
)

// witness is an account whose callbacks are noted: what has the token good is right.
type witness struct{ noted []string }

func (*witness) ByKey(context.Context, string) (model.Account, error) {
	return model.Account{ID: 7, Key: "it"}, nil
}

func (*witness) Echo(_ model.Account, query url.Values) ([]byte, error) {
	if query.Get("msg_signature") != "good" {
		return nil, model.Invalid("bad_signature", "wrong")
	}
	return []byte("echo"), nil
}

func (w *witness) Receive(acc model.Account, query url.Values, _ []byte) (model.Inbound, error) {
	_, err := w.Echo(acc, query)
	return model.Inbound{AccountID: acc.ID}, err
}

func (*witness) Accept(context.Context, model.Inbound, string) (bool, error) { return false, nil }

func (w *witness) NoteCallback(_ context.Context, id uint64, news model.CallbackNews, reason string) error {
	w.noted = append(w.noted, strings.TrimSpace(fmt.Sprintf("%d %s %s", id, news, reason)))
	return nil
}

func TestCallbackNotes(t *testing.T) {
	t.Parallel()
	w := &witness{}
	log := slog.New(slog.DiscardHandler)
	h := handler.NewCallbacks(handler.CallbacksConfig{
		Accounts: w, Platform: w, Inbox: w, Wake: func(context.Context, ...model.LaneKind) {}, Patience: time.Second, Log: log,
		Notes: handler.NewCallbackNotes(w, log),
	})
	gin.SetMode(gin.TestMode)
	r := gin.New()
	r.GET("/callback/:account", h.Verify)
	r.POST("/callback/:account", h.Receive)
	for _, request := range []string{
		"GET /callback/it", // anybody
		"GET /callback/it?msg_signature=bad&echostr=x",    // WeCom, with another token
		"POST /callback/it?msg_signature=bad",             // at once again: not noted
		"GET /callback/it?msg_signature=good&echostr=x",   //
		"POST /callback/it?msg_signature=good",            //
		"POST /callback/it?msg_signature=good&nonce=else", // within a minute: not noted
	} {
		method, target, _ := strings.Cut(request, " ")
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, target, http.NoBody))
	}
	want := []string{"7 refused bad_signature", "7 verified", "7 received"}
	if diff := cmp.Diff(want, w.noted); diff != "" {
		t.Error(diff)
	}
}
