package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// simulator gives the simulator's page what it needs of the simulated WeCom.
type simulator struct {
	sim     *wecomsim.Server
	corp    handler.SimCorp
	clock   demoClock
	advance func(time.Duration) error // moves the clock on, for good
	log     *traceLog
	public  string        // where Deskmate is reached; "": by nobody
	stopped chan struct{} // closed when Run ends

	keepCallback func(agentID int64, c demoCallback) error // for the next start

	mu       sync.Mutex
	pictures map[string]handler.SimFile // by media_id
	order    []string                   // of pictures, oldest first
}

// demoClock is the time of the simulated corp and of its Deskmate.
type demoClock interface {
	now() time.Time
	aheadBy() time.Duration
}

// keepPictures is how many pictures are remembered.
const keepPictures = 200

func newSimulator(sim *wecomsim.Server, corp handler.SimCorp, clock demoClock, advance func(time.Duration) error) *simulator {
	return &simulator{
		sim: sim, corp: corp, clock: clock, advance: advance, log: newTraceLog(), stopped: make(chan struct{}),
		pictures: map[string]handler.SimFile{},
	}
}

// Run follows what happens until ctx ends; then everybody who watches is let go.
func (s *simulator) Run(ctx context.Context) error {
	defer close(s.stopped)
	defer s.sim.Subscribe(s.log.happened)()
	s.log.collect(ctx, s.sim)
	return nil
}

// Corp is the corp's directory.
func (s *simulator) Corp() handler.SimCorp { return s.corp }

// known refuses members and apps that are not there.
func (s *simulator) known(p handler.SimPhone) error {
	member := slices.ContainsFunc(s.corp.Members, func(m handler.SimMember) bool {
		return model.Fold(m.UserID) == model.Fold(p.UserID)
	})
	app := slices.ContainsFunc(s.corp.Apps, func(a handler.SimApp) bool { return a.AgentID == p.AgentID })
	if !member || !app {
		return model.ErrNotFound
	}
	return nil
}

// Conversation is what the member's phone shows of the app.
func (s *simulator) Conversation(p handler.SimPhone) (handler.SimConversation, error) {
	if err := s.known(p); err != nil {
		return handler.SimConversation{}, err
	}
	conversation := handler.SimConversation{Menu: viewMenu(s.sim.Menu(p.AgentID)), Bubbles: []handler.SimBubble{}}
	for _, b := range s.sim.Screen(p.AgentID, p.UserID) {
		conversation.Bubbles = append(conversation.Bubbles, viewBubble(b))
	}
	return conversation, nil
}

// Picture is a picture that a member sent.
func (s *simulator) Picture(mediaID string) (handler.SimFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	file, ok := s.pictures[mediaID]
	if !ok {
		return handler.SimFile{}, model.ErrNotFound
	}
	return file, nil
}

// Enter opens the app's conversation.
func (s *simulator) Enter(p handler.SimPhone) error {
	if err := s.known(p); err != nil {
		return err
	}
	return refused(s.sim.Enter(p.AgentID, p.UserID))
}

// Write sends what a member writes.
func (s *simulator) Write(p handler.SimPhone, m handler.SimMessage) (string, error) {
	if err := s.known(p); err != nil {
		return "", err
	}
	switch m.Type {
	case "location":
		return accepted(s.sim.SendLocation(p.AgentID, p.UserID, m.Latitude, m.Longitude, m.Title))
	case "link":
		return accepted(s.sim.SendLink(p.AgentID, p.UserID, m.Title, m.Desc, m.URL))
	}
	return accepted(s.sim.Say(p.AgentID, p.UserID, m.Text))
}

// SendPicture sends a member's picture and remembers it, so that pages can show it.
func (s *simulator) SendPicture(p handler.SimPhone, name string, file handler.SimFile) (string, error) {
	if err := s.known(p); err != nil {
		return "", err
	}
	msgID := s.sim.SendImage(p.AgentID, p.UserID, file.Data, name)
	screen := s.sim.Screen(p.AgentID, p.UserID)
	at := slices.IndexFunc(screen, func(b wecomsim.Bubble) bool { return b.MsgID == msgID })
	if at >= 0 && screen[at].Media != nil {
		s.keep(screen[at].Media.ID, file)
	}
	return accepted(msgID)
}

func (s *simulator) keep(mediaID string, file handler.SimFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pictures[mediaID] = file
	s.order = append(s.order, mediaID)
	if len(s.order) > keepPictures {
		delete(s.pictures, s.order[0])
		s.order = s.order[1:]
	}
}

// Press presses a button of a card or of the app's menu.
func (s *simulator) Press(p handler.SimPhone, what handler.SimPress) error {
	if err := s.known(p); err != nil {
		return err
	}
	switch what.Kind {
	case handler.PressButton:
		return refused(s.sim.Click(p.AgentID, p.UserID, what.MsgID, what.Key))
	case handler.PressCardMenu:
		return refused(s.sim.ClickCardMenu(p.AgentID, p.UserID, what.MsgID, what.Key))
	case handler.PressSubmit:
		return refused(s.sim.Submit(p.AgentID, p.UserID, what.MsgID, what.Selected))
	case handler.PressMenu:
		return refused(s.sim.ClickMenu(p.AgentID, p.UserID, what.Key))
	}
	return model.Invalid("bad_press", "there is no such thing to press")
}

// refused is an error of the simulated phone, as the page is told it.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return &model.Error{Code: model.CodeConflict, Reason: "phone_refused", Message: err.Error()}
}

// accepted gives the id of what was written; "" is a phone without an input box.
func accepted(msgID string) (string, error) {
	if msgID == "" {
		return "", &model.Error{Code: model.CodeConflict, Reason: "no_input_box", Message: "the member can't write to this app"}
	}
	return msgID, nil
}

// Open opens a page in the member's phone. Deskmate's own begin with signing in: all phones of
// the page share one browser, and the last who signed in may be somebody else.
func (s *simulator) Open(p handler.SimPhone, address string) (string, *http.Cookie, error) {
	if err := s.known(p); err != nil {
		return "", nil, err
	}
	cookie := wecomsim.PhoneCookie(p.UserID)
	path, own := strings.CutPrefix(address, s.public+"/")
	if s.public == "" || !own || strings.HasPrefix(path, "h5/upload/") || strings.HasPrefix(path, "h5/survey/") {
		return address, cookie, nil // signed addresses need nobody's login
	}
	app := slices.IndexFunc(demoApps(), func(a demoApp) bool { return a.agentID == p.AgentID })
	q := url.Values{"account": {demoApps()[app].key}, "to": {"/" + path}}
	return s.public + "/auth/start?" + q.Encode(), cookie, nil
}
