package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/llm/llmtest"
	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// want ends the script when the command was not written as it must be.
func want(ts *testscript.TestScript, neg, ok bool, usage string) {
	if neg || !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

// account [FILE]: applies the account, with the keys of FILE in place of the fixed ones.
func cmdAccount(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) <= 1, "account [FILE]")
	w := worldOf(ts)
	own := ""
	if len(args) == 1 {
		own = ts.ReadFile(args[0])
	}
	path, err := w.accountFile(own)
	ts.Check(err)
	var out strings.Builder
	if code := w.program(&out).run(context.Background(), []string{"account", "apply", "-f", path}); code != exitDone {
		ts.Fatalf("account apply: %s", out.String())
	}
}

// serve [-process] NAME: starts a server.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1 || (len(args) == 2 && args[0] == "-process"), "serve [-process] NAME")
	w := worldOf(ts)
	if len(args) == 2 {
		ts.Check(w.serveProcess(args[1]))
		return
	}
	ts.Check(w.serve(args[0]))
}

// quit NAME: ends a server as an operator does; it must end without an error.
func cmdQuit(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "quit NAME")
	r, err := worldOf(ts).leave(args[0])
	ts.Check(err)
	ts.Check(r.stop())
}

// kill9 NAME: kill -9.
func cmdKill(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "kill9 NAME")
	r, err := worldOf(ts).leave(args[0])
	ts.Check(err)
	ts.Check(r.kill())
}

// say WHO TEXT: a member writes.
func cmdSay(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "say WHO TEXT")
	worldOf(ts).sim.Say(scriptAgent, args[0], strings.ReplaceAll(args[1], `\n`, "\n"))
}

// send image|voice|video|location|link WHO: a member sends something else than text.
func cmdSend(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "send image|voice|video|location|link WHO")
	sim, who := worldOf(ts).sim, args[1]
	switch args[0] {
	case "image":
		sim.SendImage(scriptAgent, who, []byte("\xff\xd8\xff\xe0 a small picture"), "p.jpg")
	case "voice":
		sim.SendVoice(scriptAgent, who, []byte("#!AMR\n a word"), "v.amr")
	case "video":
		sim.SendVideo(scriptAgent, who, []byte("\x00\x00\x00\x18ftypmp42 moving"), "v.mp4")
	case "location":
		sim.SendLocation(scriptAgent, who, 39.9042, 116.4074, "东城区")
	case "link":
		sim.SendLink(scriptAgent, who, "报销制度", "2026 版", "https://example.com/rules")
	default:
		ts.Fatalf("nothing is called %q", args[0])
	}
}

// enter WHO: opens the conversation.
func cmdEnter(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "enter WHO")
	ts.Check(worldOf(ts).sim.Enter(scriptAgent, args[0]))
}

// menu WHO KEY: presses a button of the app's menu, once it is there.
func cmdMenu(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "menu WHO KEY")
	w := worldOf(ts)
	ts.Check(within(patience, func(context.Context) (bool, error) {
		err := w.sim.ClickMenu(scriptAgent, args[0], args[1])
		return err == nil, err
	}))
}

// click WHO CAPTION: presses that button on the last card that has it.
func cmdClick(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "click WHO CAPTION")
	sim, who := worldOf(ts).sim, args[0]
	for _, b := range slices.Backward(sim.Screen(scriptAgent, who)) {
		if b.Card == nil {
			continue
		}
		for _, button := range b.Card.Buttons {
			if strings.Contains(button.Text, args[1]) && !button.Disabled {
				ts.Check(sim.Click(scriptAgent, who, b.MsgID, button.Key))
				return
			}
		}
	}
	ts.Fatalf("%s has no card with a button %q", who, args[1])
}

// submit WHO OPTION...: chooses options of the last card with a choice, and submits.
func cmdSubmit(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) >= 1, "submit WHO OPTION...")
	sim, who := worldOf(ts).sim, args[0]
	for _, b := range slices.Backward(sim.Screen(scriptAgent, who)) {
		if b.Card == nil || len(b.Card.Choices) == 0 {
			continue
		}
		choice := b.Card.Choices[0]
		var ids []string
		for _, o := range choice.Options {
			if slices.Contains(args[1:], o.Text) {
				ids = append(ids, o.ID)
			}
		}
		ts.Check(sim.Submit(scriptAgent, who, b.MsgID, map[string][]string{choice.Key: ids}))
		return
	}
	ts.Fatalf("%s has no card to submit", who)
}

