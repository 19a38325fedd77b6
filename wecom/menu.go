package wecom

import (
	"context"
	"errors"
	"strings"

	"deskmate/model"
)

// The limits of a menu; lengths in bytes (doc path/90231).
const (
	maxMenu     = 3
	maxSubMenu  = 5
	maxMenuName = 16
	maxSubName  = 40
	maxMenuKey  = 128
	maxMenuURL  = 1024
	noMenu      = 46003 // errcode: there is none
)

// MenuButton is a button of an app's menu: with Sub it opens more buttons, with URL a page,
// and otherwise it sends Key.
type MenuButton struct {
	Name string // ≤ 16 bytes, 5 Chinese characters; below another button ≤ 40
	Key  string // ≤ 128 bytes
	URL  string // ≤ 1024 bytes, http or https
	Sub  []MenuButton
}

// menuPart is a button as WeCom reads it.
type menuPart struct {
	Type string     `json:"type,omitempty"`
	Name string     `json:"name"`
	Key  string     `json:"key,omitempty"`
	URL  string     `json:"url,omitempty"`
	Sub  []menuPart `json:"sub_button,omitempty"`
}

// MenuCreate replaces the menu of the account's app: 1 to 3 buttons, each with up to 5
// below it. A menu that WeCom would refuse is invalid, "bad_menu". People see it after a
// while.
func (c *Client) MenuCreate(ctx context.Context, acc model.Account, buttons []MenuButton) error {
	if len(buttons) < 1 || len(buttons) > maxMenu {
		return badMenu("the menu has %d buttons, 1 to %d are possible", len(buttons), maxMenu)
	}
	var body struct {
		Buttons []menuPart `json:"button"`
	}
	for _, button := range buttons {
		part, err := newMenuButton(button)
		if err != nil {
			return err
		}
		body.Buttons = append(body.Buttons, part)
	}
	return c.call(ctx, acc, request{endpoint: "menu/create", query: agentQuery(acc), body: body}, nil)
}

// MenuDelete takes the menu away; an app that has none is fine.
func (c *Client) MenuDelete(ctx context.Context, acc model.Account) error {
	err := c.call(ctx, acc, request{endpoint: "menu/delete", query: agentQuery(acc)}, nil)
	var api *APIError
	if errors.As(err, &api) && api.Code == noMenu {
		return nil
	}
	return err
}

func newMenuButton(button MenuButton) (menuPart, error) {
	if len(button.Sub) == 0 {
		return newMenuAction(button, maxMenuName)
	}
	part := menuPart{Name: button.Name}
	switch {
	case button.Name == "" || len(button.Name) > maxMenuName:
		return part, badMenu("a button's name must have 1 to %d bytes", maxMenuName)
	case button.Key != "" || button.URL != "":
		return part, badMenu("a button with buttons below it has neither key nor URL")
	case len(button.Sub) > maxSubMenu:
		return part, badMenu("a button has %d buttons below it, %d are possible", len(button.Sub), maxSubMenu)
	}
	for _, below := range button.Sub {
		if len(below.Sub) > 0 {
			return part, badMenu("a menu has two levels")
		}
		sub, err := newMenuAction(below, maxSubName)
		if err != nil {
			return part, err
		}
		part.Sub = append(part.Sub, sub)
	}
	return part, nil
}

// newMenuAction is a button that does something.
func newMenuAction(button MenuButton, maxName int) (menuPart, error) {
	part := menuPart{Name: button.Name, Key: button.Key, URL: button.URL}
	switch {
	case button.Name == "" || len(button.Name) > maxName:
		return part, badMenu("a button's name must have 1 to %d bytes", maxName)
	case (button.Key == "") == (button.URL == ""):
		return part, badMenu("a button needs a key or a URL")
	case len(button.Key) > maxMenuKey:
		return part, badMenu("a button's key must have at most %d bytes", maxMenuKey)
	case button.URL == "":
		part.Type = "click"
	case len(button.URL) > maxMenuURL || !strings.HasPrefix(button.URL, "http://") && !strings.HasPrefix(button.URL, "https://"):
		return part, badMenu("a button's URL must begin with http:// or https:// and have at most %d bytes", maxMenuURL)
	default:
		part.Type = "view"
	}
	return part, nil
}

func badMenu(format string, args ...any) error { return model.Invalid("bad_menu", format, args...) }
