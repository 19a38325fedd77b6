package wecomsim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"deskmate/model"
)

// FromApp is a Bubble's From where the app wrote it.
const FromApp = "app"

// Bubble is one message in an app's conversation on a member's phone.
type Bubble struct {
	MsgID    string // of message/send, or the MsgId of what the member wrote
	From     string // FromApp, or the member's userid as the corp writes it
	Type     string // msgtype; "template_card" for cards
	Text     string // of text and markdown, cut as WeCom cuts it
	Title    string // of textcard, video, link, location (its label); of the first article; of a card
	Desc     string
	URL      string
	Mentions []string   // userids and mobiles that a text in a group calls, as they were sent
	Articles []Article  // news
	Media    *MediaView // image, voice, video, file
	Card     *CardView  // template_card; as it is now
	Lat, Lon float64    // location
	At       time.Time
	Recalled bool // taken back; what it said stays readable here
}

// Article is one piece of news.
type Article struct {
	Title, Desc, URL, PicURL string
}

// MediaView is a file in a bubble.
type MediaView struct {
	ID   string // media_id
	Name string
	Size int // bytes
}

// screen is one conversation as a phone shows it.
type screen struct {
	bubbles []Bubble
	cards   []*shownCard // of each bubble; nil for those that are no card
	gone    int          // bubbles that were forgotten before these
}

// add puts a bubble at the end.
func (sc *screen) add(b Bubble, c *shownCard) {
	if len(sc.bubbles) >= 2*keepBubbles {
		sc.bubbles = slices.Clone(sc.bubbles[keepBubbles:])
		sc.cards = slices.Clone(sc.cards[keepBubbles:])
		sc.gone += keepBubbles
	}
	sc.bubbles, sc.cards = append(sc.bubbles, b), append(sc.cards, c)
}

// show puts a bubble on a member's screen. The state is locked.
func (s *Server) show(a *app, id string, b Bubble, c *card) {
	sc := a.screens[id]
	if sc == nil {
		sc = &screen{}
		a.screens[id] = sc
	}
	var state *shownCard
	if c != nil {
		state = &shownCard{card: c, taskID: c.TaskID}
		b.Card = state.view()
		b.Title, b.Desc, b.URL = b.Card.Title, b.Card.Desc, b.Card.URL
	}
	sc.add(b, state)
	s.traceBubble(a.AgentID, id, b)
	s.announce()
}

// find gives the position of a message on a screen, or -1.
func (sc *screen) find(msgID string) int {
	if sc == nil {
		return -1
	}
	for i, v := range slices.Backward(sc.bubbles) {
		if v.MsgID == msgID {
			return i
		}
	}
	return -1
}

// Screen is what the member's phone shows of the app, oldest first; of very many only the
// last ten thousand. It is nil where nothing was written yet. Cards and media are shared:
// read them only.
func (s *Server) Screen(agentID int64, userID string) []Bubble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.apps[agentID]; ok {
		if sc, ok := a.screens[model.Fold(userID)]; ok {
			return slices.Clone(sc.bubbles)
		}
	}
	return nil
}

// Shown is how many bubbles the member's phone ever showed of the app: len(Screen(…)),
// and those that Screen forgot.
func (s *Server) Shown(agentID int64, userID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.apps[agentID]; ok {
		if sc, ok := a.screens[model.Fold(userID)]; ok {
			return sc.gone + len(sc.bubbles)
		}
	}
	return 0
}

// Wait blocks until a bubble of the member's screen satisfies match, looking at those
// after the first `after` bubbles: 0 looks at all of them, Shown(…) at what is yet to
// come. It returns the bubble and its position counted from 1, which is what the next
// Wait takes as after. It fails only when ctx ends or there is no such app.
func (s *Server) Wait(
	ctx context.Context, agentID int64, userID string, after int, match func(Bubble) bool,
) (int, Bubble, error) {
	after = max(after, 0)
	for {
		bubbles, gone, changed, err := s.bubblesAfter(agentID, userID, after)
		if err != nil {
			return 0, Bubble{}, err
		}
		if i := slices.IndexFunc(bubbles, match); i >= 0 {
			return max(after, gone) + i + 1, bubbles[i], nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, Bubble{}, fmt.Errorf("wait for a bubble on %s's screen of app %d: %w", userID, agentID, ctx.Err())
		}
	}
}

// bubblesAfter gives a screen's bubbles, how many before them are forgotten, and the
// channel that is closed at the next change.
func (s *Server) bubblesAfter(agentID int64, userID string, after int) ([]Bubble, int, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.apps[agentID]
	if !ok {
		return nil, 0, nil, fmt.Errorf("there is no app %d", agentID)
	}
	sc := a.screens[model.Fold(userID)]
	if sc == nil || after >= sc.gone+len(sc.bubbles) {
		return nil, 0, s.changed, nil
	}
	return slices.Clone(sc.bubbles[max(after-sc.gone, 0):]), sc.gone, s.changed, nil
}
