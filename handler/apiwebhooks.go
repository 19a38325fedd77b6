package handler

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// Webhooks are the addresses outside that accounts tell of what happens.
type Webhooks interface {
	Webhooks(ctx context.Context, accountID uint64) ([]model.Webhook, error)
	// Webhook is [model.ErrNotFound] where it isn't the account's.
	Webhook(ctx context.Context, accountID, id uint64) (model.Webhook, error)
	AddWebhook(ctx context.Context, w model.Webhook, who model.Audit) (model.Webhook, error)
	// ChangeWebhook is [model.ErrStale] where the version expected is not what is stored; 0 is any.
	ChangeWebhook(ctx context.Context, accountID, id, expect uint64, who model.Audit, change func(*model.Webhook)) (model.Webhook, error)
	DeleteWebhook(ctx context.Context, accountID, id uint64, who model.Audit) error
	PingWebhook(ctx context.Context, acc model.Account, id uint64) (model.WebhookDelivery, error)
	WebhookLoads(ctx context.Context, ids []uint64) ([]model.WebhookLoad, error)
	WebhookDeliveries(ctx context.Context, f model.DeliveryFilter) ([]model.WebhookDelivery, error)
	ReplayDelivery(ctx context.Context, accountID, webhookID, id uint64, who model.Audit) error
	ReplayDeliveries(ctx context.Context, accountID, webhookID uint64, state model.DeliveryState, sinceMS int64, who model.Audit) (int, error)
}

// WebhookEdge is what calls webhooks.
type WebhookEdge interface {
	// Check is what is wrong with an address, or nil.
	Check(url string) error
	// NewSecret makes a secret to sign with.
	NewSecret() model.Secret
}

// oldSecretFor is how long the secret before signs, too.
const oldSecretFor = 24 * time.Hour

// WebhookFields is what a webhook is to be.
type WebhookFields struct {
	Name    string              `json:"name" minLength:"1" maxLength:"64"`
	URL     string              `json:"url" minLength:"1" maxLength:"2000" example:"https://example.com/deskmate" doc:"https; http and addresses inside the house where DESKMATE_WEBHOOK_NETWORKS allows them"`
	Events  []model.WebhookKind `json:"events" minItems:"1" maxItems:"6" uniqueItems:"true" enum:"session.opened,session.handed_off,session.assigned,session.closed,session.rated,question.missed"`
	Enabled *bool               `json:"enabled,omitempty" doc:"Without it: yes. What happens while it is off it never learns"`
}

// WebhookView is a webhook, without its secret.
type WebhookView struct {
	ID             ID                  `json:"id"`
	Name           string              `json:"name"`
	URL            string              `json:"url"`
	Events         []model.WebhookKind `json:"events" enum:"session.opened,session.handed_off,session.assigned,session.closed,session.rated,question.missed"`
	Enabled        bool                `json:"enabled"`
	OldSecretUntil Instant             `json:"old_secret_until,omitempty" doc:"Until then the secret before the present one signs, too"`
	Version        uint64              `json:"version"`
	CreatedAt      Instant             `json:"created_at"`
	UpdatedAt      Instant             `json:"updated_at"`
	OkAt           Instant             `json:"ok_at,omitempty" doc:"When something arrived last"`
	FailingSince   Instant             `json:"failing_since,omitempty" doc:"Since when nothing arrives; missing while it does"`
	NextAt         Instant             `json:"next_at,omitempty" doc:"While it fails: when it is tried next"`
	Pending        int                 `json:"pending" doc:"Deliveries to come; counted up to 1,000"`
	Dead           int                 `json:"dead" doc:"Deliveries given up on in the last 14 days; counted up to 1,000"`
}

// newWebhookView is a webhook right after its secret was made, the only time that it is shown.
type newWebhookView struct {
	WebhookView
	Secret string `json:"secret" doc:"Signs what is sent; shown this once"`
}

