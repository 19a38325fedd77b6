package match_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

func entry(id uint64, question string, similar ...string) model.Entry {
	return model.Entry{ID: id, Question: question, Similar: similar, Answer: fmt.Sprintf("答案 %d", id), State: model.EntryOn}
}

// office is a small knowledge base of an office.
func office() []model.Entry {
	return []model.Entry{
		entry(1, "域账号密码怎么重置", "忘记密码了怎么办", "密码过期如何修改"),
		entry(2, "VPN连不上怎么办", "在家怎么连公司内网"),
		entry(3, "年假有几天", "年假怎么休"),
		entry(4, "差旅费怎么报销", "出差回来怎么报账", "机票报销要什么材料"),
		entry(5, "入职需要准备哪些材料"),
		entry(6, "工资什么时候发", "几号发工资"),
		entry(7, "会议室怎么预订"),
		entry(8, "如何开通邮箱"),
		entry(9, "在哪里查公积金"),
		entry(10, "怎么连接打印机"),
		entry(11, "能不能报销打车费"),
		entry(12, "Win10 怎么激活"),
	}
}

func TestIndex_finds(t *testing.T) {
	t.Parallel()
	index := match.NewIndex(office(), match.Options{})
	usual := model.DefaultPolicy().Bot
	tests := []struct {
		question string
		want     uint64
		at       float64
	}{
		{"年假有几天？", 3, 1},
		{"请问年假有几天呢", 3, 1},
		{"vpn 连不上怎么办", 2, 1},
		{"密码忘了怎么重置", 1, usual.Answer},
		{"電腦密碼忘記了怎麼重置", 1, usual.Suggest},
		{"出差费用怎么报销", 4, usual.Answer},
		{"怎样预订会议室", 7, usual.Suggest},
		{"工资哪天发", 6, usual.Suggest},
		{"怎么查公积金", 9, usual.Suggest},
		{"打印机如何连接", 10, usual.Suggest},
		{"打车费可以报销吗", 11, usual.Suggest},
	}
	for _, tt := range tests {
		t.Run(tt.question, func(t *testing.T) {
			t.Parallel()
			hits := index.Search(match.Query{Text: tt.question}, 3).Hits
			if len(hits) == 0 || hits[0].EntryID != tt.want || hits[0].Score < tt.at {
				t.Errorf("Search(%q) = %+v, want entry %d from %.2f on", tt.question, hits, tt.want, tt.at)
			}
			if exact := tt.at == 1; len(hits) > 0 && hits[0].Exact != exact {
				t.Errorf("exact = %t, want %t", hits[0].Exact, exact)
			}
		})
	}
}

func TestIndex_does_not_answer(t *testing.T) {
	t.Parallel()
	index := match.NewIndex(office(), match.Options{})
	limit := model.DefaultPolicy().Bot.Answer
	for _, question := range []string{
		"离职需要准备哪些材料", "如何关闭邮箱", "病假有几天", "SAP连不上怎么办", "Win7 怎么激活",
		"今天天气怎么样", "食堂几点开饭", "怎么办", "怎么",
	} {
		t.Run(question, func(t *testing.T) {
			t.Parallel()
			if hits := index.Search(match.Query{Text: question}, 1).Hits; len(hits) > 0 && hits[0].Score >= limit {
				t.Errorf("Search(%q) = %+v, want nothing from %.2f on", question, hits, limit)
			}
		})
	}
}

func TestIndex_lowers_the_score_for_what_decides(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, stored, same, other string }{
		{"a name in Latin letters", "VPN登录失败怎么处理", "VPN登录失败如何处理", "SAP登录失败如何处理"},
		{"a number", "2023年的年假能留到明年吗", "2023年的年假可以留到明年吗", "2024年的年假可以留到明年吗"},
		{"an opposite", "入职手续怎么办理", "入职手续如何办理", "离职手续如何办理"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			index := match.NewIndex([]model.Entry{entry(1, tt.stored), entry(2, "怎么预订会议室")}, match.Options{})
			same, other := index.Search(match.Query{Text: tt.same}, 1).Hits, index.Search(match.Query{Text: tt.other}, 1).Hits
			if len(same) == 0 || len(other) > 0 && other[0].Score > same[0].Score-0.1 {
				t.Errorf("%q scores %+v, %q scores %+v", tt.same, same, tt.other, other)
			}
		})
	}
}

