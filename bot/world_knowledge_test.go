package bot_test

import (
	"context"
	"fmt"

	"deskmate/model"
)

// QuickReplies implements [bot.EngineStore]: the account has one.
func (w *world) QuickReplies(_ context.Context, f model.QuickFilter) ([]model.QuickReply, error) {
	return []model.QuickReply{{ID: 1, AccountID: f.AccountID, Shortcut: "hi", Folded: "hi", Text: "您好 {员工}，我是 {坐席}"}}, nil
}

// LastSurvey implements [bot.EngineStore].
func (w *world) LastSurvey(_ context.Context, _ uint64, employee string) (int64, error) {
	return w.lastSurvey(employee), nil
}

func (w *world) lastSurvey(employee string) (last int64) {
	for _, sv := range w.surveys {
		if sv.Employee == employee {
			last = max(last, sv.SentMS)
		}
	}
	return last
}

// AccountFigures implements [bot.EngineStore].
func (w *world) AccountFigures(context.Context, uint64, int64) (model.AccountFigures, error) {
	return model.AccountFigures{}, nil
}

// FindMembers implements [bot.EngineStore].
func (w *world) FindMembers(context.Context, string, string, int) ([]model.Member, error) {
	return nil, nil
}

// Questions implements [bot.EngineStore].
func (w *world) Questions(_ context.Context, _ uint64, ids []uint64) ([]model.Question, error) {
	if w.onQuestion != nil {
		if err := w.onQuestion(); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []model.Question
	for _, id := range ids {
		if q, ok := w.questions[id]; ok {
			list = append(list, q)
		}
	}
	return list, nil
}

// Answer implements [bot.Knowledge]: the first character of a question says how well
// it is known.
func (w *world) Answer(_ context.Context, _ uint64, ask model.Ask) (model.Answer, error) {
	if w.onAnswer != nil {
		if err := w.onAnswer(); err != nil {
			return model.Answer{}, err
		}
	}
	switch []rune(ask.Question + " ")[0] {
	case '知':
		return hit(false), nil
	case '图':
		return illustrated(), nil
	case '像':
		return suggest(), nil
	case '谢':
		return model.Answer{Kind: model.AnswerSmall, Text: "不客气"}, nil
	case '嗯':
		return model.Answer{Kind: model.AnswerSmall}, nil
	case '还':
		a := hit(false)
		a.Topic = ask.Topic != 0
		return a, nil
	}
	return miss(), nil
}

// Hot implements [bot.Knowledge].
func (w *world) Hot(_ context.Context, _ uint64, n int) ([]model.AnswerCandidate, error) {
	if w.onAnswer != nil {
		if err := w.onAnswer(); err != nil {
			return nil, err
		}
	}
	return suggest().Candidates[:min(n, 2)], nil
}

// Entry implements [bot.Knowledge]; entry 12 was deleted.
func (w *world) Entry(_ context.Context, _, id uint64) (model.AnswerCandidate, error) {
	if id != 11 {
		return model.AnswerCandidate{}, model.ErrNotFound
	}
	return hit(true).Candidates[0], nil
}

// Rephrase implements [bot.Phraser].
func (w *world) Rephrase(_ context.Context, _ model.Account, _, answer string) model.Phrase {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phrased++
	if w.phrased%3 == 0 {
		return model.Phrase{Text: answer, Reason: "timeout", TookMS: 4000}
	}
	return model.Phrase{Text: "您好，" + answer, TookMS: 900}
}

// MediaID implements [bot.MediaIDs]; blob 32 was deleted.
func (w *world) MediaID(_ context.Context, _ model.Account, blob uint64) (string, error) {
	if w.onMedia != nil {
		if err := w.onMedia(blob); err != nil {
			return "", err
		}
	}
	if blob == 32 {
		return "", model.ErrNotFound
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("media%d-%d", blob, len(w.forgotten)), nil
}

// Forget implements [bot.MediaIDs].
func (w *world) Forget(_ context.Context, _ model.Account, _ uint64, mediaID string) error {
	if w.onForget != nil {
		if err := w.onForget(); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.forgotten = append(w.forgotten, mediaID)
	return nil
}
