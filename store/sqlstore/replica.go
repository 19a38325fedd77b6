package sqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// replicaKept is how long one that is gone is remembered.
const replicaKept = 24 * time.Hour

// replicaRow is a running copy of the program, or one that was.
type replicaRow struct {
	Name      string        `gorm:"primaryKey;size:64"`
	Info      model.Replica `gorm:"serializer:json;type:text;not null"`
	StartedMS int64         `gorm:"not null"`
	SeenMS    int64         `gorm:"not null"`
}

// TableName implements gorm's Tabler.
func (replicaRow) TableName() string { return "replica" }

// SeeReplica notes that a copy of the program runs, and forgets those that were gone a day ago.
func (s *Store) SeeReplica(ctx context.Context, r model.Replica) error {
	now := s.nowMS()
	row := replicaRow{Name: r.Name, Info: r, StartedMS: r.StartedMS, SeenMS: now}
	err := s.write(ctx, func(tx *gorm.DB) error {
		err := tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"info", "started_ms", "seen_ms"}),
		}).Create(&row).Error
		if err != nil {
			return err
		}
		return tx.Where("seen_ms < ?", now-replicaKept.Milliseconds()).Delete(&replicaRow{}).Error
	})
	return s.wrap(err, "note replica %s", r.Name)
}

// LeaveReplica notes that a copy of the program ended as it should.
func (s *Store) LeaveReplica(ctx context.Context, name string) error {
	err := s.write(ctx, func(tx *gorm.DB) error { return tx.Where("name = ?", name).Delete(&replicaRow{}).Error })
	return s.wrap(err, "forget replica %s", name)
}

// Replicas lists the copies of the program that ran within a day, oldest first.
func (s *Store) Replicas(ctx context.Context) ([]model.Replica, error) {
	var rows []replicaRow
	err := s.reader(ctx).Order("started_ms, name").Limit(batchRows).Find(&rows).Error
	list := make([]model.Replica, len(rows))
	for i, r := range rows {
		list[i] = r.Info
		list[i].SeenMS = r.SeenMS
	}
	return list, s.wrap(err, "list replicas")
}
