package main

import (
	"context"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// shows WHO TEXT: a card on WHO's screen says TEXT as it is now, or comes to.
func cmdShows(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "shows WHO TEXT")
	w := worldOf(ts)
	var cards []string
	err := within(patience, func(context.Context) (bool, error) {
		cards = nil
		for _, b := range w.sim.Screen(scriptAgent, args[0]) {
			if b.Card != nil {
				cards = append(cards, strings.TrimSpace(words(b)+" "+b.Card.Replaced))
			}
		}
		return slices.ContainsFunc(cards, func(c string) bool { return strings.Contains(c, args[1]) }), nil
	})
	if err != nil {
		ts.Fatalf("no card of %s says %q: %q\n%s", args[0], args[1], cards, w.logs())
	}
}

// race EMPLOYEE CAPTION WHO WHO: both press that button of their last card with it, at once.
// Whom the employee's session belongs to then is in $FIRST, the other one in $SECOND.
func cmdRace(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 4, "race EMPLOYEE CAPTION WHO WHO")
	w := worldOf(ts)
	type press struct{ who, card, key string }
	var presses []press
	for _, who := range args[2:] {
		for _, b := range slices.Backward(w.sim.Screen(scriptAgent, who)) {
			if key := enabled(b, args[1]); key != "" {
				presses = append(presses, press{who, b.MsgID, key})
				break
			}
		}
	}
	if len(presses) != 2 {
		ts.Fatalf("%d have a button %q, want 2", len(presses), args[1])
	}
	for _, p := range presses {
		ts.Check(w.sim.Click(scriptAgent, p.who, p.card, p.key))
	}
	ts.Check(w.settle())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	store, acc, err := w.database(ctx)
	ts.Check(err)
	s, err := store.OpenSession(ctx, acc.ID, model.Fold(args[0]))
	ts.Check(err)
	i := slices.IndexFunc(args[2:], func(who string) bool { return model.Fold(who) == s.Seat })
	if i < 0 {
		ts.Fatalf("the session of %s belongs to %q", args[0], s.Seat)
	}
	ts.Setenv("FIRST", args[2+i])
	ts.Setenv("SECOND", args[3-i])
}

// enabled is the key of a card's button that can be pressed; "" where there is none.
func enabled(b wecomsim.Bubble, caption string) string {
	if b.Card == nil {
		return ""
	}
	for _, button := range b.Card.Buttons {
		if strings.Contains(button.Text, caption) && !button.Disabled {
			return button.Key
		}
	}
	return ""
}
