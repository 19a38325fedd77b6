package sqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// erasedText stands where a text was erased that must not be empty.
const erasedText = "（已清除）"

// erasedName stands for a peer of the employee.
func erasedName(e *model.Erasure, peer string) string {
	if model.IsGroup(peer) {
		return model.GroupPeer(e.Pseudonym)
	}
	return e.Pseudonym
}

// EraseSessions erases some of the employee's sessions, and tells whether there may be more. It is
// a conflict while one is open.
func (s *Store) EraseSessions(ctx context.Context, e model.Erasure, lease time.Duration) (more bool, err error) {
	for _, accountID := range e.Accounts {
		open, err := hasOpenSession(s.reader(ctx), &e, accountID)
		if err != nil || open {
			return false, s.wrap(firstOf(err, errErasureOpen), "erase sessions of account %d", accountID)
		}
		for _, peer := range e.Peers() {
			var ids []uint64
			err := s.reader(ctx).Model(&model.Session{}).Where("account_id = ? AND employee = ? AND state = ?", accountID, peer, model.StateClosed).
				Order("id").Limit(purgeSessions).Pluck("id", &ids).Error
			if err == nil && len(ids) > 0 {
				return true, s.eraseSessions(ctx, e, accountID, peer, ids, lease)
			}
			if err != nil {
				return false, s.wrap(err, "list sessions of account %d to erase", accountID)
			}
		}
	}
	return false, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eraseSessions(ctx context.Context, e model.Erasure, accountID uint64, peer string, ids []uint64, lease time.Duration) error {
	blobs, err := s.ownBlobs(ctx, accountID, ids)
	if err != nil {
		return s.wrap(err, "look for uploads of sessions to erase")
	}
	return s.erasing(ctx, e, lease, func(tx *gorm.DB, counts *model.ErasedRows) error {
		r := eraser{tx: tx, counts: counts, e: &e, accountID: accountID}
		r.files(tx.Where("session_id IN ?", ids))
		r.blobs(blobs)
		r.change("message", model.RowsBlanked, tx.Where("session_id IN ?", ids), map[string]any{
			"content": blankContent(), "sender": gorm.Expr("CASE WHEN sender = ? THEN ? ELSE sender END", e.Employee, e.Pseudonym),
		})
		r.questions(tx.Where("account_id = ? AND session_id IN ?", accountID, ids), erasedName(&e, peer))
		r.change("survey", model.RowsBlanked, tx.Where("session_id IN ?", ids), map[string]any{
			"employee": erasedName(&e, peer), "comment": gorm.Expr("CASE WHEN comment = '' THEN '' ELSE ? END", erasedText),
		})
		r.change("seat_session", model.RowsRenamed, tx.Where("session_id IN ?", ids), map[string]any{"employee": erasedName(&e, peer)})
		r.remove("inbox", tx.Where("session_id IN ? AND +state <> ?", ids, model.InboxPending))
		r.remove("outbox", tx.Where("session_id IN ? AND +state NOT IN ?", ids, unsentStates()))
		// A worker that has loaded one of them decides again.
		r.change("session", model.RowsRenamed, tx.Where("id IN ?", ids), map[string]any{
			"employee": erasedName(&e, peer), "version": gorm.Expr("version + 1"), "suggested": "[]", "unshown": "[]",
		})
		return r.err
	})
}

// blankContent is what is left of a line.
func blankContent() string {
	return auditText(model.Content{Type: model.ContentText, Text: erasedText})
}

// eraser erases rows within a transaction, and counts them. After an error it does nothing.
type eraser struct {
	tx        *gorm.DB
	counts    *model.ErasedRows
	e         *model.Erasure
	accountID uint64
	err       error
}

// change updates rows, all of which count.
func (r *eraser) change(table, done string, where *gorm.DB, to map[string]any) {
	if r.err != nil {
		return
	}
	// Counted first: MySQL tells only of rows that differ.
	var n int64
	if r.err = where.Session(&gorm.Session{}).Table(table).Count(&n).Error; r.err != nil || n == 0 {
		return
	}
	r.err = where.Session(&gorm.Session{}).Table(table).Updates(to).Error
	r.counts.Add(table, done, n)
}

func (r *eraser) remove(table string, where *gorm.DB) {
	if r.err != nil {
		return
	}
	res := where.Session(&gorm.Session{}).Table(table).Delete(nil)
	r.err = res.Error
	r.counts.Add(table, model.RowsDeleted, res.RowsAffected)
}

// files deletes rows of media and notes their files for removal.
func (r *eraser) files(where *gorm.DB) {
	if r.err == nil {
		r.err = queueFiles(r.tx, where.Session(&gorm.Session{}).Model(&model.MessageMedia{}))
	}
	r.remove("message_media", where)
}

func (r *eraser) blobs(list []model.Blob) {
	ids := make([]uint64, len(list))
	for i, b := range list {
		ids[i] = b.ID
	}
	if r.err == nil && len(ids) > 0 {
		r.err = dropBlobs(r.tx, r.accountID, ids)
		r.counts.Add("blob", model.RowsDeleted, int64(len(ids)))
	}
}

// questions blanks questions: they count on, and nobody reads or learns from them.
func (r *eraser) questions(where *gorm.DB, name string) {
	if r.err != nil {
		return
	}
	var folded []string
	r.err = where.Session(&gorm.Session{}).Model(&model.Question{}).Where("miss = ? AND folded <> ''", model.MissIgnored).Distinct().Pluck("folded", &folded).Error
	if r.err == nil && len(folded) > 0 {
		r.remove("ignored_question", r.tx.Where("account_id = ? AND folded IN ?", r.accountID, folded))
	}
	r.change("question", model.RowsBlanked, where, map[string]any{
		"text": "", "folded": "", "employee": name, "miss": gorm.Expr("CASE WHEN miss = ? THEN '' ELSE miss END", model.MissOpen),
	})
}