// sees WHO TEXT: the next thing WHO gets from the app says TEXT.
func cmdSees(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "sees WHO TEXT")
	b := nextBubble(ts, args[0], func(wecomsim.Bubble) bool { return true })
	if !says(b, args[1]) {
		ts.Fatalf("%s sees %q, want %q", args[0], words(b), args[1])
	}
}

// finds WHO TEXT: WHO gets something that says TEXT, whatever comes before it.
func cmdFinds(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "finds WHO TEXT")
	nextBubble(ts, args[0], func(b wecomsim.Bubble) bool { return says(b, args[1]) })
}

// card WHO TEXT: when all is quiet, a card that WHO has says TEXT, changed since or not.
func cmdCard(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "card WHO TEXT")
	cmdSettle(ts, false, nil)
	var cards []string
	for _, b := range worldOf(ts).sim.Screen(scriptAgent, args[0]) {
		if b.Card != nil {
			cards = append(cards, words(b)+" "+b.Card.Replaced)
		}
	}
	if !slices.ContainsFunc(cards, func(card string) bool { return strings.Contains(card, args[1]) }) {
		ts.Fatalf("%s's cards show %q, none %q", args[0], cards, args[1])
	}
}

// recalled WHO TEXT: what the app sent WHO with this TEXT was taken back.
func cmdRecalled(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "recalled WHO TEXT")
	for _, b := range worldOf(ts).sim.Screen(scriptAgent, args[0]) {
		if b.From == wecomsim.FromApp && b.Text == args[1] && b.Recalled {
			return
		}
	}
	ts.Fatalf("%s can still read %q", args[0], args[1])
}

func nextBubble(ts *testscript.TestScript, who string, match func(wecomsim.Bubble) bool) wecomsim.Bubble {
	w := worldOf(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	at, b, err := w.sim.Wait(ctx, scriptAgent, who, w.cursors[who], func(b wecomsim.Bubble) bool {
		return b.From == wecomsim.FromApp && match(b)
	})
	if err != nil {
		var shown []string
		for _, b := range w.sim.Screen(scriptAgent, who)[w.cursors[who]:] {
			shown = append(shown, words(b))
		}
		ts.Fatalf("%v; since the last look: %q\n%s", err, shown, w.logs())
	}
	w.cursors[who] = at
	return b
}

// logs are what the servers wrote, for whoever reads a failure.
func (w *world) logs() string {
	var out strings.Builder
	for _, r := range w.replicas {
		out.WriteString("--- " + r.name + "\n" + r.log.String())
	}
	return out.String()
}

// nothing WHO: when all work is done, WHO has got nothing that was not looked at.
func cmdNothing(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "nothing WHO")
	w := worldOf(ts)
	ts.Check(w.settle())
	for _, b := range w.sim.Screen(scriptAgent, args[0])[w.cursors[args[0]]:] {
		if b.From == wecomsim.FromApp {
			ts.Fatalf("%s sees %q, want nothing", args[0], words(b))
		}
	}
}

// elapse DURATION: so much time passes.
func cmdElapse(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "elapse DURATION")
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	worldOf(ts).clock.advance(d)
}

// at HH:MM: time passes until clocks show this in the business time zone.
func cmdAt(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "at HH:MM")
	ts.Check(worldOf(ts).clock.advanceTo(args[0]))
}

// drain: time passes, a minute at a time, until all work is done.
func cmdDrain(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "drain")
	w := worldOf(ts)
	const minutes = 10
	for range minutes {
		if w.settleWithin(time.Second) == nil {
			return
		}
		w.clock.advance(time.Minute)
	}
	ts.Check(w.settle())
}

// state WHO STATE: WHO's session is, or becomes, bot, queued, serving; or closed: none is open.
func cmdState(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "state WHO STATE")
	w := worldOf(ts)
	got := "?"
	err := within(patience, func(ctx context.Context) (bool, error) {
		store, acc, err := w.database(ctx)
		if err != nil {
			return false, err
		}
		s, err := store.OpenSession(ctx, acc.ID, model.Fold(args[0]))
		got = string(s.State)
		if model.CodeOf(err) == model.CodeNotFound {
			got, err = string(model.StateClosed), nil
		}
		return err == nil && got == args[1], err
	})
	if err != nil {
		ts.Fatalf("the session of %s is %s, want %s: %v\n%s", args[0], got, args[1], err, w.logs())
	}
}

