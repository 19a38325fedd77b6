package wecomsim

import (
	"crypto/md5" //nolint:gosec // WeCom names pictures by their MD5
	"encoding/hex"
	"fmt"
	"slices"
)

// ClickMenu presses a button of the app's menu: a click by its key, a view by its url, a
// view_miniprogram by its page. It fails where the menu has no such button.
func (s *Server) ClickMenu(agentID int64, userID, key string) error {
	return s.pressMenu(agentID, userID, key, func(b menuButton) bool {
		switch b.Type {
		case "click":
			return b.Key == key
		case "view":
			return b.URL == key
		default:
			return b.Type == "view_miniprogram" && b.PagePath == key
		}
	}, nil)
}

// ScanMenu presses a button that scans, scancode_push or scancode_waitmsg, in front of a QR
// code that says result.
func (s *Server) ScanMenu(agentID int64, userID, key, result string) error {
	return s.pressMenu(agentID, userID, key, ofType(key, "scancode_push", "scancode_waitmsg"), func(w *xmlWriter) {
		w.group("ScanCodeInfo", func() {
			w.text("ScanType", "qrcode")
			w.text("ScanResult", result)
		})
	})
}

// PhotoMenu presses a button that sends pictures, pic_sysphoto, pic_photo_or_album or
// pic_weixin. The event names the pictures; each follows as a message of its own.
func (s *Server) PhotoMenu(agentID int64, userID, key string, pictures ...[]byte) error {
	kinds := []string{"pic_sysphoto", "pic_photo_or_album", "pic_weixin"}
	err := s.pressMenu(agentID, userID, key, ofType(key, kinds...), func(w *xmlWriter) {
		w.group("SendPicsInfo", func() {
			w.number("Count", int64(len(pictures)))
			w.group("PicList", func() {
				for _, data := range pictures {
					sum := md5.Sum(data) //nolint:gosec // WeCom names pictures by their MD5
					w.group("item", func() { w.text("PicMd5Sum", hex.EncodeToString(sum[:])) })
				}
			})
		})
	})
	if err != nil {
		return err
	}
	return s.onPhone(agentID, userID, func(a *app, m *Member) error {
		for i, data := range pictures {
			s.writeOn(a, m, "image", s.picture(data, fmt.Sprintf("photo%d.jpg", i+1)))
		}
		return nil
	})
}

// LocateMenu presses a button of the type location_select and picks a place; label is its
// address, poi its name.
func (s *Server) LocateMenu(agentID int64, userID, key string, latitude, longitude float64, label, poi string) error {
	return s.pressMenu(agentID, userID, key, ofType(key, "location_select"), func(w *xmlWriter) {
		w.group("SendLocationInfo", func() {
			w.decimal("Location_X", latitude)
			w.decimal("Location_Y", longitude)
			w.number("Scale", 16)
			w.text("Label", label)
			w.text("Poiname", poi)
		})
		w.text("AppType", "wxwork")
	})
}

// ofType finds a button by its key, among those of some types.
func ofType(key string, types ...string) func(menuButton) bool {
	return func(b menuButton) bool { return b.Key == key && slices.Contains(types, b.Type) }
}

// pressMenu calls the app back with the event of a button; details may be nil.
func (s *Server) pressMenu(
	agentID int64, userID, key string, match func(menuButton) bool, details func(*xmlWriter),
) error {
	return s.onPhone(agentID, userID, func(a *app, m *Member) error {
		b, ok := a.menu.find(match)
		if !ok {
			return fmt.Errorf("the menu of app %d has no such button", agentID)
		}
		w := s.envelope(m.UserID, "event")
		w.text("Event", b.Type)
		w.text("EventKey", key)
		if details != nil {
			details(w)
		}
		w.number("AgentID", a.AgentID)
		s.enqueue(a, Delivery{UserID: m.UserID, Kind: b.Type}, w)
		return nil
	})
}

// find gives the first button that does something itself and matches.
func (m *menu) find(match func(menuButton) bool) (menuButton, bool) {
	if m == nil {
		return menuButton{}, false
	}
	for _, top := range m.Button {
		for _, b := range slices.Concat([]menuButton{top}, top.Sub) {
			if len(b.Sub) == 0 && match(b) {
				return b, true
			}
		}
	}
	return menuButton{}, false
}
