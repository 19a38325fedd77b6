package main

import (
	"time"

	"deskmate/handler"
	"deskmate/wecom/wecomsim"
)

func viewMenu(items []wecomsim.MenuItem) []handler.SimMenuItem {
	list := []handler.SimMenuItem{}
	for _, it := range items {
		list = append(list, handler.SimMenuItem{Name: it.Name, Key: it.Key, URL: it.URL, Sub: viewMenu(it.Sub)})
	}
	return list
}

func viewBubble(b wecomsim.Bubble) handler.SimBubble {
	v := handler.SimBubble{
		MsgID: b.MsgID, Mine: b.From != wecomsim.FromApp, Type: b.Type, At: b.At, Text: b.Text, Title: b.Title,
		Desc: b.Desc, URL: b.URL, Articles: viewArticles(b.Articles), Latitude: b.Lat, Longitude: b.Lon, Recalled: b.Recalled,
	}
	if b.Media != nil {
		v.Media = &handler.SimMedia{ID: b.Media.ID, Name: b.Media.Name, Bytes: b.Media.Size}
	}
	if b.Card != nil {
		v.Card = viewCard(b.Card)
	}
	return v
}

func viewArticles(articles []wecomsim.Article) []handler.SimArticle {
	var list []handler.SimArticle
	for _, a := range articles {
		list = append(list, handler.SimArticle{Title: a.Title, Desc: a.Desc, URL: a.URL, PicURL: a.PicURL})
	}
	return list
}

func viewCard(c *wecomsim.CardView) *handler.SimCard {
	v := &handler.SimCard{
		Kind: c.Kind, Source: c.Source, Title: c.Title, Desc: c.Desc, Quote: c.Quote, Emphasis: c.Emphasis, Body: c.Body,
		ImageURL: c.ImageURL, URL: c.URL, Lines: viewArticles(c.Lines), Buttons: viewButtons(c.Buttons),
		Menu: viewButtons(c.Menu), Replaced: c.Replaced, Failed: c.Failed,
	}
	for _, f := range c.Fields {
		v.Fields = append(v.Fields, handler.SimCardField{Name: f.Name, Value: f.Value, URL: f.URL})
	}
	for _, l := range c.Links {
		v.Links = append(v.Links, handler.SimCardField{Name: l.Title, URL: l.URL})
	}
	for _, choice := range c.Choices {
		options := []handler.SimCardOption{}
		for _, o := range choice.Options {
			options = append(options, handler.SimCardOption{ID: o.ID, Text: o.Text, Checked: o.Checked})
		}
		v.Choices = append(v.Choices, handler.SimCardChoice{
			Key: choice.Key, Title: choice.Title, Multi: choice.Multi, Disabled: choice.Disabled, Options: options,
		})
	}
	if c.Submit != nil {
		v.Submit = &viewButtons([]wecomsim.CardButton{*c.Submit})[0]
	}
	return v
}

func viewButtons(buttons []wecomsim.CardButton) []handler.SimCardButton {
	var list []handler.SimCardButton
	for _, b := range buttons {
		list = append(list, handler.SimCardButton{Key: b.Key, Text: b.Text, URL: b.URL, Style: b.Style, Disabled: b.Disabled})
	}
	return list
}

// Faults are what goes wrong.
func (s *simulator) Faults() handler.SimFaults {
	f := s.sim.Faults()
	return handler.SimFaults{
		Only: f.Only, LatencyMS: f.Latency.Milliseconds(), Status5xx: f.Status5xx, SystemBusy: f.SystemBusy,
		OverLimit: f.OverLimit, DropAnswers: f.DropAnswers, UntrustedIP: f.UntrustedIP,
		CallbackDelayMS: f.CallbackDelay.Milliseconds(), CallbackDuplicate: f.CallbackDuplicate,
		CallbackReorder: f.CallbackReorder, CallbackLose: f.CallbackLose,
	}
}

// SetFaults lets things go wrong, and every open page know.
func (s *simulator) SetFaults(f handler.SimFaults) {
	s.sim.SetFaults(wecomsim.Faults{
		Only: f.Only, Latency: time.Duration(f.LatencyMS) * time.Millisecond, Status5xx: f.Status5xx,
		SystemBusy: f.SystemBusy, OverLimit: f.OverLimit, DropAnswers: f.DropAnswers, UntrustedIP: f.UntrustedIP,
		CallbackDelay:     time.Duration(f.CallbackDelayMS) * time.Millisecond,
		CallbackDuplicate: f.CallbackDuplicate, CallbackReorder: f.CallbackReorder, CallbackLose: f.CallbackLose,
	})
	s.log.add(handler.SimEvent{World: &handler.SimWorldChanged{Clock: s.Clock()}}, wire{})
}

// Clock is the time of the corp.
func (s *simulator) Clock() handler.SimClock {
	return handler.SimClock{Now: s.clock.now(), AheadSeconds: int64(s.clock.aheadBy() / time.Second)}
}

// Advance moves the time of the corp and of Deskmate on.
func (s *simulator) Advance(by time.Duration) (handler.SimClock, error) {
	if err := s.advance(by); err != nil {
		return handler.SimClock{}, err
	}
	s.log.add(handler.SimEvent{World: &handler.SimWorldChanged{Clock: s.Clock()}}, wire{})
	return s.Clock(), nil
}

// ExpireTokens lets every access_token lapse.
func (s *simulator) ExpireTokens() { s.sim.ExpireTokens() }
