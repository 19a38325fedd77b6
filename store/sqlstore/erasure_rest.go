package sqlstore

import (
	"context"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"deskmate/model"
)

// errErasurePending says that something of the employee is still on its way.
var errErasurePending = &model.Error{Code: model.CodeConflict, Reason: "pending", Message: "还有消息正在处理或发送"}

// EraseRest erases what is outside of the employee's own sessions: lines in groups, what waits and
// waited in lanes, what is remembered of the person. It is a conflict while events or pushes of the
// person are on their way.
func (s *Store) EraseRest(ctx context.Context, e model.Erasure, lease time.Duration) error {
	for _, accountID := range e.Accounts {
		if err := s.eraseGroups(ctx, e, accountID, lease); err != nil {
			return err
		}
		if err := s.eraseLanes(ctx, e, accountID, lease); err != nil {
			return err
		}
		for _, t := range doneTables() {
			if err := s.eraseMentions(ctx, e, accountID, t, lease); err != nil {
				return err
			}
		}
		if err := s.eraseQuestions(ctx, e, accountID, lease); err != nil {
			return err
		}
	}
	return nil
}

// groupLine is what the employee wrote in a session of a group.
type groupLine struct {
	session uint64
	lines   []int
	texts   map[string]bool
	blobs   []uint64
}

// groupLines finds what the employee wrote in groups.
func (s *Store) groupLines(ctx context.Context, e *model.Erasure, accountID uint64) ([]groupLine, error) {
	q := s.reader(ctx)
	var sessions []uint64
	// "#" begins the peers of groups, and "$" follows it.
	err := q.Model(&model.Session{}).Where("account_id = ? AND employee >= ? AND employee < ?", accountID, "#", "$").
		Where("employee <> ?", model.GroupPeer(e.Employee)).Order("id").Pluck("id", &sessions).Error
	if err != nil {
		return nil, err
	}
	var list []groupLine
	err = chunks(sessions, batchRows, func(ids []uint64) error {
		var lines []model.Message
		if err := q.Where("session_id IN ? AND sender = ?", ids, e.Employee).Order("session_id, seq").Find(&lines).Error; err != nil {
			return err
		}
		for _, m := range lines {
			if len(list) == 0 || list[len(list)-1].session != m.SessionID {
				list = append(list, groupLine{session: m.SessionID, texts: map[string]bool{}})
			}
			g := &list[len(list)-1]
			g.lines = append(g.lines, m.Seq)
			g.texts[m.Content.Text] = true
			if m.Content.Blob != 0 {
				g.blobs = append(g.blobs, m.Content.Blob)
			}
		}
		return nil
	})
	return list, err
}

