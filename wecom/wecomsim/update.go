package wecomsim

import (
	"encoding/json"
	"slices"
	"time"

	"deskmate/model"
)

const (
	cardCodeLife = 72 * time.Hour
	recallLife   = 24 * time.Hour
)

// cardCode is a response_code: it changes the cards of one message once.
type cardCode struct {
	message *sent
	ends    time.Time
	used    bool
}

// newCardCode makes a response_code. The state is locked.
func (s *Server) newCardCode(a *app, message *sent, now time.Time) string {
	value := s.opaque(72)
	a.codes.put(value, &cardCode{message: message, ends: now.Add(cardCodeLife)})
	return value
}

// updateRequest is the body of message/update_template_card (doc path/94888).
type updateRequest struct {
	UserIDs      []string        `json:"userids"`
	PartyIDs     []int64         `json:"partyids"`
	TagIDs       []int64         `json:"tagids"`
	AtAll        int             `json:"atall"`
	AgentID      json.RawMessage `json:"agentid"`
	ResponseCode string          `json:"response_code"`
	IDTrans      int             `json:"enable_id_trans"`
	Button       *struct {
		ReplaceName string `json:"replace_name"`
	} `json:"button"`
	TemplateCard *card `json:"template_card"`
}

// messageUpdate is message/update_template_card.
func (s *Server) messageUpdate(c *call) (answer, *apiError) {
	var req updateRequest
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	if fault := c.ownAgent(req.AgentID); fault != nil {
		return answer{}, fault
	}
	code, fault := s.usableCode(c, req.ResponseCode)
	if fault != nil {
		return answer{}, fault
	}
	if fault := s.checkUpdate(c, &req); fault != nil {
		return answer{}, fault
	}
	users, bad, fault := s.updated(c.app, &req, code.message)
	if fault != nil {
		return answer{}, fault
	}
	if fault := c.app.mayReplaceButtons(&req, users, code.message); fault != nil {
		return answer{}, fault
	}
	code.used = true
	for _, id := range users {
		if req.Button != nil {
			s.replaceButtons(c.app, id, code.message.id, req.Button.ReplaceName)
			continue
		}
		s.replaceCard(c.app, id, code.message.id, req.TemplateCard)
	}
	if len(bad) == 0 {
		return with(nil), nil
	}
	return with(map[string]any{"invaliduser": bad}), nil
}

// usableCode is the response_code of a call, if it is the app's, fresh and not used.
func (s *Server) usableCode(c *call, value string) (*cardCode, *apiError) {
	if value == "" {
		return nil, refuse(codeParameterEmpty, "some parameters are empty, response_code")
	}
	code, ok := c.app.codes.get(value)
	if !ok {
		for _, other := range s.apps {
			if other.codes.has(value) {
				return nil, refuse(codeCardApp, "the card was sent by another agent")
			}
		}
		return nil, refuse(codeResponseCode, "invalid response_code")
	}
	if code.used || !c.now.Before(code.ends) {
		return nil, refuse(codeResponseCode, "response_code used or expired")
	}
	return code, nil
}

// checkUpdate checks what the card is to become.
func (s *Server) checkUpdate(c *call, req *updateRequest) *apiError {
	switch {
	case req.AtAll != 0 && req.AtAll != 1, req.IDTrans != 0 && req.IDTrans != 1:
		return refuse(codeParameter, "invalid Request Parameter, a flag is 0 or 1")
	case (req.Button == nil) == (req.TemplateCard == nil):
		return refuse(codeParameter, "invalid Request Parameter, one of button and template_card")
	case req.Button != nil && req.Button.ReplaceName == "":
		return refuse(codeButtonNoName, "missing button name")
	case req.Button != nil:
		return nil
	}
	if fault := s.checkCard(req.TemplateCard, "", c.now); fault != nil {
		return fault
	}
	if req.IDTrans == 1 {
		req.TemplateCard.translate(s.translate)
	}
	return nil
}

