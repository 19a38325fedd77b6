package wecomsim

import (
	"errors"
	"fmt"
	"strconv"

	"deskmate/model"
)

// ErrNotPossible is returned for what the app conversation on a phone does not offer.
var ErrNotPossible = errors.New("the app conversation does not offer this")

// Say lets a member write a text to an app. It returns the MsgId, or "" where nothing can
// be sent: the text is empty, or WeCom shows no input box because the app has no callback
// URL, is disabled, or the member does not see it.
func (s *Server) Say(agentID int64, userID, text string) string {
	if text == "" {
		return ""
	}
	return s.write(agentID, userID, "text", func(b *Bubble, w *xmlWriter) {
		b.Text = text
		w.text("Content", text)
	})
}

// SendImage lets a member send a picture; see Say for the result.
func (s *Server) SendImage(agentID int64, userID string, data []byte, filename string) string {
	return s.write(agentID, userID, "image", s.picture(data, filename))
}

// picture writes a picture message.
func (s *Server) picture(data []byte, filename string) func(*Bubble, *xmlWriter) {
	return func(b *Bubble, w *xmlWriter) {
		m := s.keepMedia("image", filename, data, b.At)
		b.Media = m.view()
		w.text("PicUrl", "https://wework.qpic.cn/wwpic/"+m.id+"/0")
		w.text("MediaId", m.id)
	}
}

// SendVoice lets a member send a voice message; see Say for the result.
func (s *Server) SendVoice(agentID int64, userID string, data []byte, filename string) string {
	return s.write(agentID, userID, "voice", func(b *Bubble, w *xmlWriter) {
		m := s.keepMedia("voice", filename, data, b.At)
		b.Media = m.view()
		w.text("MediaId", m.id)
		w.text("Format", "amr")
	})
}

// SendVideo lets a member send a video; see Say for the result.
func (s *Server) SendVideo(agentID int64, userID string, data []byte, filename string) string {
	return s.write(agentID, userID, "video", func(b *Bubble, w *xmlWriter) {
		m := s.keepMedia("video", filename, data, b.At)
		thumb := s.keepMedia("image", filename+".jpg", []byte("\xff\xd8\xff\xe0 a frame of it"), b.At)
		b.Media = m.view()
		w.text("MediaId", m.id)
		w.text("ThumbMediaId", thumb.id)
	})
}

// SendLocation lets a member send a place; see Say for the result.
func (s *Server) SendLocation(agentID int64, userID string, latitude, longitude float64, label string) string {
	return s.write(agentID, userID, "location", func(b *Bubble, w *xmlWriter) {
		b.Title, b.Lat, b.Lon = label, latitude, longitude
		w.decimal("Location_X", latitude)
		w.decimal("Location_Y", longitude)
		w.number("Scale", 16)
		w.text("Label", label)
		w.text("AppType", "wxwork")
	})
}

// SendLink lets a member send a link; see Say for the result.
func (s *Server) SendLink(agentID int64, userID, title, description, address string) string {
	return s.write(agentID, userID, "link", func(b *Bubble, w *xmlWriter) {
		b.Title, b.Desc, b.URL = title, description, address
		w.text("Title", title)
		w.text("Description", description)
		w.text("Url", address)
		w.text("PicUrl", "")
	})
}

// SendFile always fails with ErrNotPossible: files can't be sent to an app.
func (s *Server) SendFile(int64, string, []byte, string) error {
	return fmt.Errorf("send a file: %w", ErrNotPossible)
}

// write shows a member's message on their own phone and calls the app back.
func (s *Server) write(agentID int64, userID, kind string, fill func(*Bubble, *xmlWriter)) string {
	msgID := ""
	_ = s.onPhone(agentID, userID, func(a *app, m *Member) error { // "" says it
		msgID = s.writeOn(a, m, kind, fill)
		return nil
	})
	return msgID
}

// writeOn is write for who was found already. The state is locked.
func (s *Server) writeOn(a *app, m *Member, kind string, fill func(*Bubble, *xmlWriter)) string {
	number := s.messageNumber()
	b := Bubble{MsgID: strconv.FormatInt(number, 10), From: m.UserID, Type: kind, At: s.clock()}
	w := s.envelope(m.UserID, kind)
	fill(&b, w)
	w.number("MsgId", number)
	w.number("AgentID", a.AgentID)
	s.enqueue(a, Delivery{UserID: m.UserID, Kind: kind, MsgID: b.MsgID}, w)
	s.show(a, model.Fold(m.UserID), b, nil)
	return b.MsgID
}

// Enter opens the app's conversation. The app is called back where its entry events are
// ticked.
func (s *Server) Enter(agentID int64, userID string) error {
	return s.onPhone(agentID, userID, func(a *app, m *Member) error {
		s.enter(a, m)
		return nil
	})
}

// EnterAt opens the app's conversation at a place on Earth: beside Enter's, there is a
// LOCATION callback where agent/set switched report_location_flag on. The numbers are
// degrees and metres.
func (s *Server) EnterAt(agentID int64, userID string, latitude, longitude, precision float64) error {
	return s.onPhone(agentID, userID, func(a *app, m *Member) error {
		s.enter(a, m)
		if a.location == 0 {
			return nil
		}
		w := s.envelope(m.UserID, "event")
		w.text("Event", "LOCATION")
		w.decimal("Latitude", latitude)
		w.decimal("Longitude", longitude)
		w.decimal("Precision", precision)
		w.number("AgentID", a.AgentID)
		w.text("AppType", "wxwork")
		s.enqueue(a, Delivery{UserID: m.UserID, Kind: "LOCATION"}, w)
		return nil
	})
}

func (s *Server) enter(a *app, m *Member) {
	if !a.NoEnterEvents {
		s.event(a, m.UserID, "enter_agent")
	}
}

// onPhone runs f for a member who has the app's conversation, with the state locked.
func (s *Server) onPhone(agentID int64, userID string, f func(*app, *Member) error) error {
	return s.withApp(agentID, func(a *app) error {
		m, ok := s.members[model.Fold(userID)]
		switch {
		case !ok:
			return errors.New("there is no such member")
		case !m.present() || !s.sees(a, m):
			return fmt.Errorf("the member does not see app %d", agentID)
		case a.disabled:
			return fmt.Errorf("app %d is disabled", agentID)
		case a.callback == nil:
			return fmt.Errorf("app %d has no callback URL", agentID)
		}
		return f(a, m)
	})
}