// hookDeliveryView is an event on its way to a webhook.
type hookDeliveryView struct {
	ID        ID                  `json:"id"`
	EventID   string              `json:"event_id" doc:"The header webhook-id: the same each time it is sent"`
	Type      model.WebhookKind   `json:"type"`
	Session   ID                  `json:"session,omitempty"`
	State     model.DeliveryState `json:"state" enum:"pending,done,dead"`
	Attempts  int                 `json:"attempts"`
	Code      int                 `json:"code,omitempty" doc:"HTTP status of the last attempt; missing where there was no answer"`
	Error     string              `json:"error,omitempty" doc:"What was wrong with the last attempt"`
	TookMS    int64               `json:"took_ms,omitempty" doc:"The last attempt"`
	CreatedAt Instant             `json:"created_at"`
	NextAt    Instant             `json:"next_at,omitempty" doc:"When it is tried next"`
	EndedAt   Instant             `json:"ended_at,omitempty"`
	Body      string              `json:"body" doc:"What is sent"`
}

func (a *API) viewWebhook(w model.Webhook, load model.WebhookLoad) WebhookView {
	v := WebhookView{
		ID: NewID(w.ID), Name: w.Name, URL: w.URL, Events: notNil(w.Kinds), Enabled: w.Enabled, Version: w.Version,
		CreatedAt: NewInstant(w.CreatedMS), UpdatedAt: NewInstant(w.UpdatedMS), OkAt: NewInstant(w.OkMS), FailingSince: NewInstant(w.FailingMS),
		Pending: load.Pending, Dead: load.Dead,
	}
	if w.OldSecret != "" && w.OldUntilMS > a.cfg.Now().UnixMilli() {
		v.OldSecretUntil = NewInstant(w.OldUntilMS)
	}
	if w.FailingMS != 0 {
		v.NextAt = NewInstant(w.DueMS)
	}
	return v
}

func viewHookDelivery(d model.WebhookDelivery) hookDeliveryView {
	v := hookDeliveryView{
		ID: NewID(d.ID), EventID: "evt_" + string(NewID(d.ID)), Type: d.Kind, Session: NewID(d.SessionID), State: d.State, Attempts: d.Attempts,
		Code: d.Code, Error: d.Err, TookMS: d.TookMS, CreatedAt: NewInstant(d.CreatedMS), EndedAt: NewInstant(d.DoneMS), Body: d.Body,
	}
	if d.State == model.DeliveryPending && d.DueMS > 0 {
		v.NextAt = NewInstant(d.DueMS)
	}
	return v
}

// fill makes a webhook what the caller says.
func (in WebhookFields) fill(w *model.Webhook) {
	w.Name, w.URL, w.Kinds = strings.TrimSpace(in.Name), strings.TrimSpace(in.URL), in.Events
	w.Enabled = in.Enabled == nil || *in.Enabled
}

func (a *API) checkWebhook(in WebhookFields) error {
	if name := strings.TrimSpace(in.Name); name == "" || utf8.RuneCountInString(name) > 64 {
		return model.Invalid("webhook_name", "名称应为 1–64 个字")
	}
	return a.cfg.WebhookEdge.Check(strings.TrimSpace(in.URL))
}

// WebhookPath names a webhook of an account.
type WebhookPath struct {
	AccountPath
	ID ID `path:"id"`
}

