package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// synonymRow is one group of words that mean the same.
type synonymRow struct {
	AccountID uint64   `gorm:"primaryKey;autoIncrement:false"`
	N         int      `gorm:"primaryKey;autoIncrement:false"` // its place in the list, from 0
	Words     []string `gorm:"serializer:json;not null"`
}

// TableName implements gorm's Tabler.
func (synonymRow) TableName() string { return "synonym" }

// Synonyms are the words of an account that mean the same, in the order they were saved.
func (s *Store) Synonyms(ctx context.Context, accountID uint64) ([]model.Synonym, error) {
	var rows []synonymRow
	err := s.reader(ctx).Where("account_id = ?", accountID).Order("n").Find(&rows).Error
	var list []model.Synonym
	for _, r := range rows {
		list = append(list, model.Synonym{Words: r.Words})
	}
	return list, s.wrap(err, "read synonyms of account %d", accountID)
}

// SaveSynonyms makes words all the synonyms of an account, which is a new version of its
// knowledge base. A change of entries at work is a conflict with the reason import_running.
func (s *Store) SaveSynonyms(ctx context.Context, accountID uint64, words []model.Synonym, author string) error {
	rows := make([]synonymRow, len(words))
	for i, w := range words {
		rows[i] = synonymRow{AccountID: accountID, N: i, Words: w.Words}
	}
	change := model.KnowledgeChange{AccountID: accountID, Kind: model.ChangeSynonyms, Author: author}
	_, err := s.edit(ctx, change, func(tx *gorm.DB, _ uint64) (*part, error) {
		if err := tx.Where("account_id = ?", accountID).Delete(&synonymRow{}).Error; err != nil {
			return nil, err
		}
		return &part{}, chunks(rows, batchRows, func(some []synonymRow) error { return create(tx, some) })
	})
	return s.wrap(err, "save synonyms of account %d", accountID)
}
