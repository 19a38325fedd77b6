package handler

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// SimGroups is group chats with an AI bot in them. What isn't there is [model.ErrNotFound].
type SimGroups interface {
	Groups() []SimGroup
	Group(id string) (SimGroupChat, error)
	// AddGroup makes a group, or changes its name and members.
	AddGroup(g SimNewGroup) (SimGroup, error)
	// WriteGroup lets a member write; the bot gets it where its name stands behind an @.
	WriteGroup(id string, m SimGroupMessage) (msgID string, err error)
}

// SimGroup is a group chat.
type SimGroup struct {
	ID      string   `json:"id" doc:"WeCom's chatid"`
	Name    string   `json:"name"`
	Bot     string   `json:"bot" doc:"The name by which members call the AI bot"`
	Members []string `json:"members" nullable:"false" doc:"userids"`
}

// SimNewGroup is a group to make.
type SimNewGroup struct {
	ID      string   `json:"id" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$"`
	Name    string   `json:"name" minLength:"1" maxLength:"40"`
	Members []string `json:"members" minItems:"1" maxItems:"100" nullable:"false" doc:"userids"`
}

// SimGroupChat is what a group chat shows.
type SimGroupChat struct {
	SimGroup
	Bubbles []SimGroupBubble `json:"bubbles" nullable:"false" doc:"Oldest first"`
}

// SimGroupBubble is a message in a group.
type SimGroupBubble struct {
	MsgID string    `json:"msgid"`
	From  string    `json:"from" doc:"A userid; empty: the bot"`
	Type  string    `json:"type" doc:"WeCom's msgtype"`
	At    time.Time `json:"at"`
	Text  string    `json:"text,omitempty"`
	Media *SimMedia `json:"media,omitempty"`
}

// SimGroupMessage is what a member writes in a group.
type SimGroupMessage struct {
	UserID string `json:"userid" minLength:"1" maxLength:"64"`
	Text   string `json:"text" minLength:"1" maxLength:"4000"`
}

type groupList struct {
	Items []SimGroup `json:"items" nullable:"false"`
}

func (h *Simulator) registerGroups(api huma.API) {
	groups := h.cfg.Groups
	operation(api, get("listGroups", "/groups", "Group chats with an AI bot"),
		func(context.Context, *nothing) (*body[groupList], error) {
			return &body[groupList]{groupList{groups.Groups()}}, nil
		})
	type newGroup struct{ Body SimNewGroup }
	operation(api, post("addGroup", "/groups", "Make a group chat, or change it"),
		func(_ context.Context, in *newGroup) (*body[SimGroup], error) {
			g, err := groups.AddGroup(in.Body)
			if err != nil {
				return nil, err
			}
			return &body[SimGroup]{g}, nil
		})
	type one struct {
		ID string `path:"id" maxLength:"64"`
	}
	operation(api, get("getGroup", "/groups/{id}", "What a group chat shows"),
		func(_ context.Context, in *one) (*body[SimGroupChat], error) {
			chat, err := groups.Group(in.ID)
			if err != nil {
				return nil, err
			}
			return &body[SimGroupChat]{chat}, nil
		})
	type message struct {
		ID   string `path:"id" maxLength:"64"`
		Body SimGroupMessage
	}
	operation(api, post("writeGroup", "/groups/{id}/messages", "Write in a group chat as one of its members"),
		func(_ context.Context, in *message) (*body[written], error) {
			id, err := groups.WriteGroup(in.ID, in.Body)
			if err != nil {
				return nil, err
			}
			return &body[written]{written{id}}, nil
		})
}
