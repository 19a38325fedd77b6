package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// chunkBytes is how much of a blob one row holds. In a statement it may take twice the
// room, and a server may take no more than a MiB at once.
const chunkBytes = 500 << 10

// blobAbandoned is how old a blob is that nobody will finish writing.
const blobAbandoned = 24 * time.Hour

// chunkRow is a piece of a blob.
type chunkRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	BlobID    uint64 `gorm:"primaryKey;autoIncrement:false"`
	N         int    `gorm:"primaryKey;autoIncrement:false"` // its place, from 0
	Data      []byte
}

// TableName implements gorm's Tabler.
func (chunkRow) TableName() string { return "blob_chunk" }

// PutBlob stores what data has until its end, under b's account, kind, name and type, and
// returns the blob with the rest filled in. Nobody sees it before it is whole. An error of
// data comes back as it is.
func (s *Store) PutBlob(ctx context.Context, b model.Blob, data io.Reader) (model.Blob, error) {
	now := s.now()
	if err := s.sweepBlobs(ctx, b, now); err != nil {
		return b, s.wrap(err, "store %s", b.Kind)
	}
	b.ID, b.CreatedMS = cmp.Or(b.ID, model.NewID(now)), model.MS(now)
	b.Size, b.Sum = 0, ""
	b.Name, b.Type = clip(b.Name, nameSize), clip(b.Type, mimeSize)
	if err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&b).Error }); err != nil {
		return b, s.wrap(err, "store %s", b.Kind)
	}
	err := s.writeChunks(ctx, &b, data)
	if err == nil {
		err = s.write(ctx, func(tx *gorm.DB) error {
			begun := tx.Model(&model.Blob{}).Where("id = ? AND account_id = ?", b.ID, b.AccountID)
			return one(begun.Updates(map[string]any{"size": b.Size, "sum": b.Sum}), model.ErrNotFound)
		})
	}
	if err != nil {
		return b, s.wrap(errors.Join(err, s.dropBlob(context.WithoutCancel(ctx), b.AccountID, b.ID)), "store %s", b.Kind)
	}
	return b, nil
}

// mimeSize is how long a MIME type may be.
const mimeSize = 100

// writeChunks stores the pieces of a blob and counts and sums them up.
func (s *Store) writeChunks(ctx context.Context, b *model.Blob, data io.Reader) error {
	sum, buffer := sha256.New(), make([]byte, chunkBytes)
	for n := 0; ; n++ {
		size, err := io.ReadFull(data, buffer)
		if size > 0 {
			_, _ = sum.Write(buffer[:size]) // never fails
			b.Size += int64(size)
			row := chunkRow{AccountID: b.AccountID, BlobID: b.ID, N: n, Data: buffer[:size]}
			if err := s.write(ctx, func(tx *gorm.DB) error { return tx.Create(&row).Error }); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			b.Sum = hex.EncodeToString(sum.Sum(nil))
			return nil
		case err != nil:
			return err
		}
	}
}

// sweepBlobs removes blobs of the kind that were begun long ago and never finished.
func (s *Store) sweepBlobs(ctx context.Context, b model.Blob, now time.Time) error {
	var ids []uint64
	err := s.reader(ctx).Model(&model.Blob{}).Where("account_id = ? AND kind = ?", b.AccountID, b.Kind).
		Where("sum = '' AND created_ms < ?", model.MS(now.Add(-blobAbandoned))).Pluck("id", &ids).Error
	for _, id := range ids {
		if err := s.dropBlob(ctx, b.AccountID, id); err != nil {
			return err
		}
	}
	return err
}

// Blob finds a blob of an account.
func (s *Store) Blob(ctx context.Context, accountID, id uint64) (model.Blob, error) {
	b, ok, err := find[model.Blob](s.reader(ctx).Where("id = ? AND account_id = ? AND sum <> ''", id, accountID))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return b, s.wrap(err, "read blob %d", id)
}

// BlobData reads what a blob holds. Data that is no longer what was stored is an error.
func (s *Store) BlobData(ctx context.Context, accountID, id uint64) ([]byte, error) {
	b, err := s.Blob(ctx, accountID, id)
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, b.Size)
	for n := 0; int64(len(data)) < b.Size; n++ {
		chunk, ok, err := find[chunkRow](s.reader(ctx).Where("account_id = ? AND blob_id = ? AND n = ?", accountID, id, n))
		if err != nil {
			return nil, s.wrap(err, "read blob %d", id)
		}
		if !ok {
			break
		}
		data = append(data, chunk.Data...)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != b.Sum {
		return nil, &model.Error{Code: model.CodeInternal, Reason: "blob_damaged", Message: "a stored file is not what was stored"}
	}
	return data, nil
}

// DeleteBlob removes a blob; one that is not there is no error.
func (s *Store) DeleteBlob(ctx context.Context, accountID, id uint64) error {
	return s.wrap(s.dropBlob(ctx, accountID, id), "delete blob %d", id)
}

func (s *Store) dropBlob(ctx context.Context, accountID, id uint64) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("id = ? AND account_id = ?", id, accountID).Delete(&model.Blob{}).Error; err != nil {
			return err
		}
		return tx.Where("account_id = ? AND blob_id = ?", accountID, id).Delete(&chunkRow{}).Error
	})
}
