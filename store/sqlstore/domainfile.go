package sqlstore

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// maxDomainFiles is how many files may lie below the domain.
const maxDomainFiles = 100

// DomainFiles lists the files below the domain by name.
func (s *Store) DomainFiles(ctx context.Context) ([]model.DomainFile, error) {
	var list []model.DomainFile
	err := s.reader(ctx).Order("name").Limit(maxDomainFiles).Find(&list).Error
	return list, s.wrap(err, "list domain files")
}

// DomainFile finds one by name.
func (s *Store) DomainFile(ctx context.Context, name string) (model.DomainFile, error) {
	f, ok, err := find[model.DomainFile](s.reader(ctx).Where("name = ?", name))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return f, s.wrap(err, "read domain file")
}

// PutDomainFile stores a file below the domain, in place of one with the same name.
func (s *Store) PutDomainFile(ctx context.Context, f model.DomainFile, who model.Audit) error {
	f.CreatedMS, f.CreatedBy = s.nowMS(), who.Actor
	err := s.write(ctx, func(tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&model.DomainFile{}).Where("name <> ?", f.Name).Count(&n).Error; err != nil {
			return err
		}
		if n >= maxDomainFiles {
			return &model.Error{Code: model.CodeConflict, Reason: "too_many_files", Message: "校验文件太多，请先删除不用的"}
		}
		put := clause.OnConflict{
			Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"content", "created_ms", "created_by"}),
		}
		return errors.Join(tx.Clauses(put).Create(&f).Error,
			saveAudits(tx, []model.Audit{by(who, 0, "domain_file.saved", f.Name, nil, nil)}, f.CreatedMS))
	})
	return s.wrap(err, "save domain file")
}

// DeleteDomainFile removes one; ErrNotFound where there is none.
func (s *Store) DeleteDomainFile(ctx context.Context, name string, who model.Audit) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := one(tx.Where("name = ?", name).Delete(&model.DomainFile{}), model.ErrNotFound); err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{by(who, 0, "domain_file.deleted", name, nil, nil)}, s.nowMS())
	})
	return s.wrap(err, "delete domain file")
}
