package curate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func words(groups ...string) []model.Synonym {
	var list []model.Synonym
	for _, g := range groups {
		list = append(list, model.Synonym{Words: strings.Split(g, ",")})
	}
	return list
}

func TestReplaceSynonyms(t *testing.T) {
	t.Parallel()
	s := newStore()
	d := newDesk(t, s)
	got, err := d.editor.ReplaceSynonyms(t.Context(), account, words(" OA ,办公系统,oa,", "工资条,薪资单"), "lin")
	must(t, err)
	if diff := cmp.Diff(words("OA,办公系统", "工资条,薪资单"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	stored, err := d.editor.Synonyms(t.Context(), account)
	if diff := cmp.Diff(got, stored); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if _, err := d.editor.CheckSynonyms(t.Context(), acc(), words("VPN,翻墙")); err != nil {
		t.Error(err)
	}
	if got, err := d.editor.ReplaceSynonyms(t.Context(), account, nil, "lin"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestReplaceSynonyms_refuses(t *testing.T) {
	t.Parallel()
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf("甲%d,乙%d", i, i)
	}
	for name, tt := range map[string]struct {
		words  []model.Synonym
		reason string
		told   string
	}{
		"one word":        {words("OA,办公", "工资条"), "synonym_count", "第 2 组同义词"},
		"one word twice":  {words("OA,ｏａ"), "synonym_count", "现有 1 个"},
		"in two groups":   {words("OA,办公", "审批,oa"), "synonym_twice", "“oa”同时在第 1 组和第 2 组"},
		"no letter":       {words("OA,？"), "synonym_empty", "没有可以匹配的文字"},
		"a long word":     {words("OA," + strings.Repeat("长", 41)), "too_long", "超过 40"},
		"many groups":     {words(many...), "too_many_synonyms", "1000"},
		"many in a group": {words("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21"), "synonym_count", "2–20"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore()
			d := newDesk(t, s)
			_, err := d.editor.ReplaceSynonyms(t.Context(), account, tt.words, "lin")
			wantReason(t, err, tt.reason)
			if err == nil || !strings.Contains(err.Error(), tt.told) {
				t.Errorf("%v doesn't say %q", err, tt.told)
			}
			if s.version() != 0 {
				t.Error("something was stored")
			}
		})
	}
}

func TestReplaceSynonyms_takes_effect_at_once(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("怎么重置OA的密码"), entry("怎么重置邮箱的密码"), entry("怎么重置VPN的密码"))
	d := newDesk(t, s)
	before := d.asks(t, "办公系统的密码怎么重置")
	_, err := d.editor.ReplaceSynonyms(t.Context(), account, words("OA,办公系统"), "lin")
	must(t, err)
	after := d.asks(t, "办公系统的密码怎么重置")
	if after.Kind == model.AnswerMiss || after.Candidates[0].EntryID != ids["怎么重置OA的密码"] || after.Score <= before.Score {
		t.Errorf("before %+v, after %+v", before, after)
	}
}
