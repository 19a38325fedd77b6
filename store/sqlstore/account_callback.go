package sqlstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// NoteCallback remembers that something happened on WeCom's way to an account; reason is why a
// callback was refused.
func (s *Store) NoteCallback(ctx context.Context, accountID uint64, news model.CallbackNews, reason string) error {
	row := model.CallbackRecord{AccountID: accountID}
	var columns []string
	switch news {
	case model.CallbackVerified:
		row.VerifiedMS, columns = s.nowMS(), []string{"verified_ms"}
	case model.CallbackReceived:
		row.ReceivedMS, columns = s.nowMS(), []string{"received_ms"}
	case model.CallbackRefused:
		row.RefusedMS, row.Refusal, columns = s.nowMS(), clip(reason, 64), []string{"refused_ms", "refusal"}
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "account_id"}}, DoUpdates: clause.AssignmentColumns(columns),
		}).Create(&row).Error
	})
	return s.wrap(err, "note a callback of account %d", accountID)
}

// CallbackRecord is what is known of WeCom's way to an account; zero where nothing is.
func (s *Store) CallbackRecord(ctx context.Context, accountID uint64) (model.CallbackRecord, error) {
	row, _, err := find[model.CallbackRecord](s.reader(ctx).Where("account_id = ?", accountID))
	row.AccountID = accountID
	return row, s.wrap(err, "read callbacks of account %d", accountID)
}

// forgetCallback forgets what was known with other secrets.
func forgetCallback(tx *gorm.DB, accountID uint64) error {
	return tx.Where("account_id = ?", accountID).Delete(&model.CallbackRecord{}).Error
}
