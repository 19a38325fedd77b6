package sqlstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// AddLLMUsage adds to what an account's language model did on a day.
func (s *Store) AddLLMUsage(ctx context.Context, u model.LLMUsage) error {
	more := func(column string, n int64) clause.Assignment {
		return clause.Assignment{Column: clause.Column{Name: column}, Value: gorm.Expr("`llm_usage`.`"+column+"` + ?", n)}
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "account_id"}, {Name: "day"}},
			DoUpdates: clause.Set{
				more("calls", u.Calls), more("tokens_in", u.TokensIn), more("tokens_out", u.TokensOut), more("verbatim", u.Verbatim),
			},
		}).Create(&u).Error
	})
	return s.wrap(err, "count model usage of account %d", u.AccountID)
}

// LLMUsage is what an account's language model did on a day (yyyymmdd); nothing, where it did
// nothing.
func (s *Store) LLMUsage(ctx context.Context, accountID uint64, day int) (model.LLMUsage, error) {
	u, ok, err := find[model.LLMUsage](s.reader(ctx).Where("account_id = ? AND day = ?", accountID, day))
	if !ok {
		u = model.LLMUsage{AccountID: accountID, Day: day}
	}
	return u, s.wrap(err, "read model usage of account %d", accountID)
}
