package handler

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/sse"
	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// SimPrefix is the path under which the simulator's own API lies.
const SimPrefix = "/sim/v1"

// maxPicture is the largest picture in bytes that a member may send.
const maxPicture = 10 << 20

// Simulator serves the API behind the simulator's page: members' phones, what goes wrong,
// the clock, and what is said between WeCom and the app. It trusts whoever asks and
// belongs on the loopback interface.
type Simulator struct{ cfg SimulatorConfig }

// SimulatorConfig is what the simulator's API works with. Every field is required.
type SimulatorConfig struct {
	Screens SimScreens
	Hands   SimHands
	World   SimWorld
	Traces  SimTraces
	Groups  SimGroups
	Console SimConsole
}

// SimScreens is what the members see. What isn't there is [model.ErrNotFound].
type SimScreens interface {
	Corp() SimCorp
	Conversation(p SimPhone) (SimConversation, error)
	Picture(mediaID string) (SimFile, error)
}

// SimHands is what the members do. What a phone would not let anybody do is a conflict.
type SimHands interface {
	Enter(p SimPhone) error
	Write(p SimPhone, m SimMessage) (msgID string, err error)
	SendPicture(p SimPhone, name string, file SimFile) (msgID string, err error)
	Press(p SimPhone, what SimPress) error
	// Open opens a page in the phone's browser: at which address, and with which cookie of
	// WeCom's, the browser goes there.
	Open(p SimPhone, address string) (to string, cookie *http.Cookie, err error)
}

// SimWorld is what the members live in.
type SimWorld interface {
	Faults() SimFaults
	SetFaults(f SimFaults)
	Clock() SimClock
	Advance(by time.Duration) (SimClock, error)
	ExpireTokens()
}

// SimTraces is what went over the wire.
type SimTraces interface {
	// Recent gives the newest entries, oldest first.
	Recent(limit int) []SimTrace
	Detail(id int64) (SimTraceDetail, error)
	// Watch calls f with everything that happens from now on, in order, until ctx ends, the
	// simulator stops or f fails. After a zero event some were missed.
	Watch(ctx context.Context, f func(SimEvent) error)
}

// NewSimulator makes the handler.
func NewSimulator(cfg SimulatorConfig) *Simulator { return &Simulator{cfg: cfg} }

// Register adds the operations to r and gives their document.
func (h *Simulator) Register(r *gin.Engine) *huma.OpenAPI {
	api := newAPI(r, &r.RouterGroup, document{
		title: "Deskmate simulator", version: "1", prefix: "/sim", log: slog.New(slog.DiscardHandler),
	})
	h.registerPhones(api)
	h.registerGroups(api)
	h.registerConsole(api)
	h.registerWorld(api)
	h.registerTraces(api)
	return api.OpenAPI()
}

func get(id, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: SimPrefix + path, Summary: summary}
}

func post(id, path, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodPost, Path: SimPrefix + path, Summary: summary}
}

// body wraps what an operation answers with.
type body[T any] struct{ Body T }

type nothing struct{}

func (h *Simulator) registerWorld(api huma.API) {
	world := h.cfg.World
	operation(api, get("getFaults", "/faults", "What goes wrong"), func(context.Context, *nothing) (*body[SimFaults], error) {
		return &body[SimFaults]{world.Faults()}, nil
	})
	put := huma.Operation{OperationID: "setFaults", Method: http.MethodPut, Path: SimPrefix + "/faults", Summary: "Let things go wrong"}
	operation(api, put, func(_ context.Context, in *body[SimFaults]) (*body[SimFaults], error) {
		world.SetFaults(in.Body)
		return &body[SimFaults]{world.Faults()}, nil
	})
	operation(api, get("getClock", "/clock", "What time it is"), func(context.Context, *nothing) (*body[SimClock], error) {
		return &body[SimClock]{world.Clock()}, nil
	})
	type advance struct {
		Body struct {
			Seconds int64 `json:"seconds" minimum:"1" maximum:"31536000"`
		}
	}
	operation(api, post("advanceClock", "/clock/advance", "Move the clock on"),
		func(_ context.Context, in *advance) (*body[SimClock], error) {
			clock, err := world.Advance(time.Duration(in.Body.Seconds) * time.Second)
			if err != nil {
				return nil, err
			}
			return &body[SimClock]{clock}, nil
		})
	operation(api, post("expireTokens", "/tokens/expire", "Let every access_token lapse"),
		func(context.Context, *nothing) (*nothing, error) {
			world.ExpireTokens()
			return &nothing{}, nil
		})
}

type traceList struct {
	Items []SimTrace `json:"items" doc:"Oldest first"`
}

func (h *Simulator) registerTraces(api huma.API) {
	traces := h.cfg.Traces
	type newest struct {
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	operation(api, get("listTraces", "/traces", "The newest callbacks and calls"),
		func(_ context.Context, in *newest) (*body[traceList], error) {
			return &body[traceList]{traceList{Items: traces.Recent(in.Limit)}}, nil
		})
	type one struct {
		ID int64 `path:"id"`
	}
	operation(api, get("getTrace", "/traces/{id}", "What went over the wire"),
		func(_ context.Context, in *one) (*body[SimTraceDetail], error) {
			detail, err := traces.Detail(in.ID)
			if err != nil {
				return nil, err
			}
			return &body[SimTraceDetail]{detail}, nil
		})
	sse.Register(api, get("stream", "/stream", "Everything that happens, as it happens"), map[string]any{
		"hello": SimClock{}, "trace": SimTrace{}, "touched": SimTouched{}, "world": SimWorldChanged{},
	}, func(ctx context.Context, _ *nothing, send sse.Sender) { h.stream(ctx, send) })
}

// stream says hello whenever the browser should load everything anew: at the beginning,
// and after events were missed.
func (h *Simulator) stream(ctx context.Context, send sse.Sender) {
	if send.Data(h.cfg.World.Clock()) != nil {
		return
	}
	h.cfg.Traces.Watch(ctx, func(e SimEvent) error {
		switch {
		case e.Trace != nil:
			return send.Data(*e.Trace)
		case e.Touched != nil:
			return send.Data(*e.Touched)
		case e.World != nil:
			return send.Data(*e.World)
		}
		return send.Data(h.cfg.World.Clock())
	})
}

// readPicture reads an upload and finds out what it really is.
func readPicture(r io.Reader) (SimFile, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPicture+1))
	if err != nil {
		return SimFile{}, model.Invalid("bad_picture", "the picture can't be read")
	}
	if len(data) > maxPicture {
		return SimFile{}, model.Invalid("picture_too_large", "a picture has at most %d MiB", maxPicture>>20)
	}
	switch kind := http.DetectContentType(data); kind {
	case "image/png", "image/jpeg", "image/gif":
		return SimFile{ContentType: kind, Data: data}, nil
	}
	return SimFile{}, model.Invalid("bad_picture", "only PNG, JPEG and GIF are pictures here")
}
