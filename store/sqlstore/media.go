package sqlstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// mediaRow is the temporary name of a blob at WeCom.
type mediaRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	BlobID    uint64 `gorm:"primaryKey;autoIncrement:false"`
	MediaID   string
	ExpiresMS int64
}

// TableName implements gorm's Tabler.
func (mediaRow) TableName() string { return "media_upload" }

// MediaUpload is the temporary media id that WeCom gave a blob last, and when that ends;
// ErrNotFound where it never had one.
func (s *Store) MediaUpload(ctx context.Context, accountID, blobID uint64) (mediaID string, expiresMS int64, err error) {
	row, ok, err := find[mediaRow](s.reader(ctx).Where("account_id = ? AND blob_id = ?", accountID, blobID))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row.MediaID, row.ExpiresMS, s.wrap(err, "read media id of blob %d", blobID)
}

// SaveMediaUpload remembers the temporary media id that WeCom gave a blob.
func (s *Store) SaveMediaUpload(ctx context.Context, accountID, blobID uint64, mediaID string, expiresMS int64) error {
	row := mediaRow{AccountID: accountID, BlobID: blobID, MediaID: mediaID, ExpiresMS: expiresMS}
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}, {Name: "blob_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"media_id", "expires_ms"}),
		}).Create(&row).Error
	})
	return s.wrap(err, "save media id of blob %d", blobID)
}
