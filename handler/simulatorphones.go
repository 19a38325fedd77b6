package handler

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// phonePath is where a member's conversation with an app lies.
const phonePath = "/apps/{agentid}/members/{userid}"

// SimPhonePath names a conversation. It is exported because huma passes over embedded types that are not.
type SimPhonePath struct {
	AgentID int64  `path:"agentid"`
	UserID  string `path:"userid" maxLength:"64"`
}

func (in SimPhonePath) phone() SimPhone { return SimPhone{UserID: in.UserID, AgentID: in.AgentID} }

type written struct {
	MsgID string `json:"msgid"`
}

func (h *Simulator) registerPhones(api huma.API) {
	screens, hands := h.cfg.Screens, h.cfg.Hands
	operation(api, get("getCorp", "/corp", "Members, departments and apps"),
		func(context.Context, *nothing) (*body[SimCorp], error) {
			return &body[SimCorp]{screens.Corp()}, nil
		})
	operation(api, get("getConversation", phonePath+"/conversation", "What a phone shows"),
		func(_ context.Context, in *SimPhonePath) (*body[SimConversation], error) {
			conversation, err := screens.Conversation(in.phone())
			if err != nil {
				return nil, err
			}
			return &body[SimConversation]{conversation}, nil
		})
	operation(api, post("enter", phonePath+"/enter", "Open the conversation"),
		func(_ context.Context, in *SimPhonePath) (*nothing, error) {
			return &nothing{}, hands.Enter(in.phone())
		})
	h.registerBrowser(api)
	h.registerPictures(api)
	h.registerWriting(api)
	h.registerPressing(api)
}

// registerBrowser opens pages as they open inside WeCom, where everybody is signed in.
func (h *Simulator) registerBrowser(api huma.API) {
	type open struct {
		SimPhonePath
		URL string `query:"url" required:"true" maxLength:"2048" doc:"http or https"`
	}
	type redirect struct {
		Location  string      `header:"Location"`
		SetCookie http.Cookie `header:"Set-Cookie"`
	}
	op := get("openPage", phonePath+"/open", "Open a page in the phone's browser")
	op.DefaultStatus = http.StatusFound
	operation(api, op, func(_ context.Context, in *open) (*redirect, error) {
		if u, err := url.Parse(in.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, model.Invalid("bad_url", "a page's address begins with http:// or https://")
		}
		to, cookie, err := h.cfg.Hands.Open(in.phone(), in.URL)
		if err != nil {
			return nil, err
		}
		return &redirect{to, *cookie}, nil
	})
}

// registerPictures gives pictures that members sent.
func (h *Simulator) registerPictures(api huma.API) {
	type one struct {
		ID string `path:"id" maxLength:"128"`
	}
	type file struct {
		ContentType  string `header:"Content-Type"`
		CacheControl string `header:"Cache-Control"`
		Body         []byte
	}
	op := get("getPicture", "/pictures/{id}", "A picture that a member sent")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The picture",
		Content:     map[string]*huma.MediaType{"image/*": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	operation(api, op, func(_ context.Context, in *one) (*file, error) {
		f, err := h.cfg.Screens.Picture(in.ID)
		if err != nil {
			return nil, err
		}
		return &file{ContentType: f.ContentType, CacheControl: "private, max-age=86400", Body: f.Data}, nil
	})
}

func (h *Simulator) registerWriting(api huma.API) {
	hands := h.cfg.Hands
	type message struct {
		SimPhonePath
		Body SimMessage
	}
	op := post("write", phonePath+"/messages", "Write a text, or send a place or a link")
	op.DefaultStatus = http.StatusCreated
	operation(api, op, func(_ context.Context, in *message) (*body[written], error) {
		if err := checkMessage(in.Body); err != nil {
			return nil, err
		}
		return answerWritten(hands.Write(in.phone(), in.Body))
	})
	type picture struct {
		SimPhonePath
		RawBody huma.MultipartFormFiles[struct {
			File huma.FormFile `form:"file" required:"true"`
		}]
	}
	op = post("sendPicture", phonePath+"/pictures", "Send a picture")
	op.DefaultStatus, op.MaxBodyBytes = http.StatusCreated, maxPicture+1<<20
	operation(api, op, func(_ context.Context, in *picture) (*body[written], error) {
		upload := in.RawBody.Data().File
		file, err := readPicture(upload)
		if err != nil {
			return nil, err
		}
		return answerWritten(hands.SendPicture(in.phone(), upload.Filename, file))
	})
}

func answerWritten(msgID string, err error) (*body[written], error) {
	if err != nil {
		return nil, err
	}
	return &body[written]{written{MsgID: msgID}}, nil
}

// checkMessage refuses what no phone would send.
func checkMessage(m SimMessage) error {
	empty := strings.TrimSpace(m.Text) == ""
	switch m.Type {
	case "location":
		empty = m.Title == ""
	case "link":
		empty = m.Title == ""
		if !strings.HasPrefix(m.URL, "http://") && !strings.HasPrefix(m.URL, "https://") {
			return model.Invalid("bad_url", "a link begins with http:// or https://")
		}
	}
	if empty {
		return model.Invalid("empty_message", "there is nothing to send")
	}
	return nil
}

func (h *Simulator) registerPressing(api huma.API) {
	hands := h.cfg.Hands
	type press struct {
		SimPhonePath
		MsgID string `path:"msgid" maxLength:"128"`
		Body  struct {
			Key string `json:"key" minLength:"1" maxLength:"1024"`
		}
	}
	operation(api, post("click", phonePath+"/cards/{msgid}/click", "Press a card's button"),
		func(_ context.Context, in *press) (*nothing, error) {
			return &nothing{}, hands.Press(in.phone(), SimPress{Kind: PressButton, MsgID: in.MsgID, Key: in.Body.Key})
		})
	operation(api, post("clickCardMenu", phonePath+"/cards/{msgid}/menu", "Press an entry of a card's menu"),
		func(_ context.Context, in *press) (*nothing, error) {
			return &nothing{}, hands.Press(in.phone(), SimPress{Kind: PressCardMenu, MsgID: in.MsgID, Key: in.Body.Key})
		})
	type submit struct {
		SimPhonePath
		MsgID string `path:"msgid" maxLength:"128"`
		Body  struct {
			Selected map[string][]string `json:"selected" doc:"Options chosen, by question; what is left out stays as sent"`
		}
	}
	operation(api, post("submit", phonePath+"/cards/{msgid}/submit", "Choose, and press the button"),
		func(_ context.Context, in *submit) (*nothing, error) {
			return &nothing{}, hands.Press(in.phone(), SimPress{Kind: PressSubmit, MsgID: in.MsgID, Selected: in.Body.Selected})
		})
	type menu struct {
		SimPhonePath
		Body struct {
			Key string `json:"key" minLength:"1" maxLength:"1024" doc:"Key, or URL of a button that opens a page"`
		}
	}
	operation(api, post("clickMenu", phonePath+"/menu", "Press a button of the app's menu"),
		func(_ context.Context, in *menu) (*nothing, error) {
			return &nothing{}, hands.Press(in.phone(), SimPress{Kind: PressMenu, Key: in.Body.Key})
		})
}
