package wecomsim

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"deskmate/model"
)

// The limits of groups that apps make (doc path/90245).
const (
	maxChatName  = 50 // characters
	minChatSize  = 2  // members
	maxChatSize  = 2000
	maxChatID    = 32 // bytes
	chatsPerDay  = 1000
	chatIDLength = 22
)

var chatIDForm = regexp.MustCompile(`^[0-9A-Za-z]+$`)

// Chat is a group made by an app. What its members write there reaches no app.
type Chat struct {
	ID      string // chatid
	AgentID int64
	Name    string
	Owner   string
	Members []string
}

// chat is a Chat with what its members see.
type chat struct {
	id, name string
	app      *app
	owner    string   // folded
	users    []string // folded
	screens  map[string]*screen
}

// remove takes a member out; the first of the others becomes the owner where it was them.
func (c *chat) remove(id string) {
	c.users = slices.DeleteFunc(c.users, func(user string) bool { return user == id })
	if c.owner == id && len(c.users) > 0 {
		c.owner = c.users[0]
	}
}

// Chats are the groups that an app made, in order of their ids.
func (s *Server) Chats(agentID int64) []Chat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Chat
	for _, c := range s.chats {
		if c.app.AgentID == agentID {
			list = append(list, Chat{
				ID: c.id, AgentID: agentID, Name: c.name, Owner: s.nameOf(c.owner), Members: s.namesOf(c.users),
			})
		}
	}
	slices.SortFunc(list, func(x, y Chat) int { return strings.Compare(x.ID, y.ID) })
	return list
}

// ChatScreen is what a member's phone shows of a group, oldest first, as in Screen. Its
// bubbles have no MsgID: nothing in a group can be recalled.
func (s *Server) ChatScreen(chatID, userID string) []Bubble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.chats[chatID]; ok {
		if sc, ok := c.screens[model.Fold(userID)]; ok {
			return slices.Clone(sc.bubbles)
		}
	}
	return nil
}

func (s *Server) namesOf(ids []string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = s.nameOf(id)
	}
	return names
}

// mayChat refuses an app whose visible range is not the root.
func mayChat(a *app) *apiError {
	if !slices.Contains(a.VisibleDepartments, rootDepartment) {
		return refuse(codeForbidden, "api forbidden, the visible range is not the root department")
	}
	return nil
}

// appchatCreate is appchat/create.
func (s *Server) appchatCreate(c *call) (answer, *apiError) {
	var req struct {
		Name  string   `json:"name"`
		Owner string   `json:"owner"`
		Users []string `json:"userlist"`
		ID    string   `json:"chatid"`
	}
	if fault := firstFault(mayChat(c.app), c.decode(&req)); fault != nil {
		return answer{}, fault
	}
	users, fault := s.chatMembers(req.Users)
	if fault != nil {
		return answer{}, fault
	}
	made := &chat{id: req.ID, name: req.Name, app: c.app, users: users, owner: model.Fold(req.Owner), screens: map[string]*screen{}}
	if made.id == "" {
		made.id = "wr" + s.opaque(chatIDLength)
	}
	if made.owner == "" && len(users) > 0 {
		made.owner = users[0]
	}
	if fault := firstFault(checkChatID(made.id), made.check()); fault != nil {
		return answer{}, fault
	}
	if _, known := s.chats[made.id]; known {
		return answer{}, refuse(codeChatExists, "chatid exists")
	}
	times, fits := admit(s.chatsMade, c.now, 1, []limit{{most: chatsPerDay, within: 24 * time.Hour}})
	if s.chatsMade = times; !fits {
		return answer{}, refuse(codeOverLimit, "api freq out of limit, chats of a day")
	}
	s.chatsMade = append(s.chatsMade, c.now)
	s.chats[made.id] = made
	return with(map[string]any{"chatid": made.id}), nil
}

// check checks a group as it is to become.
func (c *chat) check() *apiError {
	switch {
	case utf8.RuneCountInString(c.name) > maxChatName:
		return refuse(codeTooLong, "content size out of limit, name")
	case len(c.users) < minChatSize || len(c.users) > maxChatSize:
		return refuse(codeChatSize, "invalid chat member size")
	case !slices.Contains(c.users, c.owner):
		return refuse(codeChatOwner, "the owner is not in the userlist")
	}
	return nil
}

func checkChatID(id string) *apiError {
	switch {
	case !chatIDForm.MatchString(id):
		return refuse(codeChatIDIllegal, "invalid chatid")
	case len(id) > maxChatID:
		return refuse(codeChatIDLong, "chatid too long")
	}
	return nil
}

// chatMembers are the folded userids of present members, each once.
func (s *Server) chatMembers(list []string) ([]string, *apiError) {
	var users []string
	for _, id := range foldAll(list) {
		m, ok := s.members[id]
		if !ok || !m.present() {
			return nil, refuse(codeChatMember, "invalid chat member")
		}
		if !slices.Contains(users, id) {
			users = append(users, id)
		}
	}
	return users, nil
}

// chatOf is the group that a call names, if it is the app's. The state is locked.
func (s *Server) chatOf(a *app, id string) (*chat, *apiError) {
	if id == "" {
		return nil, refuse(codeParameterEmpty, "some parameters are empty, chatid")
	}
	c, ok := s.chats[id]
	switch {
	case !ok:
		return nil, refuse(codeChatUnknown, "chatid not found")
	case c.app != a:
		return nil, refuse(codeChatNotOwn, "the chat was made by another agent")
	}
	return c, nil
}

// appchatUpdate is appchat/update (doc path/98913): all of it or nothing.
func (s *Server) appchatUpdate(c *call) (answer, *apiError) {
	var req struct {
		ID    string   `json:"chatid"`
		Name  string   `json:"name"`
		Owner string   `json:"owner"`
		Add   []string `json:"add_user_list"`
		Del   []string `json:"del_user_list"`
	}
	if fault := firstFault(mayChat(c.app), c.decode(&req)); fault != nil {
		return answer{}, fault
	}
	old, fault := s.chatOf(c.app, req.ID)
	if fault != nil {
		return answer{}, fault
	}
	added, fault := s.chatMembers(req.Add)
	if fault != nil {
		return answer{}, fault
	}
	changed := *old
	gone := foldAll(req.Del)
	changed.users = slices.DeleteFunc(slices.Clone(old.users), func(id string) bool { return slices.Contains(gone, id) })
	for _, id := range added {
		if !slices.Contains(changed.users, id) {
			changed.users = append(changed.users, id)
		}
	}
	if req.Name != "" {
		changed.name = req.Name
	}
	if req.Owner != "" {
		changed.owner = model.Fold(req.Owner)
	}
	if fault := changed.check(); fault != nil {
		return answer{}, fault
	}
	*old = changed
	return with(nil), nil
}

// appchatGet is appchat/get (doc path/98914).
func (s *Server) appchatGet(c *call) (answer, *apiError) {
	if fault := mayChat(c.app); fault != nil {
		return answer{}, fault
	}
	found, fault := s.chatOf(c.app, c.query.Get("chatid"))
	if fault != nil {
		return answer{}, fault
	}
	return with(map[string]any{"chat_info": map[string]any{
		"chatid": found.id, "name": found.name, "owner": s.nameOf(found.owner),
		"userlist": s.namesOf(found.users), "chat_type": 0,
	}}), nil
}
