package knowledge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"deskmate/bot/knowledge"
)

const evalKB = `{"id":"k-1","question":"年假有几天","similar":["年假怎么休"],"answer":"5 天","group":"人事"}
{"id":"k-2","question":"如何开通邮箱","similar":[],"answer":"找 IT","group":"IT"}
`

func TestEval(t *testing.T) {
	t.Parallel()
	queries := `{"query":"年假怎么休？","id":"k-1","kind":"in"}
{"query":"今天 <天气> 如何","id":null,"kind":"oos-far"}
{"query":"谢谢","id":null,"kind":"oos-far"}
`
	var out bytes.Buffer
	if err := knowledge.Eval(t.Context(), strings.NewReader(evalKB), strings.NewReader(queries), &out, knowledge.EvalOptions{}); err != nil {
		t.Fatal(err)
	}
	type result struct {
		Query   string
		Results []struct {
			ID    string
			Score float64
		}
		Answered *bool
		Latency  *float64 `json:"latency_ms"`
	}
	var got []result
	for line := range strings.Lines(out.String()) {
		var r result
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Answered == nil || r.Latency == nil || r.Results == nil {
			t.Errorf("line %s lacks a field", line)
		}
		got = append(got, r)
	}
	if len(got) != 3 || got[0].Query != "年假怎么休？" || got[1].Query != "今天 <天气> 如何" {
		t.Fatalf("%d results: %s", len(got), out.String())
	}
	if r := got[0]; !*r.Answered || len(r.Results) == 0 || r.Results[0].ID != "k-1" || r.Results[0].Score != 1 {
		t.Errorf("exact question: %+v", r)
	}
	if *got[1].Answered || *got[2].Answered {
		t.Errorf("answered what the base doesn't know: %s", out.String())
	}
}

func TestEval_fails(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name        string
		ctx         context.Context
		kb, queries string
		says        string
	}{
		{"broken kb", t.Context(), "{\n", "", "read kb: line 1"},
		{"broken query", t.Context(), evalKB, "\nno\n", "ask queries: line 2"},
		{"ended", ended, evalKB, `{"query":"一"}`, context.Canceled.Error()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := knowledge.Eval(tt.ctx, strings.NewReader(tt.kb), strings.NewReader(tt.queries), &out, knowledge.EvalOptions{})
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want %q", err, tt.says)
			}
			if tt.name == "ended" && !errors.Is(err, context.Canceled) {
				t.Errorf("error %v doesn't wrap the context's", err)
			}
		})
	}
}
