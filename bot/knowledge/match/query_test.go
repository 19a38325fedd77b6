package match_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

func first(x *match.Index, q match.Query) (id uint64, exact bool) {
	hits := x.Search(q, 1).Hits
	if len(hits) == 0 {
		return 0, false
	}
	return hits[0].EntryID, hits[0].Exact
}

func TestIndex_Synonyms(t *testing.T) {
	t.Parallel()
	words := []model.Synonym{{Words: []string{"OA", "办公系统", "协同平台"}}, {Words: []string{"工资条", "薪资单"}}, {Words: []string{"公出", "BT"}}}
	entries := append(office(), entry(30, "办公系统登不上怎么办"), entry(31, "在哪里看工资条"), entry(32, "公出怎么补卡"), entry(33, "oauth是什么"))
	plain := match.NewIndex(entries, match.Options{})
	for _, x := range []*match.Index{match.NewIndex(entries, match.Options{Synonyms: words}), plain.WithSynonyms(words), match.NewIndex(nil, match.Options{Synonyms: words}).With(entries, nil)} {
		for question, want := range map[string]uint64{"OA登不上怎么办": 30, "协同平台登不上怎么办": 30, "在哪里看薪资单": 31, "bt怎么补卡": 32} {
			id, exact := first(x, match.Query{Text: question})
			if id != want || !exact {
				t.Errorf("%q is exactly entry %d: %t, want %d", question, id, exact, want)
			}
		}
		if id, exact := first(x, match.Query{Text: "oauth是什么"}); id != 33 || !exact {
			t.Error("a word inside another is taken for it")
		}
	}
	r := plain.WithSynonyms(words).Search(match.Query{Text: "薪资单在哪"}, 1)
	if diff := cmp.Diff([]string{"工资条在哪"}, r.Expanded); diff != "" || r.Folded != "薪资单在哪" {
		t.Errorf("folded %q, expanded (-want +got):\n%s", r.Folded, diff)
	}
	if r := plain.Search(match.Query{Text: "薪资单在哪"}, 1); r.Expanded != nil {
		t.Errorf("expanded without synonyms: %q", r.Expanded)
	}
	off := plain.WithSynonyms(words).WithSynonyms(nil)
	if diff := cmp.Diff(plain.Search(match.Query{Text: "OA登不上"}, 5), off.Search(match.Query{Text: "OA登不上"}, 5)); diff != "" {
		t.Errorf("synonyms taken off leave something behind:\n%s", diff)
	}
}

func TestIndex_follows_up(t *testing.T) {
	t.Parallel()
	x := match.NewIndex(append(
		office(), entry(40, "年假怎么申请"), entry(41, "病假怎么申请"), entry(42, "VPN怎么申请"), entry(43, "VPN要什么条件"), entry(44, "加班怎么申请"),
	), match.Options{})
	tests := []struct {
		name, text  string
		topic, want uint64
		follows     bool
	}{
		{"about leave", "怎么申请", 3, 40, true},
		{"about the network", "那怎么申请呢", 2, 42, true},
		{"names its own subject", "病假怎么申请", 3, 41, false},
		{"without a topic", "怎么申请", 0, 0, false},
		{"of an entry that is gone", "怎么申请", 999, 0, false},
		{"about something else", "几号发工资", 3, 6, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := x.Search(match.Query{Text: tt.text, Topic: tt.topic}, 3)
			if r.Topic != tt.follows || tt.want != 0 && (len(r.Hits) == 0 || r.Hits[0].EntryID != tt.want) {
				t.Errorf("a follow-up: %t, hits %+v; want %t, entry %d", r.Topic, r.Hits, tt.follows, tt.want)
			}
		})
	}
}