// outcomes WHO OUTCOME...: what became of each thing WHO did, in order.
func cmdOutcomes(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) >= 1, "outcomes WHO OUTCOME...")
	w := worldOf(ts)
	ts.Check(w.settle())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	store, acc, err := w.database(ctx)
	ts.Check(err)
	rows, err := store.InboxOf(ctx, acc.ID, 0, 1000)
	ts.Check(err)
	var got []string
	for _, r := range rows {
		if r.Lane == model.PersonLane(acc.ID, args[0]) && r.Event.Kind == model.EventMessage {
			got = append(got, string(r.Outcome))
		}
	}
	if !slices.Equal(got, args[1:]) {
		ts.Fatalf("outcomes of %s: %q, want %q", args[0], got, args[1:])
	}
}

// settle: all work is done.
func cmdSettle(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "settle")
	w := worldOf(ts)
	if err := w.settle(); err != nil {
		ts.Fatalf("%v\n%s", err, w.logs())
	}
}

// fault NAME=VALUE...: what goes wrong from now on; without names nothing does.
func cmdFault(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, true, "fault NAME=VALUE...")
	var f wecomsim.Faults
	numbers := map[string]*int{
		"5xx": &f.Status5xx, "busy": &f.SystemBusy, "drop-answers": &f.DropAnswers, "over-limit": &f.OverLimit,
		"duplicate": &f.CallbackDuplicate, "reorder": &f.CallbackReorder, "lose": &f.CallbackLose,
	}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "only":
			f.Only = value
			continue
		case "latency":
			d, err := time.ParseDuration(value)
			ts.Check(err)
			f.Latency = d
			continue
		case "delay":
			d, err := time.ParseDuration(value)
			ts.Check(err)
			f.CallbackDelay = d
			continue
		}
		n, err := strconv.Atoi(value)
		if numbers[name] == nil || err != nil {
			ts.Fatalf("there is no fault %q", arg)
		}
		*numbers[name] = n
	}
	worldOf(ts).sim.SetFaults(f)
}

// count dropped|repeats|lost N: how often something happened so far.
func cmdCount(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "count NAME N")
	c := worldOf(ts).sim.Counts()
	got, ok := map[string]int{"dropped": c.Dropped, "repeats": c.Repeats, "lost": c.Lost, "invalid-replies": c.InvalidReplies}[args[0]]
	if !ok {
		ts.Fatalf("nothing is counted as %q", args[0])
	}
	if strconv.Itoa(got) != args[1] {
		ts.Fatalf("%s: %d, want %s", args[0], got, args[1])
	}
}

// tokens expire|invalidate: WeCom ends every access token early.
func cmdTokens(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "tokens expire|invalidate")
	switch args[0] {
	case "expire":
		worldOf(ts).sim.ExpireTokens()
	case "invalidate":
		worldOf(ts).sim.InvalidateTokens()
	default:
		ts.Fatalf("tokens expire or invalidate, not %q", args[0])
	}
}

// burst WHO N FORMAT: WHO writes N messages at once; %d in FORMAT is the number.
func cmdBurst(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "burst WHO N FORMAT")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := 1; i <= n; i++ {
		worldOf(ts).sim.Say(scriptAgent, args[0], fmt.Sprintf(args[2], i))
	}
}

// numbered WHO N FORMAT: WHO has got N lines of this form, in order and each once, in
// however many messages.
func cmdNumbered(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "numbered WHO N FORMAT")
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	lines := []string{args[0]}
	for i := 1; i <= n; i++ {
		lines = append(lines, fmt.Sprintf(args[2], i))
	}
	cmdLines(ts, neg, lines)
}

// lines WHO LINE...: WHO has got exactly these lines, in however many messages.
func cmdLines(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "lines WHO LINE...")
	if got := newLines(ts, args[0]); !slices.Equal(got, args[1:]) {
		ts.Fatalf("%s got the lines %q", args[0], got)
	}
}

// bag WHO LINE...: when all work is done, WHO has got exactly these lines, in any order.
func cmdBag(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "bag WHO LINE...")
	ts.Check(worldOf(ts).settle())
	got := newLines(ts, args[0])
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(args[1:]))) {
		ts.Fatalf("%s got the lines %q", args[0], got)
	}
}

// newLines are the lines that WHO has got since the last look.
func newLines(ts *testscript.TestScript, who string) []string {
	w := worldOf(ts)
	screen := w.sim.Screen(scriptAgent, who)
	var got []string
	for _, b := range screen[w.cursors[who]:] {
		if b.From == wecomsim.FromApp {
			got = append(got, strings.Split(b.Text, "\n")...)
		}
	}
	w.cursors[who] = len(screen)
	return got
}

