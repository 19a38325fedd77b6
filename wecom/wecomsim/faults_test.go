package wecomsim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"deskmate/wecom/wecomsim"
)

func TestCallFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		faults wecomsim.Faults
		want   []int // errcodes of three calls in turn; 502 is a status
	}{
		{"busy twice", wecomsim.Faults{SystemBusy: 2}, []int{-1, -1, 0}},
		{"over limit once", wecomsim.Faults{OverLimit: 1}, []int{45009, 0, 0}},
		{"down twice", wecomsim.Faults{Status5xx: 2}, []int{502, 502, 0}},
		{"untrusted until mended", wecomsim.Faults{UntrustedIP: true}, []int{60020, 60020, 60020}},
		{"only elsewhere", wecomsim.Faults{SystemBusy: 2, Only: "user/get"}, []int{0, 0, 0}},
		{"only here", wecomsim.Faults{SystemBusy: 1, Only: "message/send"}, []int{-1, 0, 0}},
		{"slow", wecomsim.Faults{Latency: time.Millisecond}, []int{0, 0, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			e.SetFaults(tt.faults)
			body, err := json.Marshal(text("lisi", "hi"))
			if err != nil {
				t.Fatal(err)
			}
			sent := 0
			for i, want := range tt.want {
				status, data := e.raw(t, http.MethodPost, "message/send", body)
				if want == http.StatusBadGateway {
					if status != want {
						t.Errorf("call %d: status %d", i, status)
					}
					continue
				}
				var reply map[string]any
				if err := json.Unmarshal(data, &reply); err != nil {
					t.Fatal(err)
				}
				refusedNamed(t, tt.name, reply, want)
				if want == 0 {
					sent++
				}
			}
			if n := len(e.Screen(agent, "lisi")); n != sent {
				t.Errorf("%d bubbles, want %d", n, sent)
			}
		})
	}
}

func TestDropAnswers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.SetFaults(wecomsim.Faults{DropAnswers: 1})
	body, err := json.Marshal(text("lisi", "hi"))
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, e.get(t, "agent/list")) // reads keep their answers
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.address("message/send"), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := e.api.Client().Do(req)
	if err == nil {
		resp.Body.Close()
		t.Error("the call got an answer")
	}
	if n := len(e.Screen(agent, "lisi")); n != 1 {
		t.Errorf("%d bubbles, want the one whose answer was lost", n)
	}
	accepted(t, e.call(t, http.MethodPost, "message/send", body))
	if got := e.Counts(); got.Sent != 2 || got.Repeats != 1 {
		t.Errorf("counts %+v", got)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	says := func(word string) func(wecomsim.Bubble) bool {
		return func(b wecomsim.Bubble) bool { return b.Text == word }
	}
	accepted(t, e.post(t, "message/send", text("lisi", "a")))
	first, _ := e.await(t, "LISI", 0, says("a"))
	if first != 1 {
		t.Errorf("the first bubble is at %d", first)
	}
	changed := e.Changed()
	type found struct {
		at  int
		err error
	}
	result := make(chan found, 1)
	go func() {
		at, _, err := e.Wait(t.Context(), agent, "lisi", first, says("a"))
		result <- found{at, err}
	}()
	accepted(t, e.post(t, "message/send", text("lisi", "b")))
	<-changed
	accepted(t, e.post(t, "message/send", text("lisi", "a")))
	if got := <-result; got.err != nil || got.at != 3 {
		t.Errorf("found at %d: %v", got.at, got.err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := e.Wait(ctx, agent, "lisi", 3, says("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended wait gave %v", err)
	}
	if _, _, err := e.Wait(t.Context(), 1, "lisi", 0, says("a")); err == nil {
		t.Error("an unknown app was waited for")
	}
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	var mu sync.Mutex
	var got []wecomsim.TraceEvent
	cancel := e.Subscribe(func(ev wecomsim.TraceEvent) {
		_ = e.Screen(agent, "lisi") // a subscriber may look
		mu.Lock()
		defer mu.Unlock()
		got = append(got, ev)
	})
	msgID := e.Say(agent, "lisi", "secret words")
	d.next(t)
	e.quiet(t)
	accepted(t, e.post(t, "message/send", text("lisi", "hi")))
	cancel()
	accepted(t, e.post(t, "message/send", text("lisi", "nobody listens")))
	mu.Lock()
	defer mu.Unlock()
	kinds := map[wecomsim.TraceKind]int{}
	for _, ev := range got {
		kinds[ev.Kind]++
		if ev.Kind == wecomsim.TraceCallback && ev.MsgID != msgID {
			t.Errorf("event %+v", ev)
		}
	}
	if kinds[wecomsim.TraceCall] != 1 || kinds[wecomsim.TraceBubble] != 2 || kinds[wecomsim.TraceCallback] != 2 {
		t.Errorf("events %+v", got)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	const each = 50
	var all sync.WaitGroup
	for _, id := range []string{"lisi", "zhangsan"} {
		all.Go(func() {
			for range each {
				e.Say(agent, id, "hi")
			}
		})
		all.Go(func() {
			for range each {
				_ = e.Screen(agent, id)
				_ = e.Counts()
				_ = e.Deliveries()
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/cgi-bin/user/get?userid="+id, http.NoBody)
				e.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
	all.Wait()
	e.quiet(t)
	if got := e.Counts(); got.Accepted != 2*each || len(d.got) != 2*each {
		t.Errorf("counts %+v, %d arrived", got, len(d.got))
	}
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
