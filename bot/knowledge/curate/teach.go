package curate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// lessonMisses is how many days of misses can be answered in a conversation, as on the page.
const lessonMisses = 30

// Teacher lets those who run an account teach its bot in the conversation with it. What was
// taught already, word for word, is no mistake: an order may be carried out again after a
// crash.
type Teacher struct {
	editor *Editor
	misses *Misses
}

// NewTeacher makes a teacher.
func NewTeacher(editor *Editor, misses *Misses) *Teacher { return &Teacher{editor, misses} }

// Misses lists what the bot could not answer lately, what cost most first.
func (t *Teacher) Misses(ctx context.Context, acc model.Account, limit int) ([]model.OpenMiss, error) {
	clusters, err := t.clusters(ctx, acc, limit)
	list := make([]model.OpenMiss, len(clusters))
	for i, c := range clusters {
		list[i] = model.OpenMiss{ID: c.IDs[0], Question: c.Question, Count: c.Count}
	}
	return list, err
}

func (t *Teacher) clusters(ctx context.Context, acc model.Account, limit int) ([]Cluster, error) {
	since := t.editor.now().Add(-lessonMisses * 24 * time.Hour)
	return t.misses.Clusters(ctx, acc, model.MS(since), limit)
}

// Check completes a lesson, and says what is wrong with it, as [Editor.Save] would.
func (t *Teacher) Check(ctx context.Context, acc model.Account, l model.Lesson) (model.Lesson, error) {
	entry := model.Entry{AccountID: acc.ID, Question: l.Question, Answer: l.Answer}
	switch l.Kind { //nolint:exhaustive // the others teach nothing
	case model.OrderSimilar:
		found, err := t.entry(ctx, acc.ID, l.Question)
		if err != nil {
			return l, err
		}
		entry, l.Question = found, found.Question
		entry.Similar = slices.Concat(found.Similar, l.Similar)
	case model.OrderMiss:
		list, err := t.Misses(ctx, acc, clustersMost)
		if err != nil {
			return l, err
		}
		if l.Number < 1 || l.Number > len(list) {
			return l, model.Invalid("no_such_miss", "没有编号为 %d 的未解决问题，请先发送 #未解决 查看", l.Number)
		}
		l.Miss, l.Question = list[l.Number-1].ID, list[l.Number-1].Question
		entry.Question = l.Question
	}
	entry, err := t.editor.valid(ctx, entry)
	if err != nil {
		return l, err
	}
	if l.Kind != model.OrderSimilar {
		if taken, ok, err := t.taken(ctx, acc.ID, entry.Question); err != nil || ok {
			return l, taughtOr(err, conflict("question_taken", "已有标准问题「"+taken.Question+"」，请到管理后台修改它的答案"))
		}
	}
	list, err := t.editor.near(ctx, entry)
	for _, n := range list {
		if n.Exact {
			l.Near = n.Question
			break
		}
	}
	return l, err
}

// Teach writes a lesson. Its errors are those of [Editor.Save] and [Misses.Make].
func (t *Teacher) Teach(ctx context.Context, acc model.Account, l model.Lesson, author string) error {
	switch l.Kind { //nolint:exhaustive // the others teach nothing
	case model.OrderSimilar:
		return t.extend(ctx, acc, l, author)
	case model.OrderMiss:
		return t.answer(ctx, acc, l, author)
	}
	_, err := t.editor.Save(ctx, acc, model.Entry{Question: l.Question, Answer: l.Answer}, 0, author)
	if err != nil {
		if taken, ok, _ := t.taken(ctx, acc.ID, l.Question); ok && saysSame(taken.Answer, l.Answer) {
			return nil
		}
	}
	return err
}

func (t *Teacher) extend(ctx context.Context, acc model.Account, l model.Lesson, author string) error {
	for range tries {
		entry, err := t.entry(ctx, acc.ID, l.Question)
		if err != nil {
			return err
		}
		if entry, err = t.editor.Entry(ctx, acc.ID, entry.ID); err != nil {
			return err
		}
		seen := entry.Version
		entry.Similar = slices.Concat(entry.Similar, l.Similar)
		if _, err = t.editor.Save(ctx, acc, entry, seen, author); !errors.Is(err, model.ErrStale) {
			return err
		}
	}
	return fmt.Errorf("add similar questions: %w", told(model.ErrStale, thisEntry))
}

func (t *Teacher) answer(ctx context.Context, acc model.Account, l model.Lesson, author string) error {
	clusters, err := t.clusters(ctx, acc, clustersMost)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(clusters, func(c Cluster) bool { return slices.Contains(c.IDs, l.Miss) })
	if at < 0 {
		return t.settled(ctx, acc, l)
	}
	ids := clusters[at].IDs
	_, err = t.misses.Make(ctx, acc, ids, model.Entry{Question: clusters[at].Question, Answer: l.Answer}, author)
	if err != nil {
		if taken, ok, _ := t.taken(ctx, acc.ID, clusters[at].Question); ok && saysSame(taken.Answer, l.Answer) {
			_, err = t.misses.Extend(ctx, acc, ids, taken.ID, author)
		}
	}
	return err
}

// settled is what to say of a miss that is off the list: nothing where it was this lesson that
// took it off.
func (t *Teacher) settled(ctx context.Context, acc model.Account, l model.Lesson) error {
	asked, err := t.misses.questions.Questions(ctx, acc.ID, []uint64{l.Miss})
	if err != nil {
		return fmt.Errorf("read a miss: %w", err)
	}
	if len(asked) == 1 && asked[0].SolvedBy != 0 {
		entry, err := t.editor.Entry(ctx, acc.ID, asked[0].SolvedBy)
		if err == nil && saysSame(entry.Answer, l.Answer) {
			return nil
		}
	}
	return conflict("miss_settled", "这个问题刚被别人处理过了")
}

// entry finds the entry with a standard question; the error names the one that comes nearest.
func (t *Teacher) entry(ctx context.Context, accountID uint64, question string) (model.Entry, error) {
	entry, ok, err := t.taken(ctx, accountID, question)
	switch {
	case err != nil || ok:
		return entry, err
	case entry.ID != 0:
		return entry, model.Invalid("no_such_entry", "没有标准问题「%s」，最接近的是「%s」", line(question), entry.Question)
	}
	return entry, model.Invalid("no_such_entry", "没有标准问题「%s」", line(question))
}

// taken finds the entry whose standard question a question is; where there is none, the entry
// that comes nearest.
func (t *Teacher) taken(ctx context.Context, accountID uint64, question string) (entry model.Entry, ok bool, err error) {
	index, err := t.editor.base.Index(ctx, accountID)
	if err != nil {
		return entry, false, fmt.Errorf("look for an entry: %w", err)
	}
	folded := match.Fold(question)
	for _, hit := range index.Search(match.Query{Text: question}, similarMissMax).Hits {
		found, _ := index.Entry(hit.EntryID)
		if match.Fold(found.Question) == folded {
			return found, true, nil
		}
		if entry.ID == 0 {
			entry = found
		}
	}
	return entry, false, nil
}

// saysSame reports whether an answer as it is stored is one as it was written.
func saysSame(stored, written string) bool {
	tidied, err := tidy(model.Entry{Question: "问", Answer: written})
	return err == nil && tidied.Answer == stored
}

func taughtOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
