package wecomsim

import (
	"regexp"
	"slices"
	"time"
)

// The limits of a card (doc path/90236); sizes in bytes.
const (
	maxCardKey     = 1024
	maxOptionID    = 128
	maxMenuActions = 3
	maxHorizontal  = 6
	maxVertical    = 4
	maxJumps       = 3
	maxCardButtons = 6
	maxVoteOptions = 20
	maxSelects     = 3
	maxOptions     = 10
	maxButtonStyle = 4
	maxDescColor   = 3
)

var taskIDForm = regexp.MustCompile(`^[0-9A-Za-z_@-]{1,128}$`)

// checkCard checks what holds for a card wherever it comes from; key is the webhook it is
// sent by, "" for an app. The state is locked.
func (s *Server) checkCard(c *card, key string, now time.Time) *apiError {
	if c.TaskID != "" && !taskIDForm.MatchString(c.TaskID) {
		return refuse(codeTaskID, "invalid taskid")
	}
	if fault := s.checkCommon(c, key, now); fault != nil {
		return fault
	}
	switch c.CardType {
	case cardText:
		return checkTextNotice(c)
	case cardNews:
		return checkNewsNotice(c)
	case cardButtons:
		return checkButtonCard(c)
	case cardVote:
		return checkVoteCard(c)
	case cardMultiple:
		return checkMultipleCard(c)
	default:
		return badCard("card_type")
	}
}

// badCard refuses a card for a field that has no errcode of its own.
func badCard(field string) *apiError {
	return refuse(codeParameter, "invalid Request Parameter, template_card.%s", field)
}

// checkCommon checks the structures that most cards share.
func (s *Server) checkCommon(c *card, key string, now time.Time) *apiError {
	if src := c.Source; src != nil {
		if src.DescColor < 0 || src.DescColor > maxDescColor {
			return badCard("source.desc_color")
		}
		if fault := optionalURL(src.IconURL); fault != nil {
			return fault
		}
	}
	if fault := checkActionMenu(c.ActionMenu); fault != nil {
		return fault
	}
	if q := c.Quote; q != nil {
		if fault := checkLink("quote_area", q.Type, q.URL, q.AppID); fault != nil {
			return fault
		}
	}
	if len(c.Jumps) > maxJumps {
		return badCard("jump_list")
	}
	for _, j := range c.Jumps {
		if j.Title == "" {
			return badCard("jump_list.title")
		}
		if fault := checkLink("jump_list", j.Type, j.URL, j.AppID); fault != nil {
			return fault
		}
	}
	return s.checkHorizontal(c.Horizontal, key, now)
}

func (s *Server) checkHorizontal(list []horizontal, key string, now time.Time) *apiError {
	if len(list) > maxHorizontal {
		return badCard("horizontal_content_list")
	}
	const (
		link       = 1
		attachment = 2
		profile    = 3
	)
	for _, h := range list {
		var fault *apiError
		switch {
		case h.KeyName == "":
			fault = badCard("horizontal_content_list.keyname")
		case h.Type < 0 || h.Type > profile:
			fault = badCard("horizontal_content_list.type")
		case h.Type == link:
			fault = checkURL(h.URL)
		case h.Type == attachment:
			_, fault = s.findMedia(key, h.MediaID, "file", now)
		case h.Type == profile && h.UserID == "":
			fault = badCard("horizontal_content_list.userid")
		}
		if fault != nil {
			return fault
		}
	}
	return nil
}

// checkLink checks a place that may lead somewhere: 0 nowhere, 1 to a url, 2 to a
// mini-program.
func checkLink(field string, kind int, url, appID string) *apiError {
	switch {
	case kind < 0 || kind > 2:
		return badCard(field + ".type")
	case kind == 1:
		return checkURL(url)
	case kind == 2 && appID == "":
		return badCard(field + ".appid")
	}
	return nil
}

func checkActionMenu(m *actionMenu) *apiError {
	if m == nil {
		return nil
	}
	if len(m.Actions) < 1 || len(m.Actions) > maxMenuActions {
		return badCard("action_menu.action_list")
	}
	var keys []string
	for _, a := range m.Actions {
		if a.Text == "" {
			return refuse(codeButtonNoName, "missing button name")
		}
		if fault := newKey(&keys, a.Key); fault != nil {
			return fault
		}
	}
	return nil
}

// newKey checks a button's key and that keys doesn't have it yet.
func newKey(keys *[]string, key string) *apiError {
	switch {
	case key == "":
		return refuse(codeButtonKeyMissing, "missing button key")
	case len(key) > maxCardKey, slices.Contains(*keys, key):
		return refuse(codeButtonKeyIllegal, "invalid button key")
	}
	*keys = append(*keys, key)
	return nil
}

// checkAction checks card_action, which a notice must have.
func checkAction(a *cardAction, required bool) *apiError {
	if a == nil || a.Type == 0 {
		if required {
			return refuse(codeCardAction, "missing or invalid card_action")
		}
		return nil
	}
	if a.Type < 0 || a.Type > 2 || a.Type == 2 && a.AppID == "" {
		return refuse(codeCardAction, "missing or invalid card_action")
	}
	return checkLink("card_action", a.Type, a.URL, a.AppID)
}

func hasTitle(c *card) bool { return c.MainTitle != nil && c.MainTitle.Title != "" }
