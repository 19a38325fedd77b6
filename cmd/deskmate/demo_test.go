package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/handler"
)

// spoken is what a program says, for tests to wait for.
type spoken struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func newSpoken() *spoken { return &spoken{more: make(chan struct{}, 1)} }

// Write never fails.
func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// runningDemo is a demo that stays up.
type runningDemo struct {
	url    string
	said   string
	cancel context.CancelFunc
	ended  chan int
}

func startDemo(t testing.TB, dir string) *runningDemo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	d := &runningDemo{cancel: cancel, ended: make(chan int, 1)}
	out, errs := newSpoken(), &bytes.Buffer{}
	go func() {
		p := program{stdout: out, stderr: errs}
		d.ended <- p.run(ctx, []string{"demo", "--listen", "127.0.0.1:0", "--sim", "127.0.0.1:0", "--dir", dir})
	}()
	t.Cleanup(cancel)
	deadline := time.NewTimer(demoPatience)
	defer deadline.Stop()
	for !strings.Contains(out.String(), "Ctrl-C") {
		select {
		case <-out.more:
		case code := <-d.ended:
			t.Fatalf("the demo ended with %d:\n%s\n%s", code, out, errs)
		case <-deadline.C:
			t.Fatalf("the demo did not come up:\n%s", out)
		}
	}
	d.said = out.String()
	d.url = regexp.MustCompile(`手机与回调　(http://\S+/)`).FindStringSubmatch(d.said)[1]
	return d
}

// stop does what Ctrl-C does.
func (d *runningDemo) stop(t testing.TB) {
	t.Helper()
	d.cancel()
	select {
	case code := <-d.ended:
		if code != exitDone {
			t.Errorf("the demo ended with %d", code)
		}
	case <-time.After(patience):
		t.Error("the demo did not stop")
	}
}

func (d *runningDemo) call(t testing.TB, method, path, body string, into any) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+strings.TrimPrefix(path, "/"), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: patience}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatalf("%s: %v in %.200s", path, err, text)
		}
	}
	return res.StatusCode
}

// answer asks as a member and waits for what the app says.
func (d *runningDemo) answer(t testing.TB, agentID, member, question, want string) {
	t.Helper()
	at := handler.SimPrefix + "/apps/" + agentID + "/members/" + member
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+strings.TrimPrefix(handler.SimPrefix, "/")+"/stream", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := (&http.Client{}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	if status := d.call(t, http.MethodPost, at+"/messages", `{"type":"text","text":"`+question+`"}`, nil); status != http.StatusCreated {
		t.Fatalf("writing was answered with %d", status)
	}
	// Every piece of the stream may be the news that is waited for.
	for buf := make([]byte, 4096); ; {
		var screen handler.SimConversation
		d.call(t, http.MethodGet, at+"/conversation", "", &screen)
		for _, b := range screen.Bubbles {
			if !b.Mine && strings.Contains(b.Text, want) {
				return
			}
		}
		if _, err := stream.Body.Read(buf); err != nil {
			t.Fatalf("no answer with %q: %v", want, err)
		}
	}
}

func TestDemoStaysKeepsItsDataAndStops(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	d := startDemo(t, dir)
	for _, part := range []string{"评价卡片已变为「已评价：不满意」", "Deskmate　　http://127.0.0.1:", dir} {
		if !strings.Contains(d.said, part) {
			t.Errorf("the demo did not say %q:\n%s", part, d.said)
		}
	}
	if status := d.call(t, http.MethodGet, "/", "", nil); status != http.StatusOK {
		t.Errorf("the page is answered with %d", status)
	}
	d.answer(t, "1000003", "wangfang", "年假有几天", "累计工龄")

	var clock handler.SimClock
	d.call(t, http.MethodPost, handler.SimPrefix+"/clock/advance", `{"seconds":86400}`, &clock)
	var traces struct{ Items []handler.SimTrace }
	d.call(t, http.MethodGet, handler.SimPrefix+"/traces?limit=1000", "", &traces)
	secret := demoSecret(demoIT)
	for _, trace := range traces.Items {
		var detail handler.SimTraceDetail
		d.call(t, http.MethodGet, handler.SimPrefix+"/traces/"+jsonNumber(trace.ID), "", &detail)
		if detail.Request == "" || strings.Contains(detail.Request+detail.Response, secret) {
			t.Errorf("%s %s: request %q, response %q", trace.Kind, trace.Name, detail.Request, detail.Response)
		}
	}
	d.stop(t)

	again := startDemo(t, dir)
	if strings.Contains(again.said, "已评价") || !strings.Contains(again.said, "沿用") {
		t.Errorf("the second start played again:\n%s", again.said)
	}
	var later handler.SimClock
	again.call(t, http.MethodGet, handler.SimPrefix+"/clock", "", &later)
	if later.Now.Before(clock.Now) {
		t.Errorf("time ran back from %s to %s", clock.Now, later.Now)
	}
	again.answer(t, "1000002", "chenchen", "打印机卡纸了怎么办", "打开前盖")
	again.stop(t)
}

func jsonNumber(n int64) string {
	text, _ := json.Marshal(n)
	return string(text)
}

func TestDemoOncePlaysTheWholeConversation(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := (program{stdout: &out, stderr: &errs}).run(t.Context(), []string{"demo", "--once"}); code != exitDone {
		t.Fatalf("exit %d:\n%s\n%s", code, &out, &errs)
	}
	if !strings.HasSuffix(out.String(), "（评价卡片已变为「已评价：不满意」）\n") {
		t.Errorf("the conversation ended otherwise:\n%s", &out)
	}
}

func TestDemoListensNearAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	near, err := listenNear(t.Context(), taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = near.Close() }()
	if near.Addr().String() == taken.Addr().String() {
		t.Errorf("both listen at %s", near.Addr())
	}
}

func TestDemoSimulatorStaysOnThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{":8081", "0.0.0.0:8081", "192.0.2.1:8081", "example.com:80", "8081"} {
		var errs bytes.Buffer
		args := []string{"demo", "--sim", address, "--dir", filepath.Join(t.TempDir(), "demo")}
		if code := (program{stdout: &bytes.Buffer{}, stderr: &errs}).run(t.Context(), args); code != exitUsage {
			t.Errorf("%s: exit %d: %s", address, code, &errs)
		}
	}
}
