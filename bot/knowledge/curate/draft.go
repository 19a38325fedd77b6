package curate

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Draft is an entry proposed for some misses, for a person to approve.
type Draft struct {
	Question  string   // standard question
	Similar   []string // the other ways in which it was asked, at most 50
	Answer    string   // what a seat replied, word for word; "" where none did
	Condensed string   // what a language model made of the replies; "" without one, or where it failed
	Sources   []Source // what seats replied, the best first, at most 20
}

// Source is what a seat wrote after one of the questions.
type Source struct {
	SessionID uint64
	Text      string
}

const (
	sourcesMax    = 20
	sessionsMax   = 50  // sessions whose replies are looked at, the newest
	repliesOfEach = 30  // replies of a session that are looked at
	repliesMax    = 400 // of all sessions together
)

// Draft proposes an entry for some misses: the question that stands for them, the others as
// its similar questions, and the best of what seats replied in their sessions.
func (m *Misses) Draft(ctx context.Context, acc model.Account, ids []uint64) (Draft, error) {
	questions, err := m.read(ctx, acc.ID, ids)
	if err != nil {
		return Draft{}, err
	}
	list := wordings(questions)
	weigh(list)
	list = central(list)
	d := Draft{Question: clip(list[0].text, maxQuestion)}
	for _, w := range list[1:] {
		if len(d.Similar) < similarMissMax && utf8.RuneCountInString(w.text) <= maxQuestion {
			d.Similar = append(d.Similar, w.text)
		}
	}
	replies, err := m.questions.SeatReplies(ctx, acc.ID, newestSessions(questions))
	if err != nil {
		return Draft{}, fmt.Errorf("read what seats replied: %w", err)
	}
	d.Sources = sources(list, replies)
	if len(d.Sources) == 0 {
		return d, nil
	}
	d.Answer = clip(d.Sources[0].Text, maxMessage)
	if m.condenser != nil {
		var texts []string
		for _, s := range d.Sources {
			texts = append(texts, s.Text)
		}
		d.Condensed, err = m.condenser.Condense(ctx, acc, d.Question, texts)
		if err != nil {
			m.log.DebugContext(ctx, "replies not condensed", slog.Uint64("account_id", acc.ID), slog.Any("err", err))
			d.Condensed = ""
		}
	}
	return d, nil
}

// newestSessions are those in which questions were asked last; their ids grow with time.
func newestSessions(questions []model.Question) []uint64 {
	var ids []uint64
	for _, q := range questions {
		ids = append(ids, q.SessionID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[max(len(ids)-sessionsMax, 0):]
}

// read gives the questions of a cluster.
func (m *Misses) read(ctx context.Context, accountID uint64, ids []uint64) ([]model.Question, error) {
	switch {
	case len(ids) == 0:
		return nil, model.Invalid("nothing_selected", "没有选中任何问题")
	case len(ids) > missesMax:
		return nil, model.Invalid("too_many_selected", "一次最多处理 %d 个问题", missesMax)
	}
	questions, err := m.questions.Questions(ctx, accountID, ids)
	if err != nil {
		return nil, fmt.Errorf("read questions: %w", err)
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("read questions: %w", told(model.ErrNotFound, "这些问题"))
	}
	return questions, nil
}

// sources ranks what seats replied: what says more, is about the question, and was said in
// other sessions as well, comes first.
func sources(asked []wording, replies map[uint64][]string) []Source {
	var list []Source
	seen := map[string]bool{}
	for _, session := range sortedKeys(replies) {
		texts := replies[session]
		for _, text := range texts[:min(len(texts), repliesOfEach)] {
			text = tidyText(text)
			folded := match.Fold(text)
			if idle(text, folded) || seen[folded] || len(list) == repliesMax {
				continue
			}
			seen[folded] = true
			list = append(list, Source{session, text})
		}
	}
	said := make([]wording, 0, len(list)+len(asked))
	for _, s := range list {
		said = append(said, wording{folded: match.Fold(s.Text)})
	}
	for _, w := range asked {
		said = append(said, wording{folded: w.folded})
	}
	weigh(said)
	worth := make(map[Source]float64, len(list))
	for i, s := range list {
		worth[s] = substance(s.Text) + about(said, i, len(list)) + agreed(said, list, i)
	}
	slices.SortStableFunc(list, func(a, b Source) int { return cmp.Compare(worth[b], worth[a]) })
	return list[:min(len(list), sourcesMax)]
}

// substance is how much of an answer a reply looks like: long enough, with facts, and no
// question back.
func substance(text string) float64 {
	n := float64(utf8.RuneCountInString(text))
	worth := min(math.Log1p(n)/math.Log1p(80), 1.2)
	if strings.ContainsFunc(text, unicode.IsDigit) || strings.Contains(text, "http") || strings.ContainsAny(text, "：《“>") {
		worth += 0.2
	}
	if asks(text) {
		worth -= 0.8
	}
	return worth
}

// asks reports whether a reply is a question back.
func asks(text string) bool {
	text = strings.TrimRight(text, " 。.~～!！")
	for _, end := range [...]string{"?", "？", "吗", "呢", "多少", "哪位", "什么"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}

// about is how much the ith text shares with what was asked; the questions begin at first.
func about(said []wording, i, first int) float64 {
	best := 0.0
	for k := first; k < len(said); k++ {
		best = max(best, cosine(&said[i], &said[k]))
	}
	return 2 * min(best, 0.5)
}

// agreed is how much the ith reply is like the best of another session.
func agreed(said []wording, list []Source, i int) float64 {
	best := 0.0
	for k := range list {
		if list[k].SessionID != list[i].SessionID {
			best = max(best, cosine(&said[i], &said[k]))
		}
	}
	return best
}

// idle reports whether a reply answers nothing: a greeting, a plea for patience, thanks.
func idle(text, folded string) bool {
	if _, small := match.SmallTalk(text); small || folded == "" || utf8.RuneCountInString(folded) < 3 {
		return true
	}
	rest := folded
	for changed := true; changed && rest != ""; {
		changed = false
		for _, phrase := range [...]string{
			"稍等一下", "稍等片刻", "请稍等", "请您稍等", "稍等", "请稍候", "稍候", "等一下", "等我一下", "马上", "这就", "好的", "收到", "明白", "了解", "嗯嗯", "嗯",
			"我看一下", "我看看", "帮您看一下", "帮你看一下", "我帮您查一下", "我帮你查一下", "帮您查一下", "查一下", "我查查", "为您查询", "正在为您查询",
			"您好", "你好", "上午好", "下午好", "早上好", "晚上好", "在的", "我在", "请讲", "请说", "有什么可以帮您", "请问有什么可以帮您", "有什么可以帮到您", "请问您有什么问题",
			"不客气", "不用谢", "谢谢", "感谢", "辛苦", "没关系", "没事", "抱歉", "不好意思", "久等了", "让您久等了", "再见", "拜拜", "祝您工作顺利", "祝您生活愉快",
			"还有其他问题吗", "还有别的问题吗", "请问还有其他问题吗", "请问还有什么可以帮您", "还有什么可以帮您", "您", "你", "请", "了", "的", "哦", "哈", "啊", "吧", "呀",
		} {
			if after, ok := strings.CutPrefix(rest, phrase); ok {
				rest, changed = strings.TrimPrefix(after, " "), true
				break
			}
		}
	}
	return rest == ""
}

func sortedKeys(m map[uint64][]string) []uint64 {
	keys := make([]uint64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
