package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// smallTask is a knowledge base in which every engine must find its way.
func smallTask() task {
	return task{
		name: "small",
		entries: []entry{
			{"leave", "年假有几天", []string{"年休假的天数怎么算"}},
			{"expense", "差旅费怎么报销", []string{"出差回来怎么报账"}},
			{"vpn", "VPN连接不上怎么办", nil},
			{"printer", "打印机卡纸怎么处理", nil},
		},
		queries: []query{
			{"我的年假还有几天", ptr("leave"), "in"},
			{"出差回来的差旅费怎么报", ptr("expense"), "in"},
			{"在家vpn连接不上", ptr("vpn"), "in"},
			{"打印机又卡纸了", ptr("printer"), "in"},
			{"hello world", nil, "oos-far"},
			{`"；' OR 1=1 -- *`, nil, "oos-far"},
		},
	}
}

func TestEngines(t *testing.T) {
	t.Parallel()
	s := settings{mysqlURL: os.Getenv("DESKMATE_TEST_MYSQL_URL")}
	if s.mysqlURL == "" && os.Getenv("CI") == "true" {
		t.Fatal("DESKMATE_TEST_MYSQL_URL is not set")
	}
	engines, err := plainEngines(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			tk := smallTask()
			results, err := e.answer(t.Context(), tk)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "results.jsonl")
			if err := writeResults(path, results); err != nil {
				t.Fatal(err)
			}
			read, err := readResults(path, tk)
			if err != nil {
				t.Fatal(err)
			}
			if got := measure(tk.queries, read); got.Recall1 != 1 || got.P99MS <= 0 {
				t.Errorf("got %+v, want the right entry first every time, and a latency", got)
			}
		})
	}
}

func TestBigrams(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":               nil,
		"年假天数":           {"假天", "天数", "年假"},
		"VPN连不上，在 Win11": {"vpn", "win11", "不上", "在", "连不"},
		"年假年假":           {"假年", "年假"},
	} {
		if got := bigrams(text); !slices.Equal(got, want) {
			t.Errorf("bigrams(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestReadResults_refuses(t *testing.T) {
	t.Parallel()
	tk := smallTask()
	tk.queries = tk.queries[:2]
	first, second := tk.queries[0].Query, tk.queries[1].Query
	for name, lines := range map[string][]result{
		"too few lines":     {{Query: first}},
		"another query":     {{Query: second}, {Query: first}},
		"an unknown entry":  {{Query: first, Results: []hit{{"nobody", 1}}}, {Query: second}},
		"unranked":          {{Query: first, Results: []hit{{"vpn", 1}, {"leave", 2}}}, {Query: second}},
		"answered on some":  {{Query: first, Answered: ptr(true)}, {Query: second}},
		"answered, not all": {{Query: first}, {Query: second, Answered: ptr(false)}},
	} {
		path := filepath.Join(t.TempDir(), "results.jsonl")
		if err := writeResults(path, lines); err != nil {
			t.Fatal(err)
		}
		if _, err := readResults(path, tk); err == nil {
			t.Errorf("%s: results were accepted", name)
		}
	}
}

// TestRun runs the whole command without Deskmate on a task on disk.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeTask(t, filepath.Join(dir, "small"), smallTask())
	getenv := func(string) string { return "" }
	var stdout, stderr bytes.Buffer
	if err := run(t.Context(), []string{"-tasks", dir, "-deskmate", ""}, getenv, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"small: 4 entries, 6 variants, 4 queries in scope, 2 out of scope", "bleve-cjk", "mean of 1 tasks"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, stdout.String())
		}
	}
	if !strings.Contains(stderr.String(), "MariaDB full text is NOT measured") {
		t.Errorf("nothing was said about the engine left out:\n%s", stderr.String())
	}
}

func TestRun_leaves_nothing_out_under_CI(t *testing.T) {
	t.Parallel()
	getenv := func(key string) string { return map[string]string{"CI": "true"}[key] }
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"-tasks", t.TempDir()}, getenv, &stdout, &stderr)
	if err == nil || !strings.Contains(err.Error(), "DESKMATE_TEST_MYSQL_URL") {
		t.Errorf("err = %v, want one that names DESKMATE_TEST_MYSQL_URL", err)
	}
}

