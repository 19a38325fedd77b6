package sqlstore

import (
	"context"
	"errors"
	"strconv"

	"gorm.io/gorm"

	"deskmate/model"
)

// PlanErasure says what an erasure would do, and what stands in its way.
func (s *Store) PlanErasure(ctx context.Context, e model.Erasure) (model.ErasurePlan, error) {
	e.Employee = model.Fold(e.Employee)
	plan := model.ErasurePlan{Employee: e.Employee, Accounts: e.Accounts}
	q := s.reader(ctx)
	member, _, err := findMember(q, e.CorpID, e.Employee)
	if err == nil {
		plan.Name = member.Name
		plan.Roles, err = rolesOf(q, e)
	}
	for _, id := range e.Accounts {
		if err == nil {
			err = s.planAccount(ctx, &e, id, &plan)
		}
	}
	return plan, s.wrap(err, "plan an erasure")
}

func (s *Store) planAccount(ctx context.Context, e *model.Erasure, accountID uint64, plan *model.ErasurePlan) error {
	q := s.reader(ctx)
	open, err := hasOpenSession(q, e, accountID)
	if err != nil {
		return err
	}
	if open {
		plan.Open = append(plan.Open, accountID)
	}
	own := func(columns string) *gorm.DB {
		return q.Table("`session` AS s").Select(columns).Where("s.`account_id` = ? AND s.`employee` IN ?", accountID, e.Peers())
	}
	var all struct{ Sessions, Messages int64 }
	var kept fileSum
	var surveys, questions, pending, events, pushes int64
	err = errors.Join(
		own("COUNT(*) AS sessions, COALESCE(SUM(s.`message_count`), 0) AS messages").Scan(&all).Error,
		own("COUNT(*) AS files, COALESCE(SUM(f.`size`), 0) AS bytes").Joins("INNER JOIN `message_media` AS f ON f.`session_id` = s.`id`").
			Where("f.`blob_key` <> ''").Scan(&kept).Error,
		q.Model(&model.Survey{}).Where("account_id = ? AND employee IN ?", accountID, e.Peers()).Count(&surveys).Error,
		own("q.`id`").Joins("INNER JOIN `question` AS q ON q.`session_id` = s.`id` AND q.`account_id` = s.`account_id`").Count(&questions).Error,
		own("i.`id`").Joins("INNER JOIN `inbox` AS i ON i.`session_id` = s.`id`").Count(&events).Error,
		own("o.`id`").Joins("INNER JOIN `outbox` AS o ON o.`session_id` = s.`id`").Count(&pushes).Error,
	)
	if err != nil {
		return err
	}
	uploads, err := s.planUploads(ctx, e, accountID)
	if err != nil {
		return err
	}
	groups, err := s.groupLines(ctx, e, accountID)
	for _, g := range groups {
		pending += int64(len(g.lines))
	}
	plan.Sessions, plan.Messages = plan.Sessions+all.Sessions, plan.Messages+all.Messages+pending
	plan.Files, plan.Bytes = plan.Files+kept.Files+uploads.Files, plan.Bytes+kept.Bytes+uploads.Bytes
	plan.Surveys, plan.Questions, plan.Work = plan.Surveys+surveys, plan.Questions+questions, plan.Work+events+pushes
	return err
}

// planUploads counts what was sent from pages in the employee's sessions.
func (s *Store) planUploads(ctx context.Context, e *model.Erasure, accountID uint64) (fileSum, error) {
	var sum fileSum
	var ids []uint64
	err := s.reader(ctx).Model(&model.Session{}).Where("account_id = ? AND employee IN ?", accountID, e.Peers()).Pluck("id", &ids).Error
	if err != nil {
		return sum, err
	}
	err = chunks(ids, batchRows, func(some []uint64) error {
		blobs, err := s.ownBlobs(ctx, accountID, some)
		for _, b := range blobs {
			sum.Files, sum.Bytes = sum.Files+1, sum.Bytes+b.Size
		}
		return err
	})
	return sum, err
}

// ownBlobs are the pictures and files in lines of some sessions that are not of the knowledge, each once.
func (s *Store) ownBlobs(ctx context.Context, accountID uint64, sessions []uint64) ([]model.Blob, error) {
	ids, err := lineBlobs(s.reader(ctx), sessions)
	if err != nil {
		return nil, err
	}
	return s.unknownBlobs(ctx, accountID, ids)
}

// unknownBlobs are those of some pictures and files that are not of the knowledge.
func (s *Store) unknownBlobs(ctx context.Context, accountID uint64, ids []uint64) ([]model.Blob, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	known, err := s.knowledgeBlobs(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var list, own []model.Blob
	err = s.reader(ctx).Select("id", "size").Where("id IN ? AND account_id = ? AND kind = ?", ids, accountID, model.BlobMedia).Find(&list).Error
	for _, b := range list {
		if !known[b.ID] {
			own = append(own, b)
		}
	}
	return own, err
}

func hasOpenSession(q *gorm.DB, e *model.Erasure, accountID uint64) (bool, error) {
	_, open, err := find[model.Session](q.Where("account_id = ? AND employee IN ? AND state IN ?", accountID, e.Peers(), openStates()))
	return open, err
}

// rolesOf says what the employee is besides an employee, in any account of the corp.
func rolesOf(q *gorm.DB, e model.Erasure) ([]string, error) {
	var accounts []accountRow
	if err := q.Select("id", "account_key").Where("corp_fold = ?", model.Fold(e.CorpID)).Find(&accounts).Error; err != nil {
		return nil, err
	}
	ids := make([]uint64, len(accounts))
	keys := map[string]bool{}
	for i, a := range accounts {
		ids[i], keys[a.AccountKey] = a.ID, true
	}
	_, seat, seatErr := find[model.Seat](q.Where("account_id IN ? AND user_id = ?", ids, e.Employee))
	_, owner, ownerErr := find[ownerRow](q.Where("account_id IN ? AND user_id = ?", ids, e.Employee))
	_, super, superErr := find[model.SuperAdmin](q.Where("corp_id = ? AND user_id = ?", model.Fold(e.CorpID), e.Employee))
	var tokens []model.Token
	err := errors.Join(seatErr, ownerErr, superErr, q.Where("user_id = ?", e.Employee).Find(&tokens).Error)
	token := false
	for _, t := range tokens {
		for _, k := range t.Accounts {
			token = token || keys[k]
		}
	}
	var roles []string
	for _, r := range []struct {
		name string
		is   bool
	}{{"seat", seat}, {"owner", owner}, {"super_admin", super}, {"token", token}} {
		if r.is {
			roles = append(roles, r.name)
		}
	}
	return roles, err
}

// idText is an id in texts.
func idText(id uint64) string { return strconv.FormatUint(id, 10) }