// until WHO TEXT ANSWER: WHO asks TEXT again and again until the answer says ANSWER: a
// change becomes live.
func cmdUntil(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "until WHO TEXT ANSWER")
	w := worldOf(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pause := time.NewTicker(200 * time.Millisecond) // slower than WeCom's limit for one receiver
	defer pause.Stop()
	const tries = 15 // the promise is a second; machines under test are slow
	for range tries {
		w.sim.Say(scriptAgent, args[0], args[1])
		at, b, err := w.sim.Wait(ctx, scriptAgent, args[0], w.cursors[args[0]], func(b wecomsim.Bubble) bool {
			return b.From == wecomsim.FromApp
		})
		ts.Check(err)
		w.cursors[args[0]] = at
		if says(b, args[2]) {
			return
		}
		<-pause.C
	}
	ts.Fatalf("%s still does not see %q", args[0], args[2])
}

// move WHO DEPARTMENT: WHO changes the department; WeCom tells by an event.
func cmdMove(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "move WHO DEPARTMENT")
	id, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(worldOf(ts).sim.AddMember(wecomsim.Member{UserID: args[0], Name: args[0], Departments: []int64{id}}))
}

// visible WHO...: the app's visible range is these members.
func cmdVisible(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 0, "visible WHO...")
	ts.Check(worldOf(ts).sim.SetVisible(scriptAgent, args, nil))
}

// public: tells the program, and servers that start later, where it is reached.
func cmdPublic(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "public")
	w := worldOf(ts)
	ts.Setenv("DESKMATE_PUBLIC_URL", w.front.URL)
	w.env = append(w.env, "DESKMATE_PUBLIC_URL="+w.front.URL)
	if len(w.replicas) > 0 {
		ts.Setenv("DESKMATE_LISTEN", w.replicas[0].addr)
	}
}

// accepted N: so many callbacks were acknowledged.
func cmdAccepted(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "accepted N")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(within(patience, func(context.Context) (bool, error) { return worldOf(ts).sim.Counts().Accepted >= n, nil }))
}

// blob NAME FILE TYPE: stores a picture or file for answers; its id is in the variable NAME.
// blob delete NAME: it is there no longer.
func cmdBlob(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3 || (len(args) == 2 && args[0] == "delete"), "blob NAME FILE TYPE | blob delete NAME")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	store, acc, err := worldOf(ts).database(ctx)
	ts.Check(err)
	if args[0] == "delete" {
		id, err := strconv.ParseUint(ts.Getenv(args[1]), 10, 64)
		ts.Check(err)
		ts.Check(store.DeleteBlob(ctx, acc.ID, id))
		return
	}
	b, err := store.PutBlob(ctx, model.Blob{AccountID: acc.ID, Kind: model.BlobMedia, Name: args[1], Type: args[2]},
		strings.NewReader("\xff\xd8\xff\xe0 a small picture"))
	ts.Check(err)
	ts.Setenv(args[0], strconv.FormatUint(b.ID, 10))
}

// model BEHAVIOUR: the language model answers so from now on: polite, number (it changes one),
// stall or fail. The first use connects servers that start later to it.
func cmdModel(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "model polite|number|stall|fail")
	behaviours := map[string]llmtest.Behaviour{
		"polite": llmtest.Polite(), "number": llmtest.LieNumbers(), "stall": llmtest.Stall(),
		"fail": llmtest.Fail(http.StatusInternalServerError, "overloaded"),
	}
	behaviour, ok := behaviours[args[0]]
	if !ok {
		ts.Fatalf("no model behaves like %q", args[0])
	}
	w := worldOf(ts)
	if w.model == nil {
		w.model = llmtest.Start()
		w.env = append(w.env, "DESKMATE_LLM_BASE_URL="+w.model.URL, "DESKMATE_LLM_MODEL=test")
	}
	w.model.Behave(behaviour)
}

// modelsaw N TEXT...: the model was asked N times so far, and its last prompt has these texts;
// with ! in front of a text, it has it not.
func cmdModelSaw(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) >= 1, "modelsaw N [!]TEXT...")
	calls := worldOf(ts).model.Calls()
	if strconv.Itoa(len(calls)) != args[0] {
		ts.Fatalf("the model was asked %d times, want %s", len(calls), args[0])
	}
	for _, text := range args[1:] {
		text, absent := strings.CutPrefix(text, "!")
		if strings.Contains(calls[len(calls)-1].User, text) == absent {
			ts.Fatalf("%q in the prompt must be %t: %q", text, !absent, calls[len(calls)-1].User)
		}
	}
}
