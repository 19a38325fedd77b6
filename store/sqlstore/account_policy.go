package sqlstore

import (
	"context"
	"reflect"

	"gorm.io/gorm"

	"deskmate/model"
)

// SetBotPolicy changes what an account's bot and language model do, and returns the version
// that this makes of the account. expectVersion is the one the caller saw: ErrStale where the
// account has changed since; 0 doesn't look. The same policies again change nothing.
func (s *Store) SetBotPolicy(
	ctx context.Context, accountID, expectVersion uint64, bot model.BotPolicy, llm model.LLMPolicy,
) (version uint64, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		row, err := lockAccount(tx, accountID, expectVersion)
		if err != nil {
			return err
		}
		version = row.Version
		acc, err := s.account(row)
		if err != nil {
			return err
		}
		before := acc.Policy
		acc.Policy.Bot, acc.Policy.LLM = bot, llm
		if reflect.DeepEqual(before, acc.Policy) {
			return nil
		}
		version++
		acc.Version, acc.UpdatedMS = version, s.nowMS()
		if row, err = s.accountRow(acc); err != nil {
			return err
		}
		if err := tx.Model(&row).Select("policy", "version", "updated_ms").Updates(&row).Error; err != nil {
			return err
		}
		return bumpRevision(tx, accountsRevision)
	})
	return version, s.wrap(err, "set policy of account %d", accountID)
}
