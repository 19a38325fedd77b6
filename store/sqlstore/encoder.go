package sqlstore

import (
	"bytes"
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// encodersKept is how many encoders of an account stay: the present one, and the one before
// it, which a replica may just be reading.
const encodersKept = 2

// EncoderStates are the encoders of all accounts, by account id.
func (s *Store) EncoderStates(ctx context.Context) (map[uint64]model.EncoderState, error) {
	var rows []model.EncoderState
	if err := s.reader(ctx).Find(&rows).Error; err != nil {
		return nil, s.wrap(err, "read encoder states")
	}
	states := make(map[uint64]model.EncoderState, len(rows))
	for _, r := range rows {
		states[r.AccountID] = r
	}
	return states, nil
}

// ClaimTraining lets a worker train an account's next encoder for the time of a lease, if
// nobody else does; the worker itself may claim again to have longer. It returns the state,
// and whether the claim holds. owner names the worker, at most 64 characters.
func (s *Store) ClaimTraining(ctx context.Context, accountID uint64, owner string, lease time.Duration) (model.EncoderState, bool, error) {
	if owner == "" {
		return model.EncoderState{}, false, model.Invalid("owner", "a trainer needs a name")
	}
	var (
		state   model.EncoderState
		claimed bool
	)
	err := s.write(ctx, func(tx *gorm.DB) error {
		now := s.nowMS()
		first := model.EncoderState{AccountID: accountID}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&first).Error; err != nil {
			return err
		}
		res := tx.Model(&model.EncoderState{}).Where("account_id = ? AND (until_ms <= ? OR owner = ?)", accountID, now, owner).
			Updates(map[string]any{"owner": owner, "until_ms": now + lease.Milliseconds()})
		if res.Error != nil {
			return res.Error
		}
		claimed = res.RowsAffected == 1
		var err error
		state, _, err = find[model.EncoderState](tx.Where("account_id = ?", accountID))
		return err
	})
	return state, claimed && err == nil, s.wrap(err, "claim training of account %d", accountID)
}

// SaveEncoder stores the encoder that owner has trained on a version of the account's
// knowledge base, makes it the present one and ends the claim. ErrFenced where another worker
// has claimed the training since.
func (s *Store) SaveEncoder(ctx context.Context, accountID uint64, owner string, version uint64, data []byte) (model.EncoderState, error) {
	blob, err := s.PutBlob(ctx, model.Blob{
		AccountID: accountID, Kind: model.BlobEncoder, Name: "encoder", Type: "application/octet-stream",
	}, bytes.NewReader(data))
	if err != nil {
		return model.EncoderState{}, err
	}
	var state model.EncoderState
	err = s.write(ctx, func(tx *gorm.DB) error {
		mine := tx.Model(&model.EncoderState{}).Where("account_id = ? AND owner = ?", accountID, owner)
		err := one(mine.Updates(map[string]any{
			"seq": gorm.Expr("seq + 1"), "blob_id": blob.ID, "version": version, "owner": "", "until_ms": 0, "trained_ms": s.nowMS(),
		}), model.ErrFenced)
		if err != nil {
			return err
		}
		state, _, err = find[model.EncoderState](tx.Where("account_id = ?", accountID))
		return err
	})
	if err != nil {
		_ = s.dropBlob(context.WithoutCancel(ctx), accountID, blob.ID) // nobody knows it
		return state, s.wrap(err, "save encoder of account %d", accountID)
	}
	return state, s.wrap(s.dropEncoders(ctx, accountID, blob.ID), "remove old encoders of account %d", accountID)
}

// dropEncoders removes the encoders that are out of use. The present one need not have the
// highest id: replicas' clocks differ.
func (s *Store) dropEncoders(ctx context.Context, accountID, present uint64) error {
	const some = 100
	var ids []uint64
	err := s.reader(ctx).Model(&model.Blob{}).Where("account_id = ? AND kind = ?", accountID, model.BlobEncoder).Where("sum <> '' AND id <> ?", present).
		Order("id DESC").Offset(encodersKept-1).Limit(some).Pluck("id", &ids).Error
	for _, id := range ids {
		if err := s.dropBlob(ctx, accountID, id); err != nil {
			return err
		}
	}
	return err
}

// EncoderData reads an account's stored encoder. ErrNotFound may mean that a newer one has
// taken its place.
func (s *Store) EncoderData(ctx context.Context, accountID, blobID uint64) ([]byte, error) {
	return s.BlobData(ctx, accountID, blobID)
}
