package sqlstore

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// SaveDirectory stores departments and members of a corp; with replace, those that it
// does not list are removed afterwards. It writes in batches so that nobody waits
// for it: a reader may see some members new and others still old.
func (s *Store) SaveDirectory(ctx context.Context, corpID string, dir model.Directory, replace bool) error {
	corp := model.Fold(corpID)
	now, err := s.directoryStamp(ctx, corp)
	if err != nil {
		return s.wrap(err, "save directory")
	}
	departments := make([]model.Department, len(dir.Departments))
	for i, d := range dir.Departments {
		d.CorpID, d.UpdatedMS, d.Name = corp, now, clip(d.Name, nameSize)
		departments[i] = d
	}
	err = chunks(departments, batchRows, func(batch []model.Department) error {
		return s.write(ctx, func(tx *gorm.DB) error { return saveDepartments(tx, batch) })
	})
	if err != nil {
		return s.wrap(err, "save departments")
	}
	err = chunks(dir.Members, batchRows, func(batch []model.Member) error {
		return s.write(ctx, func(tx *gorm.DB) error { return s.saveMembers(tx, corp, batch, now) })
	})
	if err != nil {
		return s.wrap(err, "save members")
	}
	if !replace {
		return nil
	}
	return s.wrap(s.removeOlder(ctx, corp, now), "remove who left the directory")
}

// directoryStamp is the present, or later where something of the corp was saved this very
// millisecond: what a full listing saves must be newer than all it leaves out.
func (s *Store) directoryStamp(ctx context.Context, corp string) (int64, error) {
	var last int64
	const newest = "SELECT COALESCE(MAX(updated_ms), 0) FROM " +
		"(SELECT updated_ms FROM `member` WHERE corp_id = ? UNION ALL SELECT updated_ms FROM department WHERE corp_id = ?) AS saved"
	err := s.reader(ctx).Raw(newest, corp, corp).Scan(&last).Error
	return max(s.nowMS(), last+1), err
}

// nameSize is how long a name may be, in characters; WeCom's own limits are lower.
const nameSize = 191

func saveDepartments(tx *gorm.DB, rows []model.Department) error {
	return tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "corp_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"parent_id", "name", "updated_ms"}),
	}).Create(&rows).Error
}

// saveMembers writes members, the departments of each, and the words they are found by.
func (s *Store) saveMembers(tx *gorm.DB, corp string, members []model.Member, now int64) error {
	rows := make([]model.Member, len(members))
	ids := make([]string, len(members))
	var belongs []memberDepartmentRow
	for i, m := range members {
		if m.DisplayID == "" {
			m.DisplayID = m.UserID
		}
		m.CorpID, m.UserID, m.Name, m.UpdatedMS = corp, model.Fold(m.UserID), clip(m.Name, nameSize), now
		rows[i], ids[i] = m, m.UserID
		for _, d := range m.Departments {
			belongs = append(belongs, memberDepartmentRow{CorpID: corp, UserID: m.UserID, DepartmentID: d})
		}
	}
	need, err := needWords(tx, corp, rows, ids)
	if err != nil {
		return err
	}
	err = tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "corp_id"}, {Name: "user_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"display_id", "name", "main_department", "status", "updated_ms"}),
	}).Create(&rows).Error
	if err != nil {
		return err
	}
	if err := tx.Where("corp_id = ? AND user_id IN ?", corp, ids).Delete(&memberDepartmentRow{}).Error; err != nil {
		return err
	}
	if err := shutOut(tx, corp, rows); err != nil {
		return err
	}
	err = chunks(belongs, batchRows, func(batch []memberDepartmentRow) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&batch).Error // the same twice is once
	})
	if err != nil {
		return err
	}
	return s.saveWords(tx, corp, need)
}

// shutOut ends the logins of those among members who may no longer use WeCom.
func shutOut(tx *gorm.DB, corp string, members []model.Member) error {
	const disabled, left = 2, 5 // doc path/90196
	var gone []string
	for _, m := range members {
		if m.Status == disabled || m.Status == left {
			gone = append(gone, m.UserID)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return tx.Where("corp_id = ? AND user_id IN ?", corp, gone).Delete(&model.Login{}).Error
}

// removeOlder removes what was last saved before a time, batch by batch.
func (s *Store) removeOlder(ctx context.Context, corp string, before int64) error {
	for more := true; more; {
		err := s.write(ctx, func(tx *gorm.DB) error {
			var ids []string
			err := tx.Clauses(forUpdate()).Model(&model.Member{}).Where("corp_id = ? AND updated_ms < ?", corp, before).
				Limit(batchRows).Pluck("user_id", &ids).Error
			if more = len(ids) > 0; err != nil || !more {
				return err
			}
			return deleteMembers(tx, corp, ids)
		})
		if err != nil {
			return err
		}
	}
	return s.write(ctx, func(tx *gorm.DB) error {
		return tx.Where("corp_id = ? AND updated_ms < ?", corp, before).Delete(&model.Department{}).Error
	})
}

// SaveMember stores one member as given, with exactly these departments.
func (s *Store) SaveMember(ctx context.Context, member model.Member) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return s.saveMembers(tx, model.Fold(member.CorpID), []model.Member{member}, s.nowMS())
	})
	return s.wrap(err, "save member %s", model.Fold(member.UserID))
}

// DeleteMember removes a person from the directory; one who is not there is no error.
func (s *Store) DeleteMember(ctx context.Context, corpID, userID string) error {
	user := model.Fold(userID)
	err := s.write(ctx, func(tx *gorm.DB) error { return deleteMembers(tx, model.Fold(corpID), []string{user}) })
	return s.wrap(err, "delete member %s", user)
}

// deleteMembers removes people and ends their logins: who left the company is out at once.
func deleteMembers(tx *gorm.DB, corp string, ids []string) error {
	for _, row := range []any{&model.Member{}, &memberDepartmentRow{}, &memberWordRow{}, &model.Login{}} {
		if err := tx.Where("corp_id = ? AND user_id IN ?", corp, ids).Delete(row).Error; err != nil {
			return err
		}
	}
	return nil
}
