package sqlstore

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// vectorBatch is how many vectors one statement reads or writes: some hundred KiB.
const vectorBatch = 64

// embeddingRow is the vector of one text.
type embeddingRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Model     string `gorm:"primaryKey"`
	Sum       string `gorm:"primaryKey"` // SHA-256 of the text, hex
	Vector    []byte // float32, little-endian
}

// TableName implements gorm's Tabler.
func (embeddingRow) TableName() string { return "embedding" }

// Embeddings reads the vectors of texts, by the SHA-256 (hex) of each; those that nobody
// saved are missing.
func (s *Store) Embeddings(ctx context.Context, accountID uint64, modelName string, sums []string) (map[string][]float32, error) {
	vectors := make(map[string][]float32, len(sums))
	err := chunks(sums, vectorBatch, func(some []string) error {
		var rows []embeddingRow
		err := s.reader(ctx).Where("account_id = ? AND model = ? AND sum IN ?", accountID, modelName, some).Find(&rows).Error
		for _, r := range rows {
			vectors[r.Sum] = vectorOf(r.Vector)
		}
		return err
	})
	return vectors, s.wrap(err, "read embeddings of account %d", accountID)
}

// SaveEmbeddings stores the vectors of texts, by the SHA-256 (hex) of each, in small
// transactions.
func (s *Store) SaveEmbeddings(ctx context.Context, accountID uint64, modelName string, vectors map[string][]float32) error {
	rows := make([]embeddingRow, 0, len(vectors))
	for sum, v := range vectors {
		rows = append(rows, embeddingRow{AccountID: accountID, Model: modelName, Sum: sum, Vector: vectorBytes(v)})
	}
	slices.SortFunc(rows, func(a, b embeddingRow) int { return strings.Compare(a.Sum, b.Sum) })
	err := chunks(rows, vectorBatch, func(some []embeddingRow) error {
		return s.write(ctx, func(tx *gorm.DB) error {
			return tx.Clauses(clause.OnConflict{
				Columns:   []clause.Column{{Name: "account_id"}, {Name: "model"}, {Name: "sum"}},
				DoUpdates: clause.AssignmentColumns([]string{"vector"}),
			}).Create(&some).Error
		})
	})
	return s.wrap(err, "save embeddings of account %d", accountID)
}

func vectorBytes(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func vectorOf(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
