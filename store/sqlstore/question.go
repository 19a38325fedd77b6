package sqlstore

import (
	"context"
	"slices"
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// Sizes of a question's columns, in characters.
const (
	questionTextSize = 2000
	modelSize        = 64
)

// ignoredRow is a question that is no miss, for good.
type ignoredRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Folded    string `gorm:"primaryKey;size:400"`
	AtMS      int64
}

// TableName implements gorm's Tabler.
func (ignoredRow) TableName() string { return "ignored_question" }

// RecentQuestions lists what an account's bot was asked last, newest first.
func (s *Store) RecentQuestions(ctx context.Context, accountID uint64, limit int) ([]model.Question, error) {
	var list []model.Question
	err := s.reader(ctx).Where("account_id = ? AND text <> ''", accountID).Order("at_ms DESC, id DESC").Limit(limit).Find(&list).Error // some are erased
	return list, s.wrap(err, "read questions of account %d", accountID)
}

// Questions reads questions of an account by their ids, in that order; those that are not
// there are left out.
func (s *Store) Questions(ctx context.Context, accountID uint64, ids []uint64) ([]model.Question, error) {
	found := make(map[uint64]model.Question, len(ids))
	err := chunks(ids, batchRows, func(some []uint64) error {
		var rows []model.Question
		err := s.reader(ctx).Where("+account_id = ? AND id IN ?", accountID, some).Find(&rows).Error
		for _, q := range rows {
			found[q.ID] = q
		}
		return err
	})
	var list []model.Question
	for _, id := range ids {
		if q, ok := found[id]; ok {
			list = append(list, q)
		}
	}
	return list, s.wrap(err, "read questions of account %d", accountID)
}

// OpenMisses lists the misses of an account since a time that nobody has dealt with, newest
// first, each with the human service that followed it in its session.
func (s *Store) OpenMisses(ctx context.Context, accountID uint64, sinceMS int64, limit int) ([]model.Question, error) {
	var list []model.Question
	err := s.reader(ctx).Where("account_id = ? AND miss = ? AND at_ms >= ?", accountID, model.MissOpen, sinceMS).
		Order("at_ms DESC, id DESC").Limit(limit).Find(&list).Error
	if err == nil {
		err = s.addHuman(ctx, accountID, list)
	}
	return list, s.wrap(err, "read misses of account %d", accountID)
}

// addHuman fills in how long somebody served the sessions of the questions after them.
func (s *Store) addHuman(ctx context.Context, accountID uint64, list []model.Question) error {
	of := make(map[uint64][]*model.Question)
	var ids []uint64
	for i := range list {
		q := &list[i]
		if of[q.SessionID] == nil {
			ids = append(ids, q.SessionID)
		}
		of[q.SessionID] = append(of[q.SessionID], q)
	}
	return chunks(ids, batchRows, func(some []uint64) error {
		var sessions []model.Session
		err := s.reader(ctx).Where("+account_id = ? AND id IN ?", accountID, some).
			Select("id", "state", "assigned_ms", "closed_ms", "opened_ms", "queued_ms", "last_employee_ms", "last_seat_ms").Find(&sessions).Error
		for i := range sessions {
			for _, q := range of[sessions[i].ID] {
				q.HumanMS = humanAfter(&sessions[i], q.AtMS)
			}
		}
		return err
	})
}

// humanAfter is how long a seat served a session after a time; 0 where none has.
func humanAfter(session *model.Session, atMS int64) int64 {
	if session.AssignedMS == 0 {
		return 0
	}
	end := session.ClosedMS
	if session.Open() {
		end = session.LastActivityMS()
	}
	return max(0, end-max(session.AssignedMS, atMS))
}

// SettleMisses says what became of open misses, and of those that ask just the same, and
// returns how many it settled. entryID is the entry that was made or extended where they are
// solved. Ignored ones are remembered: asked again, they are no open misses.
func (s *Store) SettleMisses(ctx context.Context, accountID uint64, ids []uint64, state model.MissState, entryID uint64) (int, error) {
	if state != model.MissSolved && state != model.MissIgnored {
		return 0, model.Invalid("miss_state", "a miss is settled as solved or ignored")
	}
	asked, err := s.Questions(ctx, accountID, ids)
	if err != nil {
		return 0, err
	}
	var folded []string
	for _, q := range asked {
		if q.Folded != "" {
			folded = append(folded, q.Folded)
		}
	}
	slices.Sort(folded)
	settled := 0
	err = s.write(ctx, func(tx *gorm.DB) error {
		settled = 0
		if state == model.MissIgnored {
			if err := s.ignore(tx, accountID, slices.Compact(slices.Clone(folded))); err != nil {
				return err
			}
		}
		for column, values := range map[string]any{"id": ids, "folded": slices.Compact(slices.Clone(folded))} {
			res := tx.Model(&model.Question{}).Where("account_id = ? AND miss = ?", accountID, model.MissOpen).
				Where(column+" IN ?", values).Updates(map[string]any{"miss": state, "solved_by": entryID})
			if res.Error != nil {
				return res.Error
			}
			settled += int(res.RowsAffected)
		}
		if settled == 0 {
			return nil
		}
		action, target := "miss.ignored", ""
		if state == model.MissSolved {
			action, target = "miss.solved", strconv.FormatUint(entryID, 10)
		}
		entry := by(model.Audit{}, accountID, action, target, nil, map[string]any{"count": settled})
		return saveAudits(tx, []model.Audit{entry}, s.nowMS())
	})
	return settled, s.wrap(err, "settle misses of account %d", accountID)
}

