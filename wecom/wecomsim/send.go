package wecomsim

import (
	"crypto/sha256"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
)

const (
	maxReceivers = 1000
	maxParties   = 100
	maxTags      = 100

	repeatInterval    = 1800  // seconds of a duplicate check that names none
	maxRepeatInterval = 14400 // seconds
)

// sendRequest is the body of message/send (doc path/90236).
type sendRequest struct {
	ToUser   string          `json:"touser"`
	ToParty  string          `json:"toparty"`
	ToTag    string          `json:"totag"`
	MsgType  string          `json:"msgtype"`
	AgentID  json.RawMessage `json:"agentid"`
	Safe     int             `json:"safe"`
	IDTrans  int             `json:"enable_id_trans"`
	Check    int             `json:"enable_duplicate_check"`
	Interval int             `json:"duplicate_check_interval"`
	payload
}

// sent is an accepted message.
type sent struct {
	id    string
	at    time.Time
	users []string // folded userids, those whose limit was exceeded included
}

// repeat is a body that was sent with enable_duplicate_check.
type repeat struct {
	msgID string
	until time.Time
}

// messageSend is message/send.
func (s *Server) messageSend(c *call) (answer, *apiError) {
	var req sendRequest
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	if fault := c.ownAgent(req.AgentID); fault != nil {
		return answer{}, fault
	}
	if fault := checkFlags(&req); fault != nil {
		return answer{}, fault
	}
	hash := sha256.Sum256(c.body)
	if old, ok := c.app.checked.get(hash); ok && req.Check == 1 && c.now.Before(old.until) {
		s.records.counts.Suppressed++
		return with(map[string]any{"msgid": old.msgID}), nil
	}
	to, fault := s.receivers(c.app, &req)
	if fault != nil {
		return answer{}, fault
	}
	bubble, card, fault := s.compose(c.app, &req, c.now)
	if fault != nil {
		return answer{}, fault
	}
	fields := to.invalid()
	if len(to.users) == 0 {
		return answer{}, refuse(codeNoReceiver, "user & party & tag all invalid")
	}
	s.deliverSend(c, to.users, bubble, card, fields)
	if c.app.bodies.has(hash) {
		s.records.counts.Repeats++
	}
	c.app.bodies.put(hash, true)
	if req.Check == 1 {
		interval := time.Duration(max(req.Interval, 1)) * time.Second
		if req.Interval == 0 {
			interval = repeatInterval * time.Second
		}
		c.app.checked.put(hash, repeat{msgID: fields["msgid"].(string), until: c.now.Add(interval)})
	}
	return with(fields), nil
}

// deliverSend puts an accepted message on the screens and its msgid into fields.
func (s *Server) deliverSend(c *call, users []string, bubble Bubble, card *card, fields map[string]any) {
	a := c.app
	message := &sent{id: s.opaque(64), at: c.now, users: users}
	a.messages.put(message.id, message)
	fields["msgid"] = message.id
	bubble.MsgID, bubble.From, bubble.At = message.id, FromApp, c.now
	if card != nil {
		if card.TaskID != "" {
			a.tasks.put(card.TaskID, true)
		}
		if card.callsBack() {
			fields["response_code"] = s.newCardCode(a, message, c.now)
		}
	}
	s.records.counts.Sent++
	for _, id := range users {
		if s.withinPace(a.pace, id, c.now, paceLimits()) {
			s.show(a, id, bubble, card)
		}
	}
}

// checkFlags checks the fields of the envelope that are numbers.
func checkFlags(req *sendRequest) *apiError {
	switch {
	case req.IDTrans != 0 && req.IDTrans != 1, req.Check != 0 && req.Check != 1:
		return refuse(codeParameter, "invalid Request Parameter, a flag is 0 or 1")
	case req.Interval < 0 || req.Interval > maxRepeatInterval:
		return refuse(codeParameter, "invalid Request Parameter, duplicate_check_interval")
	case req.Safe < 0 || req.Safe > 2, req.Safe == 2 && req.MsgType != "mpnews":
		return refuse(codeParameter, "invalid Request Parameter, safe")
	}
	return checkSafe(req)
}