func TestIndex_looks_at_the_time(t *testing.T) {
	t.Parallel()
	past, future, draft := entry(50, "春节值班怎么排"), entry(51, "国庆值班怎么排"), entry(52, "端午值班怎么排")
	past.ValidUntilMS, future.ValidFromMS, draft.Draft = 1000, 2000, true
	x := match.NewIndex([]model.Entry{past, future, draft}, match.Options{})
	if x.Len() != 2 {
		t.Errorf("%d entries, want 2: a draft isn't one", x.Len())
	}
	for _, tt := range []struct {
		at   int64
		want []uint64
	}{{0, []uint64{50, 51}}, {500, []uint64{50}}, {1500, nil}, {2500, []uint64{51}}} {
		var got []uint64
		for _, h := range x.Search(match.Query{Text: "春节值班怎么排", AtMS: tt.at}, 5).Hits {
			got = append(got, h.EntryID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("at %d (-want +got):\n%s", tt.at, diff)
		}
	}
}

func TestIndex_WithEmbeddings(t *testing.T) {
	t.Parallel()
	entries := []model.Entry{entry(1, "工牌丢了怎么补办"), entry(2, "合同丢了怎么补办"), entry(3, "班车几点开")}
	plain := match.NewIndex(entries, match.Options{})
	x := plain.WithEmbeddings(map[string][]float32{"工牌丢了怎么补办": {0, 1, 0}}).
		WithEmbeddings(map[string][]float32{"合同丢了怎么补办": {1, 0, 0.1}, "没有的": {1, 0, 0}, "班车几点开": {0, 0, 0}})
	question := "证件丢了怎么补办"
	if got, want := x.Search(match.Query{Text: question}, 3), plain.Search(match.Query{Text: question}, 3); !cmp.Equal(want, got) {
		t.Errorf("without a vector: %+v, want %+v", got, want)
	}
	for want, vector := range map[uint64][]float32{1: {0, 1, 0}, 2: {2, 0, 0}} {
		hits := x.Search(match.Query{Text: question, Vector: vector}, 3).Hits
		if len(hits) == 0 || hits[0].EntryID != want || hits[0].Features[featureOf(t, "embedding")] < 0.9 {
			t.Errorf("with the vector of entry %d: %+v", want, hits)
		}
	}
	odd := x.Search(match.Query{Text: question, Vector: []float32{1, 0}}, 3)
	if diff := cmp.Diff(plain.Search(match.Query{Text: question}, 3), odd); diff != "" {
		t.Errorf("a vector of another length changes something:\n%s", diff)
	}
	later := x.With([]model.Entry{entry(4, "发票丢了怎么补办")}, nil)
	for _, h := range later.Search(match.Query{Text: question, Vector: []float32{1, 0, 0}}, 4).Hits {
		if got := h.Features[featureOf(t, "embedding")]; (got > 0.9) != (h.EntryID == 2) {
			t.Errorf("after a change entry %d has a cosine of %.2f", h.EntryID, got)
		}
	}
}

func TestIndex_Texts(t *testing.T) {
	t.Parallel()
	x := match.NewIndex([]model.Entry{entry(1, "年假？", "年假", "怎么休年假"), entry(2, "怎么休年假")}, match.Options{})
	if diff := cmp.Diff([]string{"年假？", "怎么休年假"}, x.Texts()); diff != "" || x.Variants() != 3 {
		t.Errorf("%d variants, texts (-want +got):\n%s", x.Variants(), diff)
	}
}

// A name in Latin letters alone is no reason to answer: SAP连不上 doesn't ask for permissions.
func TestIndex_answers_for_more_than_a_name(t *testing.T) {
	t.Parallel()
	x := match.NewIndex([]model.Entry{
		entry(1, "怎么申请 SAP 权限", "SAP 账号开通", "SAP 权限不够"), entry(2, "VPN 连不上怎么办", "VPN 无法连接"),
		entry(3, "打印机卡纸了怎么办"), entry(4, "邮箱容量满了怎么办"),
	}, match.Options{})
	for _, question := range []string{"SAP连不上", "SAP卡死了"} {
		if hits := x.Search(match.Query{Text: question}, 3).Hits; len(hits) > 0 && hits[0].Score > 0.5 {
			t.Errorf("%s: entry %d at %.2f, want a suggestion at most", question, hits[0].EntryID, hits[0].Score)
		}
	}
	for question, want := range map[string]uint64{"SAP权限怎么开通": 1, "VPN连不上了": 2} {
		if hits := x.Search(match.Query{Text: question}, 3).Hits; len(hits) == 0 || hits[0].EntryID != want || hits[0].Score < 0.6 {
			t.Errorf("%s: %+v, want entry %d", question, hits, want)
		}
	}
}
