package model

import "slices"

// Role is what somebody may do.
type Role string

// The roles, the mightier first.
const (
	RoleSuperAdmin Role = "super_admin" // 超级管理员: everything
	RoleOwner      Role = "owner"       // 负责人: the accounts named
	RoleSeat       Role = "seat"        // 坐席: answers for the account named
	RoleMember     Role = "member"      // 成员: nothing but what is its own. No token has it
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleSuperAdmin || r == RoleOwner || r == RoleSeat }

// Token lets a program use the API. The token itself is shown once and not kept.
type Token struct {
	ID         uint64   `gorm:"primaryKey;autoIncrement:false"`
	Name       string   `gorm:"size:64;not null"` // unique, 1–64 characters
	Hash       string   `gorm:"size:64;not null"` // SHA-256 of the token, hex
	Role       Role     `gorm:"size:16;not null"`
	Accounts   []string `gorm:"serializer:json;type:text;not null"` // keys it is for: an owner's some, a seat's one, a super admin's none
	UserID     string   `gorm:"size:128;not null"`                  // folded; the member it acts as; a seat's must have one, others' may be ""
	CreatedMS  int64    `gorm:"not null"`
	ExpiresMS  int64    `gorm:"not null"` // 0: never
	LastUsedMS int64    `gorm:"not null"` // rounded to minutes; 0: never
}

// Actor is who does something through the API or the command line.
type Actor struct {
	Name     string // as [Entry.Author]: "token:name", "cli"
	Role     Role
	Accounts []string // keys; a super admin needs none
	UserID   string   // folded; the member who does it; "" for a program that is nobody's
}

// May reports whether the actor may act on an account.
func (a Actor) May(accountKey string) bool {
	return a.Role == RoleSuperAdmin || (a.Role.Valid() && slices.Contains(a.Accounts, accountKey))
}