// updated is whose cards change, and who of those named never got the message.
func (s *Server) updated(a *app, req *updateRequest, message *sent) ([]string, []string, *apiError) {
	switch {
	case req.AtAll == 1:
		return message.users, nil, nil
	case len(req.UserIDs)+len(req.PartyIDs)+len(req.TagIDs) == 0:
		return nil, nil, refuse(codeReceiversEmpty, "userids & partyids & tagids is empty")
	case len(req.UserIDs) > maxReceivers:
		return nil, nil, refuse(codeUserListLong, "invalid userid list size")
	case len(req.PartyIDs) > maxParties:
		return nil, nil, refuse(codePartiesLong, "invalid party list size")
	case len(req.TagIDs) > maxTags:
		return nil, nil, refuse(codeTagsLong, "invalid tag list size")
	}
	named := map[string]bool{}
	var bad []string
	for _, user := range req.UserIDs {
		id := model.Fold(user)
		if !slices.Contains(message.users, id) {
			bad = append(bad, id)
			continue
		}
		named[id] = true
	}
	for _, party := range req.PartyIDs {
		if s.seesDepartment(a, party) {
			s.addParty(party, named)
		}
	}
	for _, id := range req.TagIDs {
		s.addTag(a, s.tags[id], named)
	}
	var users []string
	for _, id := range message.users {
		if named[id] {
			users = append(users, id)
		}
	}
	if len(users) == 0 {
		return nil, nil, refuse(codeNoReceiver, "user & party & tag all invalid")
	}
	return users, bad, nil
}

// mayReplaceButtons refuses a new caption for a card that has no buttons.
func (a *app) mayReplaceButtons(req *updateRequest, users []string, message *sent) *apiError {
	if req.Button == nil {
		return nil
	}
	for _, id := range users {
		sc := a.screens[id]
		if at := sc.find(message.id); at >= 0 && !sc.cards[at].card.interactive() {
			return refuse(codeParameter, "invalid Request Parameter, the card has no buttons")
		}
	}
	return nil
}

// replaceButtons makes a card's buttons unclickable under a new caption. The state is locked.
func (s *Server) replaceButtons(a *app, id, msgID, caption string) {
	s.changeCard(a, id, msgID, func(sc *shownCard) { sc.replaced = caption })
}

// replaceCard puts another card in the place of one. The state is locked.
func (s *Server) replaceCard(a *app, id, msgID string, c *card) {
	s.changeCard(a, id, msgID, func(sc *shownCard) {
		sc.card, sc.replaced = c, ""
		if c.TaskID != "" {
			sc.taskID = c.TaskID
		}
		if c.interactive() {
			sc.replaced = c.ReplaceText
		}
	})
}

// changeCard changes a card on a member's screen, if it is there.
func (s *Server) changeCard(a *app, id, msgID string, change func(*shownCard)) {
	sc := a.screens[id]
	at := sc.find(msgID)
	if at < 0 || sc.cards[at] == nil || sc.bubbles[at].Recalled {
		return
	}
	state := *sc.cards[at]
	state.failed = false
	change(&state)
	sc.cards[at] = &state
	b := &sc.bubbles[at]
	b.Card = state.view()
	b.Title, b.Desc, b.URL = b.Card.Title, b.Card.Desc, b.Card.URL
	s.traceBubble(a.AgentID, id, *b)
	s.announce()
}

// messageRecall is message/recall (doc path/94867): for every receiver, within 24 h.
func (s *Server) messageRecall(c *call) (answer, *apiError) {
	var req struct {
		MsgID string `json:"msgid"`
	}
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	if req.MsgID == "" {
		return answer{}, refuse(codeParameterEmpty, "some parameters are empty, msgid")
	}
	message, ok := c.app.messages.get(req.MsgID)
	switch {
	case !ok:
		return answer{}, refuse(codeParameter, "invalid Request Parameter, msgid")
	case !c.now.Before(message.at.Add(recallLife)):
		return answer{}, refuse(codeRecallLate, "invalid Request Parameter, msgid is too old")
	}
	for _, id := range message.users {
		sc := c.app.screens[id]
		if at := sc.find(message.id); at >= 0 {
			sc.bubbles[at].Recalled = true
			s.traceBubble(c.app.AgentID, id, sc.bubbles[at])
		}
	}
	s.announce()
	return with(nil), nil
}
