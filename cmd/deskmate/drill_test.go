package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// TestKilledUnderLoad kills one of two servers again and again while people write: every
// message that WeCom was told is taken is answered, in the order of its writer, and nothing
// is answered twice but what was on its way to WeCom when its server died.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	if os.Getenv("DESKMATE_TEST_MYSQL_URL") == "" || os.Getenv("DESKMATE_TEST_REDIS_URL") == "" {
		if inCI() {
			t.Fatal("DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL must name servers in CI")
		}
		t.Skip("DESKMATE_TEST_MYSQL_URL and DESKMATE_TEST_REDIS_URL name no servers")
	}
	const people, each = 40, 6
	w := drillWorld(t, people, each)
	var writing sync.WaitGroup
	for p := range people {
		writing.Go(func() {
			for i := range each {
				w.sim.Say(scriptAgent, benchPerson(p), drillQuestion(i))
				at, _, err := w.sim.Wait(t.Context(), scriptAgent, benchPerson(p), 0, func(b wecomsim.Bubble) bool {
					return b.From == wecomsim.FromApp && b.Text == drillAnswer(i)
				})
				if err != nil || at == 0 {
					t.Errorf("person %d: no answer to question %d: %v", p, i, err)
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() {
		writing.Wait()
		close(done)
	}()
	kills := w.killAgainAndAgain(t, done)
	if err := w.settle(); err != nil {
		t.Fatal(err)
	}
	repeats := w.checkDrill(t, people, each)
	uncertain := 0
	if err := rawDatabase(t, w.env).QueryRowContext(t.Context(), "SELECT COALESCE(SUM(uncertain), 0) FROM outbox").Scan(&uncertain); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d answers, %d kills, %d pushes uncertain, %d answers said twice", people*each, kills, uncertain, repeats)
	if repeats > uncertain {
		t.Errorf("%d answers were said twice, but only %d pushes are counted as uncertain", repeats, uncertain)
	}
}

func drillQuestion(i int) string { return fmt.Sprintf("第%d个问题怎么办", i) }
func drillAnswer(i int) string   { return fmt.Sprintf("答案 %d", i) }

// drillWorld is a desk on MariaDB and Redis that knows the answers, with two servers as
// processes, and people who will write.
func drillWorld(t *testing.T, people, questions int) *world {
	t.Helper()
	w, err := newWorld(t.TempDir(), serverSettings(t)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	knowledge := "标准问题,答案\n"
	for i := range questions {
		knowledge += drillQuestion(i) + "," + drillAnswer(i) + "\n"
	}
	file := w.work + "/kb.csv"
	path, err := w.accountFile("bot: {feedback: false}\n")
	if err == nil {
		err = os.WriteFile(file, []byte(knowledge), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"account", "apply", "-f", path}, {"kb", "import", "--account", scriptKey, file}} {
		if code := w.program(os.Stderr).run(t.Context(), args); code != exitDone {
			t.Fatalf("%v: exit %d", args, code)
		}
	}
	for p := range people {
		if err := w.sim.AddMember(wecomsim.Member{UserID: benchPerson(p), Name: "员工", Departments: []int64{2}}); err != nil {
			t.Fatal(err)
		}
	}
	w.sim.SetFaults(wecomsim.Faults{Latency: 5 * time.Millisecond})
	for _, name := range []string{"a", "b"} {
		if err := w.serveProcess(name); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// killAgainAndAgain kills one server, starts it anew, and then the other, until done; at
// least three times. It returns how often.
func (w *world) killAgainAndAgain(t *testing.T, done <-chan struct{}) (kills int) {
	t.Helper()
	for ; ; kills++ {
		select {
		case <-done:
			if kills >= 3 {
				return kills
			}
		case <-time.After(300 * time.Millisecond):
		}
		name := []string{"a", "b"}[kills%2]
		r, err := w.leave(name)
		if err == nil {
			err = r.kill()
		}
		if err == nil {
			err = w.serveProcess(name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// checkDrill compares what was written with what was answered, and counts the answers
// that somebody saw twice.
func (w *world) checkDrill(t *testing.T, people, each int) (repeats int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	store, acc, err := w.database(ctx)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := store.InboxOf(ctx, acc.ID, 0, 10*people*each)
	if err != nil {
		t.Fatal(err)
	}
	answered := 0
	for _, r := range rows {
		if r.Event.Kind == model.EventMessage && r.Outcome == model.OutcomeAnswered {
			answered++
		}
	}
	if answered != people*each {
		t.Errorf("%d messages were answered, want %d", answered, people*each)
	}
	for p := range people {
		last := -1
		for _, b := range w.sim.Screen(scriptAgent, benchPerson(p)) {
			if b.From != wecomsim.FromApp {
				continue
			}
			switch b.Text {
			case drillAnswer(last + 1):
				last++
			case drillAnswer(last):
				repeats++
			default:
				t.Errorf("person %d sees %q after answer %d", p, b.Text, last)
			}
		}
		if last != each-1 {
			t.Errorf("person %d has %d answers, want %d", p, last+1, each)
		}
	}
	return repeats
}