// DeliverySearch narrows the list of a webhook's deliveries.
type DeliverySearch struct {
	WebhookPath
	State model.DeliveryState `query:"state" enum:"pending,done,dead"`
	Type  model.WebhookKind   `query:"type" enum:"session.opened,session.handed_off,session.assigned,session.closed,session.rated,question.missed,ping"`
	After ID                  `query:"after"`
	Limit int                 `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

const webhooksTag = "webhooks"

func (a *API) registerWebhooks(s surface) {
	const path = account + "/webhooks"
	const one = path + "/{id}"
	within(s, call(http.MethodGet, "listWebhooks", path, webhooksTag, "The account's webhooks, the oldest first"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[WebhookView]], error) {
			list, err := a.cfg.Webhooks.Webhooks(ctx, acc.ID)
			if err != nil {
				return nil, err
			}
			ids := make([]uint64, len(list))
			for i, w := range list {
				ids[i] = w.ID
			}
			loads, err := a.cfg.Webhooks.WebhookLoads(ctx, ids)
			out := Listed[WebhookView]{Items: []WebhookView{}}
			for i, load := range loads {
				out.Items = append(out.Items, a.viewWebhook(list[i], load))
			}
			return reply(out, err)
		})
	type create struct {
		AccountPath
		Body WebhookFields
	}
	within(s, call(http.MethodPost, "createWebhook", path, webhooksTag, "Make a webhook; its secret is shown this once; audited"),
		func(ctx context.Context, acc model.Account, in *create) (*body[newWebhookView], error) {
			if err := a.checkWebhook(in.Body); err != nil {
				return nil, err
			}
			w := model.Webhook{ID: model.NewID(a.cfg.Now()), AccountID: acc.ID, Secret: a.cfg.WebhookEdge.NewSecret()}
			in.Body.fill(&w)
			w, err := a.cfg.Webhooks.AddWebhook(ctx, w, by(ctx))
			return reply(newWebhookView{a.viewWebhook(w, model.WebhookLoad{}), w.Secret.Reveal()}, err)
		})
	type change struct {
		WebhookPath
		Precondition
		Body struct {
			WebhookFields
			Version uint64 `json:"version,omitempty" doc:"What the caller saw; without it the last writer wins"`
		}
	}
	within(s, call(http.MethodPut, "updateWebhook", one, webhooksTag, "Change a webhook; audited"),
		func(ctx context.Context, acc model.Account, in *change) (*tagged[WebhookView], error) {
			expect, err := in.expect(in.Body.Version)
			if err == nil {
				err = a.checkWebhook(in.Body.WebhookFields)
			}
			if err != nil {
				return nil, err
			}
			w, err := a.cfg.Webhooks.ChangeWebhook(ctx, acc.ID, in.ID.number(), expect, by(ctx), in.Body.fill)
			if err != nil {
				return nil, err
			}
			loads, err := a.cfg.Webhooks.WebhookLoads(ctx, []uint64{w.ID})
			if err != nil {
				return nil, err
			}
			return replyTagged(a.viewWebhook(w, loads[0]), w.Version, nil)
		})
	within(s, call(http.MethodDelete, "deleteWebhook", one, webhooksTag, "Take a webhook away, with what is on its way there; audited"),
		func(ctx context.Context, acc model.Account, in *WebhookPath) (*nothing, error) {
			return replyNothing(a.cfg.Webhooks.DeleteWebhook(ctx, acc.ID, in.ID.number(), by(ctx)))
		})
	within(s, call(http.MethodPost, "renewWebhookSecret", one+"/secret", webhooksTag, "Make a new secret, shown this once; the old one signs, too, for 24 hours; audited"),
		func(ctx context.Context, acc model.Account, in *WebhookPath) (*body[newWebhookView], error) {
			who := by(ctx)
			who.Action = "webhook.secret_renewed"
			w, err := a.cfg.Webhooks.ChangeWebhook(ctx, acc.ID, in.ID.number(), 0, who, func(w *model.Webhook) {
				w.OldSecret, w.OldUntilMS = w.Secret, a.cfg.Now().Add(oldSecretFor).UnixMilli()
				w.Secret = a.cfg.WebhookEdge.NewSecret()
			})
			return reply(newWebhookView{a.viewWebhook(w, model.WebhookLoad{}), w.Secret.Reveal()}, err)
		})
	within(s, call(http.MethodPost, "pingWebhook", one+"/ping", webhooksTag, "Send an event of the type ping now; its delivery tells what came of it"),
		func(ctx context.Context, acc model.Account, in *WebhookPath) (*body[hookDeliveryView], error) {
			w, err := a.cfg.Webhooks.Webhook(ctx, acc.ID, in.ID.number())
			if err != nil {
				return nil, err
			}
			if !w.Enabled {
				return nil, &model.Error{Code: model.CodeConflict, Reason: "webhook_off", Message: "Webhook 已停用，请先启用"}
			}
			d, err := a.cfg.Webhooks.PingWebhook(ctx, acc, w.ID)
			a.cfg.Wake(ctx, model.LaneHook)
			return reply(viewHookDelivery(d), err)
		})
	a.registerDeliveries(s, one+"/deliveries")
}

func (a *API) registerDeliveries(s surface, path string) {
	within(s, call(http.MethodGet, "listWebhookDeliveries", path, webhooksTag, "What was and is to be sent to a webhook, the newest first"),
		func(ctx context.Context, acc model.Account, in *DeliverySearch) (*body[Listed[hookDeliveryView]], error) {
			if _, err := a.cfg.Webhooks.Webhook(ctx, acc.ID, in.ID.number()); err != nil {
				return nil, err
			}
			list, err := a.cfg.Webhooks.WebhookDeliveries(ctx, model.DeliveryFilter{
				AccountID: acc.ID, WebhookID: in.ID.number(), State: in.State, Kind: in.Type, Before: in.After.number(), Limit: in.Limit,
			})
			next := next(list, in.Limit, func(d model.WebhookDelivery) uint64 { return d.ID })
			return reply(Listed[hookDeliveryView]{Items: views(list, viewHookDelivery), Next: next}, err)
		})
	type replayOne struct {
		WebhookPath
		Delivery ID `path:"delivery"`
	}
	within(s, call(http.MethodPost, "replayWebhookDelivery", path+"/{delivery}/replay", webhooksTag, "Send a delivery again, whatever came of it; audited"),
		func(ctx context.Context, acc model.Account, in *replayOne) (*nothing, error) {
			err := a.cfg.Webhooks.ReplayDelivery(ctx, acc.ID, in.ID.number(), in.Delivery.number(), by(ctx))
			a.cfg.Wake(ctx, model.LaneHook)
			return replyNothing(err)
		})
	type replayMany struct {
		WebhookPath
		Body struct {
			State model.DeliveryState `json:"state" enum:"done,dead" doc:"dead: what was given up on; done: what the receiver took, too late to keep it"`
			Since Instant             `json:"since,omitempty" doc:"Only events from then on; without it all that are kept, 14 days"`
		}
	}
	type replayedView struct {
		Replayed int `json:"replayed"`
	}
	within(s, call(http.MethodPost, "replayWebhookDeliveries", account+"/webhooks/{id}/replays", webhooksTag, "Send all deliveries of a state again; audited"),
		func(ctx context.Context, acc model.Account, in *replayMany) (*body[replayedView], error) {
			since, err := in.Body.Since.ms("since")
			if err != nil {
				return nil, err
			}
			n, err := a.cfg.Webhooks.ReplayDeliveries(ctx, acc.ID, in.ID.number(), in.Body.State, since, by(ctx))
			a.cfg.Wake(ctx, model.LaneHook)
			return reply(replayedView{n}, err)
		})
}

// webhookMessage is what a webhook is sent, for the document.
type webhookMessage struct {
	Type      model.WebhookKind  `json:"type"`
	Timestamp string             `json:"timestamp" format:"date-time" doc:"When it happened"`
	Data      model.WebhookEvent `json:"data"`
}

// describeWebhooks adds to the document what webhooks are sent.
func describeWebhooks(doc *huma.OpenAPI) {
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[webhookMessage](), true, "WebhookMessage")
	header := func(name, what string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Required: true, Description: what, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	doc.Webhooks = map[string]*huma.PathItem{}
	said := map[model.WebhookKind]string{
		model.WebhookOpened: "A session began", model.WebhookHandedOff: "The bot handed a session to people", model.WebhookAssigned: "A seat got a session",
		model.WebhookClosed: "A session ended", model.WebhookRated: "An employee rated a session, changed that, or gave reasons",
		model.WebhookMissed: "The bot had no answer to a question", model.WebhookPing: "Somebody tries the webhook",
	}
	for _, kind := range append(model.WebhookKinds(), model.WebhookPing) {
		doc.Webhooks[string(kind)] = &huma.PathItem{Post: &huma.Operation{
			OperationID: "webhook." + string(kind), Tags: []string{webhooksTag}, Summary: said[kind],
			Description: "Signed as Standard Webhooks says, sent at least once; docs/webhooks.md says how to check and what to answer.",
			Parameters: []*huma.Param{
				header("webhook-id", "The same each time the event is sent"), header("webhook-timestamp", "Seconds since 1970, of this attempt"),
				header("webhook-signature", "v1, and base64 of HMAC-SHA256; several are parted by spaces"),
			},
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
			Responses:   map[string]*huma.Response{"2XX": {Description: "Taken. Anything else, or nothing within 10 s, is tried again for 24 hours"}},
		}}
	}
}
