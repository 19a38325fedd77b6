package main

import (
	"slices"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// Groups are the group chats.
func (s *simulator) Groups() []handler.SimGroup {
	list := []handler.SimGroup{}
	for _, g := range s.sim.Groups() {
		list = append(list, s.viewGroup(g))
	}
	return list
}

func (s *simulator) viewGroup(g wecomsim.Group) handler.SimGroup {
	return handler.SimGroup{ID: g.ID, Name: g.Name, Bot: s.sim.BotName(g.Bot), Members: append([]string{}, g.Members...)}
}

func (s *simulator) findGroup(id string) (wecomsim.Group, error) {
	for _, g := range s.sim.Groups() {
		if g.ID == id {
			return g, nil
		}
	}
	return wecomsim.Group{}, model.ErrNotFound
}

// Group is what a group chat shows.
func (s *simulator) Group(id string) (handler.SimGroupChat, error) {
	g, err := s.findGroup(id)
	if err != nil {
		return handler.SimGroupChat{}, err
	}
	chat := handler.SimGroupChat{SimGroup: s.viewGroup(g), Bubbles: []handler.SimGroupBubble{}}
	for _, b := range s.sim.GroupScreen(id) {
		view := viewBubble(b)
		bubble := handler.SimGroupBubble{MsgID: b.MsgID, From: b.From, Type: b.Type, At: b.At, Text: b.Text, Media: view.Media}
		if b.From == wecomsim.FromBot {
			bubble.From = ""
		}
		chat.Bubbles = append(chat.Bubbles, bubble)
	}
	return chat, nil
}

// AddGroup makes a group with the corp's bot in it.
func (s *simulator) AddGroup(in handler.SimNewGroup) (handler.SimGroup, error) {
	for _, id := range in.Members {
		if !slices.ContainsFunc(s.corp.Members, func(m handler.SimMember) bool { return model.Fold(m.UserID) == model.Fold(id) }) {
			return handler.SimGroup{}, model.Invalid("no_member", "there is no member %q", id)
		}
	}
	g := wecomsim.Group{ID: in.ID, Name: in.Name, Bot: demoBotID, Members: in.Members}
	if err := s.sim.AddGroup(g); err != nil {
		return handler.SimGroup{}, refused(err)
	}
	return s.viewGroup(g), nil
}

// WriteGroup lets a member write in a group.
func (s *simulator) WriteGroup(id string, m handler.SimGroupMessage) (string, error) {
	g, err := s.findGroup(id)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(g.Members, func(member string) bool { return model.Fold(member) == model.Fold(m.UserID) }) {
		return "", model.Invalid("no_member", "%q is no member of the group", m.UserID)
	}
	msgID, err := s.sim.Post(id, m.UserID, wecomsim.BotPost{Text: m.Text})
	return msgID, refused(err)
}
