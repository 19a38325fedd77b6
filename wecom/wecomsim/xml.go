package wecomsim

import (
	"strconv"
	"strings"
)

// xmlWriter builds the XML of a callback: texts as CDATA, numbers bare.
type xmlWriter struct{ b strings.Builder }

// text writes an element with a text.
func (w *xmlWriter) text(name, value string) {
	value = strings.Map(xmlRune, value)
	w.raw(name, "<![CDATA["+strings.ReplaceAll(value, "]]>", "]]]]><![CDATA[>")+"]]>")
}

// number writes an element with a whole number.
func (w *xmlWriter) number(name string, value int64) { w.raw(name, strconv.FormatInt(value, 10)) }

// decimal writes an element with a decimal number.
func (w *xmlWriter) decimal(name string, value float64) {
	w.raw(name, strconv.FormatFloat(value, 'f', -1, 64))
}

// group writes an element that holds others.
func (w *xmlWriter) group(name string, fill func()) {
	w.b.WriteString("<" + name + ">")
	fill()
	w.b.WriteString("</" + name + ">")
}

func (w *xmlWriter) raw(name, value string) {
	w.b.WriteString("<" + name + ">" + value + "</" + name + ">")
}

// document is everything written, as one XML document.
func (w *xmlWriter) document() string { return "<xml>" + w.b.String() + "</xml>" }

// xmlRune drops the characters that XML can't hold.
func xmlRune(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return r
	case r < ' ', r == 0xFFFE, r == 0xFFFF:
		return -1
	}
	return r
}

// envelope begins a callback from a member, or from "sys". The state is locked.
func (s *Server) envelope(from, msgType string) *xmlWriter {
	w := &xmlWriter{}
	w.text("ToUserName", s.corpID)
	w.text("FromUserName", from)
	w.number("CreateTime", s.clock().Unix())
	w.text("MsgType", msgType)
	return w
}

// event calls an app back with an event that says no more than its name. The state is
// locked.
func (s *Server) event(a *app, from, name string) {
	w := s.envelope(from, "event")
	w.text("Event", name)
	w.text("EventKey", "")
	w.number("AgentID", a.AgentID)
	s.enqueue(a, Delivery{UserID: from, Kind: name}, w)
}
