package model

// Member is a person in a corp's directory (成员).
type Member struct {
	CorpID         string  `gorm:"primaryKey;size:64"`  // folded
	UserID         string  `gorm:"primaryKey;size:128"` // folded; the key everywhere
	DisplayID      string  `gorm:"size:128;not null"`   // as WeCom writes it, for sending
	Name           string  `gorm:"size:191;not null"`
	MainDepartment int64   `gorm:"not null"` // id, 0 where unknown
	DepartmentName string  `gorm:"-"`        // of MainDepartment, filled in when loaded; "" where unknown
	Departments    []int64 `gorm:"-"`        // every department of the member that the app may see
	Status         int     `gorm:"not null"` // 1 active, 2 disabled, 4 not activated, 5 left (doc path/90196)
	UpdatedMS      int64   `gorm:"not null"`
}

// Title names the member to a colleague: 张三(财务部), the bare name where the
// department is unknown, the userid where the name is.
func (m Member) Title() string {
	name := m.ShortName()
	if m.DepartmentName != "" {
		return name + "(" + m.DepartmentName + ")"
	}
	return name
}

// ShortName is the name, or the userid where the name is unknown.
func (m Member) ShortName() string {
	switch {
	case m.Name != "":
		return m.Name
	case m.DisplayID != "":
		return m.DisplayID
	default:
		return m.UserID
	}
}

// Department is a node of the directory's tree. The root is 1.
type Department struct {
	CorpID    string `gorm:"primaryKey;size:64"` // folded
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	ParentID  int64  `gorm:"not null"` // 0 above the root, or where the parent is not visible
	Name      string `gorm:"size:191;not null"`
	UpdatedMS int64  `gorm:"not null"`
}

// Directory is the part of a corp's directory that one app may see, in full.
type Directory struct {
	Departments []Department
	Members     []Member // each with its Departments
}
