package wecomsim

// The limits of a menu (doc path/90231); sizes in bytes.
const (
	maxMenuTop     = 3
	maxMenuSub     = 5
	maxMenuTopName = 16
	maxMenuSubName = 40
	maxMenuKey     = 128
	maxMenuURL     = 1024
)

// menu is an app's menu as menu/create takes it and menu/get gives it back.
type menu struct {
	Button []menuButton `json:"button"`
}

type menuButton struct {
	Type     string       `json:"type,omitempty"`
	Name     string       `json:"name"`
	Key      string       `json:"key,omitempty"`
	URL      string       `json:"url,omitempty"`
	AppID    string       `json:"appid,omitempty"`
	PagePath string       `json:"pagepath,omitempty"`
	Sub      []menuButton `json:"sub_button,omitempty"`
}

// menuLevel is what top and sub buttons are refused with.
type menuLevel struct {
	name                                     int // bytes
	badType, badName, badKey, badURL, domain int
}

// menuCreate is menu/create; it replaces the whole menu.
func (s *Server) menuCreate(c *call) (answer, *apiError) {
	if fault := c.ownAgentQuery(); fault != nil {
		return answer{}, fault
	}
	var m menu
	if fault := c.decode(&m); fault != nil {
		return answer{}, fault
	}
	if fault := m.check(); fault != nil {
		return answer{}, fault
	}
	c.app.menu = &m
	s.announce()
	return with(nil), nil
}

// menuGet is menu/get.
func (s *Server) menuGet(c *call) (answer, *apiError) {
	if fault := c.ownAgentQuery(); fault != nil {
		return answer{}, fault
	}
	if c.app.menu == nil {
		return answer{}, refuse(codeNoMenu, "menu no exist")
	}
	return with(map[string]any{"button": c.app.menu.Button}), nil
}

// menuDelete is menu/delete.
func (s *Server) menuDelete(c *call) (answer, *apiError) {
	if fault := c.ownAgentQuery(); fault != nil {
		return answer{}, fault
	}
	c.app.menu = nil
	s.announce()
	return with(nil), nil
}

func (m *menu) check() *apiError {
	top := menuLevel{
		name: maxMenuTopName, badType: codeButtonType, badName: codeButtonName,
		badKey: codeButtonKey, badURL: codeButtonURL, domain: codeMenuDomain,
	}
	sub := menuLevel{
		name: maxMenuSubName, badType: codeSubType, badName: codeSubName,
		badKey: codeSubKey, badURL: codeSubURL, domain: codeSubDomain,
	}
	if len(m.Button) < 1 || len(m.Button) > maxMenuTop {
		return refuse(codeButtonCount, "invalid button size")
	}
	for _, b := range m.Button {
		if len(b.Sub) == 0 {
			if fault := b.check(top); fault != nil {
				return fault
			}
			continue
		}
		if fault := firstFault(b.checkName(top), b.checkParent()); fault != nil {
			return fault
		}
		for _, child := range b.Sub {
			if len(child.Sub) > 0 {
				return refuse(codeMenuDepth, "invalid sub button level")
			}
			if fault := child.check(sub); fault != nil {
				return fault
			}
		}
	}
	return nil
}

// checkParent checks a button that opens others.
func (b *menuButton) checkParent() *apiError {
	if b.Type != "" {
		return refuse(codeButtonType, "invalid button type, a button with sub_button has none")
	}
	if len(b.Sub) > maxMenuSub {
		return refuse(codeSubCount, "invalid sub button size")
	}
	return nil
}

func (b *menuButton) checkName(level menuLevel) *apiError {
	if b.Name == "" {
		return refuse(codeNoMenuName, "missing menu name")
	}
	if len(b.Name) > level.name {
		return refuse(level.badName, "invalid button name size")
	}
	return nil
}

// check checks a button that does something itself.
func (b *menuButton) check(level menuLevel) *apiError {
	if fault := b.checkName(level); fault != nil {
		return fault
	}
	switch b.Type {
	case "view":
		if b.URL == "" || len(b.URL) > maxMenuURL {
			return refuse(level.badURL, "invalid button url size")
		}
		if checkURL(b.URL) != nil {
			return refuse(level.domain, "invalid button url")
		}
		return nil
	case "view_miniprogram":
		if b.PagePath == "" || b.AppID == "" {
			return refuse(codeParameter, "invalid Request Parameter, pagepath and appid")
		}
		return nil
	case "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select":
		if b.Key == "" || len(b.Key) > maxMenuKey {
			return refuse(level.badKey, "invalid button key size")
		}
		return nil
	default:
		return refuse(level.badType, "invalid button type")
	}
}

// MenuItem is one button of an app's menu.
type MenuItem struct {
	Type string // click, view, …; "" for one that opens others
	Name string
	Key  string     // of all but the next two
	URL  string     // of a view; "" for others
	Page string     // pagepath of a view_miniprogram; "" for others
	Sub  []MenuItem // one level
}

// Menu is the app's menu as phones show it; nil where it has none.
func (s *Server) Menu(agentID int64) []MenuItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.apps[agentID]
	if !ok || a.menu == nil {
		return nil
	}
	return menuItems(a.menu.Button)
}

func menuItems(buttons []menuButton) []MenuItem {
	var items []MenuItem
	for _, b := range buttons {
		items = append(items, MenuItem{
			Type: b.Type, Name: b.Name, Key: b.Key, URL: b.URL, Page: b.PagePath, Sub: menuItems(b.Sub),
		})
	}
	return items
}
