package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// memberDepartmentRow says that a member belongs to a department.
type memberDepartmentRow struct {
	CorpID       string `gorm:"primaryKey"`
	UserID       string `gorm:"primaryKey"`
	DepartmentID int64  `gorm:"primaryKey;autoIncrement:false"`
}

// TableName implements gorm's Tabler.
func (memberDepartmentRow) TableName() string { return "member_department" }

// memberRow is a member with the name of the main department.
type memberRow struct {
	model.Member `gorm:"embedded"`
	MainName     string
}

// memberRows asks for members of a corp.
func memberRows(q *gorm.DB, corpID string) *gorm.DB {
	return q.Table("`member` AS m").Select("m.*, COALESCE(d.name, '') AS main_name").
		Joins("LEFT JOIN department AS d ON d.corp_id = m.corp_id AND d.id = m.main_department").
		Where("m.corp_id = ?", model.Fold(corpID))
}

func (r memberRow) member() model.Member {
	m := r.Member
	m.DepartmentName = r.MainName
	return m
}

// Member finds a person in a corp's directory, with the departments that the app sees.
func (s *Store) Member(ctx context.Context, corpID, userID string) (model.Member, error) {
	m, ok, err := findMember(s.reader(ctx), corpID, userID)
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return m, s.wrap(err, "read member %s", model.Fold(userID))
}

func findMember(q *gorm.DB, corpID, userID string) (model.Member, bool, error) {
	row, ok, err := find[memberRow](memberRows(q, corpID).Where("m.user_id = ?", model.Fold(userID)))
	if err != nil || !ok {
		return model.Member{}, false, err
	}
	m := row.member()
	err = q.Model(&memberDepartmentRow{}).Where("corp_id = ? AND user_id = ?", m.CorpID, m.UserID).
		Order("department_id").Pluck("department_id", &m.Departments).Error
	return m, true, err
}

// findMembers finds several members at once, without their lists of departments. Who is not
// in the directory comes back under the userid alone.
func findMembers(q *gorm.DB, corpID string, userIDs []string) (map[string]model.Member, error) {
	found := make(map[string]model.Member, len(userIDs))
	for _, u := range userIDs {
		found[u] = model.Member{CorpID: model.Fold(corpID), UserID: u, DisplayID: u}
	}
	if len(found) == 0 {
		return found, nil
	}
	var rows []memberRow
	err := memberRows(q, corpID).Where("m.user_id IN ?", userIDs).Find(&rows).Error
	for _, r := range rows {
		found[r.UserID] = r.member()
	}
	return found, err
}

// InScope reports whether a person may ask an account (可见范围), as far as the directory
// is known: listed by name, or in a listed department or below one. An account without
// a scope lets everybody ask.
func (s *Store) InScope(ctx context.Context, acc model.Account, userID string) (bool, error) {
	in, err := inScope(s.reader(ctx), acc, userID)
	return in, s.wrap(err, "check scope of account %q", acc.Key)
}

// inScope walks from the person's departments up to the root.
func inScope(q *gorm.DB, acc model.Account, userID string) (bool, error) {
	scope := acc.Policy.Scope
	if scope == nil || scope.HasMember(userID) {
		return true, nil
	}
	if len(scope.Departments) == 0 {
		return false, nil
	}
	const above = "WITH RECURSIVE above (id) AS (" +
		"SELECT department_id FROM member_department WHERE corp_id = ? AND user_id = ? " +
		"UNION SELECT main_department FROM `member` WHERE corp_id = ? AND user_id = ? " +
		"UNION SELECT d.parent_id FROM department AS d JOIN above AS a ON d.id = a.id WHERE d.corp_id = ?) " +
		"SELECT COUNT(*) FROM above WHERE id IN ?"
	corp, user := model.Fold(acc.CorpID), model.Fold(userID)
	var n int64
	err := q.Raw(above, corp, user, corp, user, corp, scope.Departments).Scan(&n).Error
	return n > 0, err
}