// checkSafe checks whether a message of the kind can be confidential.
func checkSafe(req *sendRequest) *apiError {
	switch {
	case req.Safe == 0:
		return nil
	case req.MsgType == "news":
		return refuse(codeNewsSafe, "news can not be safe")
	case slices.Contains([]string{"voice", "textcard", "markdown", "template_card"}, req.MsgType):
		return refuse(codeParameter, "invalid Request Parameter, safe")
	}
	return nil
}

// addressees are the receivers of a send, sorted out.
type addressees struct {
	users                         []string // folded, each once
	badUsers, badParties, badTags []string
}

func (t *addressees) invalid() map[string]any {
	fields := map[string]any{}
	for name, bad := range map[string][]string{"invaliduser": t.badUsers, "invalidparty": t.badParties, "invalidtag": t.badTags} {
		if len(bad) > 0 {
			fields[name] = strings.Join(bad, "|")
		}
	}
	return fields
}

// receivers finds who of those named is in the app's visible range. The state is locked.
func (s *Server) receivers(a *app, req *sendRequest) (*addressees, *apiError) {
	users, parties, tags := split(req.ToUser), split(req.ToParty), split(req.ToTag)
	switch {
	case len(users)+len(parties)+len(tags) == 0:
		return nil, refuse(codeReceiversEmpty, "touser & toparty & totag is empty")
	case len(users) > maxReceivers:
		return nil, refuse(codeUserListLong, "invalid userid list size")
	case len(parties) > maxParties:
		return nil, refuse(codePartiesLong, "invalid party list size")
	case len(tags) > maxTags:
		return nil, refuse(codeTagsLong, "invalid tag list size")
	}
	to := &addressees{}
	found := map[string]bool{}
	if len(users) == 1 && users[0] == "@all" {
		to.users = slices.Sorted(maps.Keys(s.visibleIDs(a)))
		return to, nil
	}
	for _, user := range users {
		id := model.Fold(user)
		if m, ok := s.members[id]; ok && s.sees(a, m) && m.present() {
			found[id] = true
			continue
		}
		to.badUsers = append(to.badUsers, id)
	}
	for _, party := range parties {
		id, err := strconv.ParseInt(party, 10, 64)
		if _, ok := s.departments[id]; err != nil || !ok || !s.seesDepartment(a, id) {
			to.badParties = append(to.badParties, party)
			continue
		}
		s.addParty(id, found)
	}
	for _, word := range tags {
		id, err := strconv.ParseInt(word, 10, 64)
		if err != nil || !s.addTag(a, s.tags[id], found) {
			to.badTags = append(to.badTags, word)
		}
	}
	to.users = slices.Sorted(maps.Keys(found))
	return to, nil
}

// addParty adds the members of a department and of all below it.
func (s *Server) addParty(id int64, found map[string]bool) {
	for user, m := range s.members {
		if m.present() && slices.ContainsFunc(m.Departments, func(d int64) bool { return s.below(d, id) }) {
			found[user] = true
		}
	}
}

// split takes a list apart that is joined by "|".
func split(list string) []string {
	return slices.DeleteFunc(strings.Split(list, "|"), func(word string) bool { return word == "" })
}

var idTransForm = regexp.MustCompile(`\$(userName|departmentName|userAlias|userAliasOrName)=([^$\s]+)\$`)

// translate replaces $userName=ID$ and its kin; what can't be resolved stays. The state is locked.
func (s *Server) translate(text string) string {
	return idTransForm.ReplaceAllStringFunc(text, func(found string) string {
		part := idTransForm.FindStringSubmatch(found)
		if part[1] == "departmentName" {
			id, err := strconv.ParseInt(part[2], 10, 64)
			if d, ok := s.departments[id]; err == nil && ok {
				return d.Name
			}
			return found
		}
		m, ok := s.members[model.Fold(part[2])]
		if !ok {
			return found
		}
		if part[1] != "userName" && m.Alias != "" {
			return m.Alias
		}
		if part[1] == "userAlias" {
			return found
		}
		return m.Name
	})
}