func (s *Store) eraseGroups(ctx context.Context, e model.Erasure, accountID uint64, lease time.Duration) error {
	list, err := s.groupLines(ctx, &e, accountID)
	if err != nil {
		return s.wrap(err, "look for lines in groups of account %d", accountID)
	}
	for _, g := range list {
		blobs, err := s.unknownBlobs(ctx, accountID, g.blobs)
		if err != nil {
			return s.wrap(err, "look for uploads in groups of account %d", accountID)
		}
		err = s.erasing(ctx, e, lease, func(tx *gorm.DB, counts *model.ErasedRows) error {
			r := eraser{tx: tx, counts: counts, e: &e, accountID: accountID}
			r.files(tx.Where("session_id = ? AND seq IN ?", g.session, g.lines))
			r.blobs(blobs)
			r.change("message", model.RowsBlanked, tx.Where("session_id = ? AND seq IN ?", g.session, g.lines), map[string]any{"content": blankContent(), "sender": e.Pseudonym})
			var asked []model.Question
			if err := tx.Where("account_id = ? AND session_id = ?", accountID, g.session).Find(&asked).Error; err != nil {
				return err
			}
			for _, q := range asked {
				if g.texts[q.Text] {
					r.questions(tx.Where("id = ?", q.ID), q.Employee)
				}
			}
			r.remove("inbox", tx.Where("session_id = ? AND +state <> ?", g.session, model.InboxPending))
			r.remove("outbox", tx.Where("session_id = ? AND +state NOT IN ?", g.session, unsentStates()))
			// The index forgets the session and learns it again, without these lines.
			return firstOf(r.err, tx.Table("session").Where("id = ?", g.session).Updates(map[string]any{"unindexed": true, "version": gorm.Expr("version + 1")}).Error)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eraseLanes erases the lanes of the employee, once nothing waits in them.
func (s *Store) eraseLanes(ctx context.Context, e model.Erasure, accountID uint64, lease time.Duration) error {
	var lanes []string
	for _, peer := range e.Peers() {
		lanes = append(lanes, model.PersonLane(accountID, peer), model.OutLane(accountID, peer))
	}
	return s.erasing(ctx, e, lease, func(tx *gorm.DB, counts *model.ErasedRows) error {
		// Locked, so that nothing new begins meanwhile: what comes makes a lane of its own.
		var rows []model.Lane
		if err := tx.Clauses(forUpdate()).Where("lane IN ?", lanes).Order("lane").Find(&rows).Error; err != nil {
			return err
		}
		for _, l := range rows {
			waiting, err := pending(tx, l)
			if err != nil || waiting || l.Owner != "" {
				return firstOf(err, errErasurePending)
			}
		}
		open, err := hasOpenSession(tx, &e, accountID)
		if err != nil || open {
			return firstOf(err, errErasureOpen)
		}
		r := eraser{tx: tx, counts: counts, e: &e, accountID: accountID}
		for _, table := range []string{"timer", "inbox", "outbox", "lane"} {
			r.remove(table, tx.Where("lane IN ?", lanes))
		}
		r.remove("conversation", tx.Where("account_id = ? AND peer IN ?", accountID, e.Peers()))
		r.remove("group_chat", tx.Where("account_id = ? AND peer IN ?", accountID, e.Peers()))
		r.change("group_chat", model.RowsRenamed, tx.Where("account_id = ? AND last_from = ?", accountID, e.Employee), map[string]any{"last_from": e.Pseudonym})
		r.remove("webhook_delivery", tx.Where("account_id = ? AND employee IN ?", accountID, e.Peers()))
		r.remove("held", tx.Where("account_id = ? AND INSTR(LOWER(event), ?) > 0", accountID, quoted(&e)))
		return r.err
	})
}

// eraseMentions deletes what was done with and names the employee, in other people's lanes.
func (s *Store) eraseMentions(ctx context.Context, e model.Erasure, accountID uint64, t doneTable, lease time.Duration) error {
	// Where nobody knows a name, people are called by their userid; a short one is in many words.
	const short = 5
	name := e.Name
	if name == "" && len(e.Employee) >= short {
		name = e.Employee
	}
	if utf8.RuneCountInString(name) < 2 {
		name = quoted(&e)
	}
	text := map[string]string{"inbox": "event", "outbox": "push"}[t.name]
	for _, state := range t.states {
		rows := func(q *gorm.DB) *gorm.DB {
			return q.Table(t.name).Where("account_id = ? AND state = ?", accountID, state)
		}
		err := s.eachWindow(ctx, rows, "id", func(window func(*gorm.DB) *gorm.DB) error {
			return s.erasing(ctx, e, lease, func(tx *gorm.DB, counts *model.ErasedRows) error {
				r := eraser{tx: tx, counts: counts, e: &e, accountID: accountID}
				r.remove(t.name, window(tx).Where("(INSTR(LOWER("+text+"), ?) > 0 OR INSTR("+text+", ?) > 0)", quoted(&e), name))
				return r.err
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// quoted is the employee as a text in JSON.
func quoted(e *model.Erasure) string { return `"` + e.Employee + `"` }

// eraseQuestions blanks questions that belong to no session of the employee's.
func (s *Store) eraseQuestions(ctx context.Context, e model.Erasure, accountID uint64, lease time.Duration) error {
	rows := func(q *gorm.DB) *gorm.DB { return q.Table("question").Where("account_id = ?", accountID) }
	return s.eachWindow(ctx, rows, "session_id", func(window func(*gorm.DB) *gorm.DB) error {
		return s.erasing(ctx, e, lease, func(tx *gorm.DB, counts *model.ErasedRows) error {
			r := eraser{tx: tx, counts: counts, e: &e, accountID: accountID}
			r.questions(window(tx).Where("employee IN ?", e.Peers()), e.Pseudonym)
			return r.err
		})
	})
}

// eachWindow walks rows by a key of numbers, some at a time: window narrows to them.
func (s *Store) eachWindow(
	ctx context.Context, rows func(*gorm.DB) *gorm.DB, key string, do func(window func(*gorm.DB) *gorm.DB) error,
) error {
	for after := int64(-1); ; {
		var last *int64
		part := rows(s.reader(ctx)).Select(key+" AS k").Where(key+" > ?", after).Order(key).Limit(purgeWindow)
		if err := s.reader(ctx).Table("(?) AS w", part).Select("MAX(k)").Scan(&last).Error; err != nil || last == nil {
			return s.wrap(err, "walk rows by %s", key)
		}
		from, to := after, *last
		if err := do(func(q *gorm.DB) *gorm.DB { return rows(q).Where(key+" > ? AND "+key+" <= ?", from, to) }); err != nil {
			return err
		}
		after = to
	}
}

// EraseDirectory deletes the copy of the directory's entry of the employee, and logins.
func (s *Store) EraseDirectory(ctx context.Context, e model.Erasure, lease time.Duration) error {
	return s.erasing(ctx, e, lease, func(tx *gorm.DB, counts *model.ErasedRows) error {
		r := eraser{tx: tx, counts: counts, e: &e}
		for _, table := range []string{"member", "member_department", "member_word", "login"} {
			r.remove(table, tx.Where("corp_id = ? AND user_id = ?", model.Fold(e.CorpID), e.Employee))
		}
		return r.err
	})
}

// ErasedSessions are those of some sessions that the text index is to forget.
func (s *Store) ErasedSessions(ctx context.Context, e model.Erasure, accountID uint64, ids []uint64) (map[uint64]bool, error) {
	erased := map[uint64]bool{}
	q := s.reader(ctx)
	err := chunks(ids, 5*batchRows, func(some []uint64) error {
		var own, wrote []uint64
		err := firstOf(
			q.Model(&model.Session{}).Where("id IN ? AND +account_id = ? AND employee IN ?", some, accountID, []string{e.Pseudonym, model.GroupPeer(e.Pseudonym)}).Pluck("id", &own).Error,
			q.Model(&model.Message{}).Where("session_id IN ? AND sender = ?", some, e.Pseudonym).Distinct().Pluck("session_id", &wrote).Error,
		)
		for _, id := range append(own, wrote...) {
			erased[id] = true
		}
		return err
	})
	return erased, s.wrap(err, "look which sessions of account %d were erased", accountID)
}
