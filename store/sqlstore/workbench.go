package sqlstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// seenRow is how far a seat has read a session.
type seenRow struct {
	SessionID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Seat      string `gorm:"primaryKey;size:128"` // folded userid
	AccountID uint64 `gorm:"not null"`
	Seq       int    `gorm:"not null"`
	SeenMS    int64  `gorm:"not null"`
}

// TableName names the table.
func (seenRow) TableName() string { return "session_seen" }

// SeeSession notes that a seat has read a session up to a line. Less than before changes
// nothing, and nobody can have read more than there is.
func (s *Store) SeeSession(ctx context.Context, session model.Session, seat string, seq int) error {
	row := seenRow{
		SessionID: session.ID, Seat: model.Fold(seat), AccountID: session.AccountID,
		Seq: min(seq, session.MessageCount), SeenMS: s.nowMS(),
	}
	if row.Seat == "" || row.Seq <= 0 {
		return nil
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		before, ok, err := find[seenRow](tx.Where("session_id = ? AND seat = ?", row.SessionID, row.Seat))
		if err != nil || ok && before.Seq >= row.Seq {
			return err
		}
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "session_id"}, {Name: "seat"}},
			DoUpdates: clause.AssignmentColumns([]string{"seq", "seen_ms"}),
		}).Create(&row).Error
	})
	return s.wrap(err, "note what a seat has read of session %d", session.ID)
}

// WorkCounts counts the lists that f lists, whatever its List: those of its seat or, without
// one, of the whole account. The list mine, and what is unread, are those of the seat me; "" has
// neither.
func (s *Store) WorkCounts(ctx context.Context, f model.WorkFilter, me string) (model.WorkCounts, error) {
	var counts model.WorkCounts
	q := s.reader(ctx)
	undelivered, err := undeliveredBy(q, f.Account.ID)
	if err != nil {
		return counts, s.wrap(err, "count sessions of account %d", f.Account.ID)
	}
	for list, n := range map[model.WorkList]*int{
		model.WorkMine: &counts.Mine, model.WorkQueue: &counts.Queue,
		model.WorkBot: &counts.Bot, model.WorkAttention: &counts.Attention,
	} {
		each := f
		each.List, each.After = list, model.WorkPlace{}
		if list == model.WorkMine {
			each.Seat = me
		}
		if list == model.WorkMine && me == "" {
			continue
		}
		var rows int64
		err := q.Table("(?) AS listed", workQuery(q, each, undelivered).Limit(model.WorkCountMost)).Count(&rows).Error
		if err != nil {
			return counts, s.wrap(err, "count sessions of account %d", f.Account.ID)
		}
		*n = int(rows)
	}
	if me != "" {
		counts.Unread, err = unread(q, f.Account.ID, me)
	}
	return counts, s.wrap(err, "count what is unread of account %d", f.Account.ID)
}

// unread counts what a seat has not read in the sessions that it answers.
func unread(q *gorm.DB, accountID uint64, me string) ([]model.UnreadLines, error) {
	var ids []uint64
	err := q.Model(&model.Session{}).Where("account_id = ? AND seat IN ? AND state = ?", accountID, []string{me, ""}, model.StateServing).
		Order(byID+" DESC").Limit(model.WorkCountMost).Pluck("id", &ids).Error
	if err != nil {
		return nil, err
	}
	var list []model.UnreadLines
	err = chunks(ids, batchRows, func(some []uint64) error {
		var rows []model.UnreadLines
		err := q.Table("session AS s").Select("s.id AS session, COUNT(*) AS `lines`").
			Joins("LEFT JOIN session_seen AS seen ON seen.session_id = s.id AND seen.seat = ?", me).
			Joins("JOIN message AS m ON m.session_id = s.id AND m.seq > s.message_count - ? AND m.seq > COALESCE(seen.seq, 0)", model.UnreadOf).
			Where("s.id IN ? AND m.sender_kind = ? AND m.at_ms > s.last_seat_ms", some, model.FromEmployee).
			Group("s.id").Scan(&rows).Error
		list = append(list, rows...)
		return err
	})
	return list, err
}

// deliveriesMost is how many lines that were not delivered are told of one session.
const deliveriesMost = 200

// Deliveries are the lines of a session that did not surely reach its employee, the last ones
// where there are many.
func (s *Store) Deliveries(ctx context.Context, session model.Session) ([]model.Delivery, error) {
	var rows []model.Outbox
	err := s.reader(ctx).Select("message_seq", "state", "errcode").
		Where("session_id = ? AND message_seq > 0 AND lane = ? AND state IN ?", session.ID,
			model.OutLane(session.AccountID, session.Employee), []model.OutboxState{model.OutDead, model.OutUncertain}).
		Order("message_seq DESC").Limit(deliveriesMost).Find(&rows).Error
	list := make([]model.Delivery, len(rows))
	for i, r := range rows {
		list[i] = model.Delivery{Seq: r.MessageSeq, State: r.State, ErrCode: r.ErrCode}
	}
	return list, s.wrap(err, "read what was not delivered of session %d", session.ID)
}