func TestIndex_ranks(t *testing.T) {
	t.Parallel()
	index := match.NewIndex(office(), match.Options{})
	hits := index.Search(match.Query{Text: "怎么报销"}, 10).Hits
	if len(hits) < 2 {
		t.Fatalf("%d hits, want several", len(hits))
	}
	seen := map[uint64]bool{}
	for i, h := range hits {
		if h.Score < 0 || h.Score > 1 || i > 0 && h.Score > hits[i-1].Score || seen[h.EntryID] {
			t.Errorf("hit %d of %+v is out of order, out of range or there twice", i, hits)
		}
		seen[h.EntryID] = true
	}
	if got := index.Search(match.Query{Text: "怎么报销"}, 1).Hits; !cmp.Equal(got, hits[:1]) {
		t.Errorf("with limit 1: %+v, want %+v", got, hits[:1])
	}
	if got := index.Search(match.Query{Text: "怎么报销"}, 0).Hits; got != nil {
		t.Errorf("with limit 0: %+v", got)
	}
}

func TestIndex_prefers_the_standard_question(t *testing.T) {
	t.Parallel()
	index := match.NewIndex([]model.Entry{entry(1, "甲部门的流程", "报销"), entry(2, "报销"), entry(3, "乙部门的流程", "报销")}, match.Options{})
	var got []uint64
	for _, h := range index.Search(match.Query{Text: "报销"}, 5).Hits {
		if h.Exact {
			got = append(got, h.EntryID)
		}
	}
	if diff := cmp.Diff([]uint64{2, 1, 3}, got); diff != "" {
		t.Errorf("exact hits (-want +got):\n%s", diff)
	}
}

func TestIndex_zero_value_is_empty(t *testing.T) {
	t.Parallel()
	var index match.Index
	if hits := index.Search(match.Query{Text: "年假"}, 5).Hits; hits != nil || index.Len() != 0 {
		t.Errorf("hits %v, length %d", hits, index.Len())
	}
	if _, ok := index.Entry(1); ok {
		t.Error("the empty index has an entry")
	}
	if got := index.With(office(), nil).Len(); got != len(office()) {
		t.Errorf("length after With = %d", got)
	}
}

func TestIndex_With(t *testing.T) {
	t.Parallel()
	old := match.NewIndex(office(), match.Options{})
	off := entry(3, "年假有几天")
	off.State = model.EntryOff
	moved := entry(7, "怎么借会议室")
	now := old.With([]model.Entry{off, moved, entry(20, "食堂几点开饭")}, []uint64{1, 99})

	if _, ok := now.Entry(3); ok {
		t.Error("an entry that is off is still there")
	}
	if _, ok := now.Entry(1); ok {
		t.Error("a deleted entry is still there")
	}
	if e, _ := now.Entry(7); e.Question != "怎么借会议室" {
		t.Errorf("entry 7 asks %q", e.Question)
	}
	for question, want := range map[string]bool{"食堂几点开饭": true, "会议室怎么预订": false, "年假有几天": false, "怎么借会议室": true, "如何开通邮箱": true} {
		hits := now.Search(match.Query{Text: question}, 1).Hits
		if got := len(hits) > 0 && hits[0].Exact; got != want {
			t.Errorf("%q is exact: %t, want %t", question, got, want)
		}
	}
	if hits := old.Search(match.Query{Text: "年假有几天"}, 1).Hits; len(hits) == 0 || !hits[0].Exact || old.Len() != len(office()) {
		t.Error("the index of before has changed")
	}
}

