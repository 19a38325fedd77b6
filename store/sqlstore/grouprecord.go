package sqlstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// NoteBot remembers how it goes with an account's AI bot.
func (s *Store) NoteBot(ctx context.Context, accountID uint64, news model.BotNews) error {
	row := model.BotRecord{AccountID: accountID, UpMS: s.nowMS()}
	columns := []string{"up_ms"}
	if !news.Up {
		row = model.BotRecord{AccountID: accountID, DownMS: s.nowMS(), Reason: clip(news.Reason, 64), Code: news.Code}
		columns = []string{"down_ms", "reason", "code"}
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "account_id"}}, DoUpdates: clause.AssignmentColumns(columns),
		}).Create(&row).Error
	})
	return s.wrap(err, "note how the bot of account %d is", accountID)
}

// BotRecord is what is known of the way to an account's AI bot; zero where nothing is.
func (s *Store) BotRecord(ctx context.Context, accountID uint64) (model.BotRecord, error) {
	row, _, err := find[model.BotRecord](s.reader(ctx).Where("account_id = ?", accountID))
	if err != nil {
		return row, s.wrap(err, "read how the bot of account %d is", accountID)
	}
	row.AccountID = accountID
	lease, ok, err := find[groupLease](s.reader(ctx).Where("account_id = ?", accountID))
	if ok && lease.Owner != "" {
		row.HeldMS = lease.UntilMS
	}
	return row, s.wrap(err, "read who holds the bot of account %d", accountID)
}

// forgetBot forgets what was known of another bot, or of this one with other secrets.
func forgetBot(tx *gorm.DB, accountID uint64) error {
	return tx.Where("account_id = ?", accountID).Delete(&model.BotRecord{}).Error
}

// GroupChats lists the group chats in which an account's bot was mentioned, the one that changed
// last first, from the key on; the zero key is the beginning. Each comes with a member that
// carries its name, by peer.
func (s *Store) GroupChats(
	ctx context.Context, acc model.Account, after model.GroupKey, limit int,
) ([]model.GroupChat, map[string]model.Member, error) {
	q := s.reader(ctx).Where("account_id = ?", acc.ID)
	if after != (model.GroupKey{}) {
		q = q.Where("updated_ms < ? OR updated_ms = ? AND peer < ?", after.AtMS, after.AtMS, after.Peer)
	}
	var rows []model.GroupChat
	if err := q.Order("updated_ms DESC, peer DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, nil, s.wrap(err, "list group chats of account %d", acc.ID)
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].LastFrom
	}
	writers, err := findMembers(s.reader(ctx), acc.CorpID, people(ids))
	if err != nil {
		return nil, nil, s.wrap(err, "name group chats of account %d", acc.ID)
	}
	names := make(map[string]model.Member, len(rows))
	for i := range rows {
		writer, known := writers[rows[i].LastFrom]
		if !known {
			writer = model.Member{UserID: rows[i].LastFrom}
		}
		names[rows[i].Peer] = groupMember(rows[i], writer)
	}
	return rows, names, nil
}