func writeTask(t *testing.T, dir string, tk task) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	var kb, queries bytes.Buffer
	for _, e := range tk.entries {
		if err := json.NewEncoder(&kb).Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range tk.queries {
		if err := json.NewEncoder(&queries).Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range map[string][]byte{"kb.jsonl": kb.Bytes(), "queries.jsonl": queries.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWeightsFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"without-wallet.json", "without-general.json", "without-clinc.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"wallet": "without-wallet.json", "general-a": "without-general.json", "en-clinc": "without-clinc.json",
		"stock-a": "", "wallets": "",
	} {
		if want != "" {
			want = filepath.Join(dir, want)
		}
		if got, err := weightsFor(dir, name); err != nil || got != want {
			t.Errorf("weights for %s: %q, %v; want %q", name, got, err, want)
		}
	}
	if got, err := weightsFor("", "wallet"); err != nil || got != "" {
		t.Errorf("weights for wallet without a folder: %q, %v", got, err)
	}
}

// TestAskDeskmate runs a program in Deskmate's place that notes how it was called. It runs
// by itself: a program can't be started while a fork in another test has it open.
func TestAskDeskmate(t *testing.T) { //nolint:paralleltest // see above
	dir := t.TempDir()
	tk := smallTask()
	tk.dir = filepath.Join(dir, "small")
	writeTask(t, tk.dir, tk)
	s := settings{program: filepath.Join(dir, "fake"), weights: dir, out: filepath.Join(dir, "out")}
	answers := filepath.Join(dir, "answers.jsonl")
	var results []result
	for _, q := range tk.queries {
		results = append(results, result{Query: q.Query, Answered: ptr(false)})
	}
	if err := writeResults(answers, results); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"fake":               "#!/bin/sh\necho \"$@\" > " + dir + "/args\ncp " + answers + " \"$8\"\n",
		"without-small.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	got, err := askDeskmate(t.Context(), s, tk)
	if err != nil {
		t.Fatal(err)
	}
	if score := measure(tk.queries, got); !score.Decides || score.Coverage != 0 {
		t.Errorf("got %+v, want decisions to answer nothing", score)
	}
	args, err := os.ReadFile(filepath.Join(dir, "args"))
	if err != nil {
		t.Fatal(err)
	}
	want := "kb eval --kb " + tk.dir + "/kb.jsonl --queries " + tk.dir + "/queries.jsonl --out " + dir +
		"/out/deskmate/small.jsonl --weights " + dir + "/without-small.json\n"
	if string(args) != want {
		t.Errorf("called with %q, want %q", args, want)
	}
}

// TestMeasure_agrees_with_the_judges_scorer compares our figures with those of the program
// that comes with the tasks, where both are there.
func TestMeasure_agrees_with_the_judges_scorer(t *testing.T) {
	t.Parallel()
	const bench = "../../../shared/bench/retrieval"
	if _, err := os.Stat(filepath.Join(bench, "eval", "main.go")); err != nil {
		t.Skip("the tasks are not here")
	}
	dir := t.TempDir()
	judge := filepath.Join(dir, "judge")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", judge, ".")
	build.Dir = filepath.Join(bench, "eval")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the scorer: %v\n%s", err, out)
	}
	words, err := gseWords()
	if err != nil {
		t.Fatal(err)
	}
	plain := newBM25Engine("words", words)
	for _, name := range []string{"stock-a", "en-clinc"} {
		tk, err := readTask(filepath.Join(bench, name))
		if err != nil {
			t.Fatal(err)
		}
		results, err := plain.answer(t.Context(), tk)
		if err != nil {
			t.Fatal(err)
		}
		for i := range results { // a decision, so that those figures are compared too
			r := &results[i]
			r.Answered = ptr(len(r.Results) > 0 && r.Results[0].Score > 12)
		}
		path := filepath.Join(dir, name+".jsonl")
		if err := writeResults(path, results); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), judge, "-task", filepath.Join(bench, name), "-results", path, "-json").Output()
		if err != nil {
			t.Fatal(err)
		}
		var want struct{ R1, R3, MRR, Cov95, AUROC, Prec, Cov, P50, P99 float64 }
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatal(err)
		}
		s := measure(tk.queries, results)
		got := []float64{s.Recall1, s.Recall3, s.MRR, s.Cov95, s.AUROC, s.Precision, s.Coverage, s.P50MS, s.P99MS}
		judged := []float64{want.R1, want.R3, want.MRR, want.Cov95, want.AUROC, want.Prec, want.Cov, want.P50, want.P99}
		for i := range got {
			if math.Abs(got[i]-judged[i]) > 1e-9 {
				t.Errorf("%s: figure %d is %v, the judge's %v", name, i, got[i], judged[i])
			}
		}
	}
}