// phrase makes a question from a few words, so that many share some.
func phrase(rng *rand.Rand) string {
	verbs := []string{"怎么", "如何", "在哪里", "什么时候", "能不能", "为什么", "哪里可以", "需要什么材料"}
	acts := []string{"申请", "重置", "开通", "关闭", "查询", "修改", "报销", "预订", "领取", "打印", "提交", "审批", "续签", "登录"}
	things := []string{
		"年假", "病假", "域账号", "密码", "邮箱", "VPN", "OA", "打印机", "会议室", "差旅费", "工资条", "公积金", "工牌", "笔记本电脑",
		"合同", "发票", "加班餐", "体检", "班车", "停车位", "SAP", "2024年奖金", "住房补贴", "实习证明",
	}
	places := []string{"", "", "上海分公司的", "新员工的", "外包同事的", "财务部的", "手机上的", "周末的"}
	pick := func(of []string) string { return of[rng.IntN(len(of))] }
	parts := []string{pick(verbs), pick(acts), pick(places) + pick(things)}
	rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	return parts[0] + parts[1] + parts[2] + fmt.Sprintf("%c", '一'+rng.IntN(2000))
}

func TestIndex_changed_equals_rebuilt(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		stored := map[uint64]model.Entry{}
		index := match.NewIndex(nil, match.Options{})
		for range 12 {
			var changed []model.Entry
			var deleted []uint64
			for range rng.IntN(12) {
				e := entry(1+rng.Uint64N(40), phrase(rng))
				for range rng.IntN(4) {
					e.Similar = append(e.Similar, phrase(rng))
				}
				if rng.IntN(5) == 0 {
					e.State = model.EntryOff
				}
				changed = append(changed, e)
			}
			for range rng.IntN(4) {
				deleted = append(deleted, 1+rng.Uint64N(40))
			}
			index = index.With(changed, deleted)
			for _, id := range deleted {
				delete(stored, id)
			}
			for _, e := range changed {
				stored[e.ID] = e
			}
		}
		var entries []model.Entry
		for _, e := range stored {
			entries = append(entries, e)
		}
		slices.SortFunc(entries, func(a, b model.Entry) int { return int(b.ID) - int(a.ID) })
		rebuilt := match.NewIndex(entries, match.Options{})
		if index.Len() != rebuilt.Len() {
			t.Fatalf("seed %d: %d entries, rebuilt %d", seed, index.Len(), rebuilt.Len())
		}
		for range 40 {
			question := phrase(rng)
			if diff := cmp.Diff(rebuilt.Search(match.Query{Text: question}, 10).Hits, index.Search(match.Query{Text: question}, 10).Hits); diff != "" {
				t.Fatalf("seed %d, %q (-rebuilt +changed):\n%s", seed, question, diff)
			}
		}
	}
}

func TestIndex_searches_while_it_changes(t *testing.T) {
	t.Parallel()
	index := match.NewIndex(office(), match.Options{})
	done := make(chan int)
	for range 4 {
		go func() {
			found := 0
			for range 50 {
				if hits := index.Search(match.Query{Text: "年假有几天"}, 3).Hits; len(hits) > 0 && hits[0].EntryID == 3 {
					found++
				}
			}
			done <- found
		}()
	}
	for i := range uint64(50) {
		index.With([]model.Entry{entry(100+i, "班车几点开")}, []uint64{3})
	}
	for range 4 {
		if found := <-done; found != 50 {
			t.Errorf("%d of 50 searches found the entry", found)
		}
	}
}

func TestIndex_takes_a_very_long_question(t *testing.T) {
	t.Parallel()
	index := match.NewIndex(office(), match.Options{})
	long := "我的情况是这样的"
	for len(long) < 2048 {
		long += "昨天出差回来想报销差旅费但是系统一直提示错误"
	}
	hits := index.Search(match.Query{Text: long}, 3).Hits
	if len(hits) == 0 || hits[0].EntryID != 4 {
		t.Errorf("hits %+v, want the travel entry first", hits)
	}
}