// ignore remembers questions that are no misses.
func (s *Store) ignore(tx *gorm.DB, accountID uint64, folded []string) error {
	rows := make([]ignoredRow, len(folded))
	for i, f := range folded {
		rows[i] = ignoredRow{AccountID: accountID, Folded: f, AtMS: s.nowMS()}
	}
	return chunks(rows, batchRows, func(some []ignoredRow) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&some).Error
	})
}

// SeatReplies are the texts that seats wrote in sessions of an account, in order, by session.
func (s *Store) SeatReplies(ctx context.Context, accountID uint64, sessionIDs []uint64) (map[uint64][]string, error) {
	replies := make(map[uint64][]string)
	err := chunks(sessionIDs, batchRows, func(some []uint64) error {
		var rows []model.Message
		err := s.reader(ctx).Where("session_id IN ? AND account_id = ? AND sender_kind = ?", some, accountID, model.FromSeat).
			Order("session_id, seq").Find(&rows).Error
		for _, m := range rows {
			if m.Content.Type == model.ContentText && m.Content.Text != "" {
				replies[m.SessionID] = append(replies[m.SessionID], m.Content.Text)
			}
		}
		return err
	})
	return replies, s.wrap(err, "read replies of account %d", accountID)
}

// HotEntries are the entries that answered an account's questions most often since a time,
// by themselves or chosen from a suggestion, most often first.
func (s *Store) HotEntries(ctx context.Context, accountID uint64, sinceMS int64, limit int) ([]uint64, error) {
	var ids []uint64
	err := s.reader(ctx).Model(&model.Question{}).
		Select("CASE WHEN picked <> 0 THEN picked ELSE entry_id END AS hot").
		Where("account_id = ? AND at_ms >= ? AND feedback <> ?", accountID, sinceMS, model.FeedbackDown).
		Where("picked <> 0 OR (outcome = ? AND entry_id <> 0)", model.OutcomeAnswered).
		Group("hot").Order("COUNT(*) DESC, hot").Limit(limit).Pluck("hot", &ids).Error
	return ids, s.wrap(err, "read hot entries of account %d", accountID)
}

// taughtFor is how far back people's words about answers teach the bot.
const taughtFor = 365 * 24 * 3600 * 1000 // ms

// TrainingPairs are the newest questions whose entry people confirmed or denied: by a tap on
// a suggestion, by 👍 or 👎, or by making a miss an entry's question.
func (s *Store) TrainingPairs(ctx context.Context, accountID uint64, limit int) ([]model.TrainingPair, error) {
	var rows []model.Question
	err := s.reader(ctx).Select("text", "entry_id", "picked", "feedback", "solved_by").
		Where("account_id = ? AND at_ms >= ? AND text <> ''", accountID, s.nowMS()-taughtFor).
		Where("picked <> 0 OR solved_by <> 0 OR (feedback <> '' AND entry_id <> 0)").
		Order("at_ms DESC, id DESC").Limit(limit).Find(&rows).Error
	var pairs []model.TrainingPair
	for _, q := range rows {
		pairs = append(pairs, taught(q)...)
	}
	return pairs[:min(limit, len(pairs))], s.wrap(err, "read training pairs of account %d", accountID)
}

// taught is what people said about one question.
func taught(q model.Question) []model.TrainingPair {
	answered := q.EntryID
	if q.Picked != 0 {
		answered = q.Picked
	}
	var pairs []model.TrainingPair
	if q.SolvedBy != 0 {
		pairs = append(pairs, model.TrainingPair{Question: q.Text, EntryID: q.SolvedBy})
	}
	switch {
	case answered == 0 || answered == q.SolvedBy:
	case q.Feedback == model.FeedbackDown:
		pairs = append(pairs, model.TrainingPair{Question: q.Text, EntryID: answered, Wrong: true})
	case q.Feedback == model.FeedbackUp || q.Picked != 0:
		pairs = append(pairs, model.TrainingPair{Question: q.Text, EntryID: answered})
	}
	return pairs
}
