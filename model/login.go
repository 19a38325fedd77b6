package model

import "time"

// How long a login lives.
const (
	LoginIdle = 7 * 24 * time.Hour  // without a request
	LoginLife = 30 * 24 * time.Hour // at most
	// LinkLife is how long a link of `admin login-link` may be used.
	LinkLife = 15 * time.Minute
	// LinkLoginLife is how long a login lasts that such a link made.
	LinkLoginLife = 12 * time.Hour
	// LoginStartLife is how long somebody may take to come back from WeCom.
	LoginStartLife = 10 * time.Minute
)

// Login is a browser that somebody signed in with (登录设备). What it carries is shown to that
// browser once and not kept.
type Login struct {
	ID        uint64 `gorm:"primaryKey;autoIncrement:false"`
	Hash      string `gorm:"size:64;not null"`  // SHA-256 of the token, hex
	CorpID    string `gorm:"size:64;not null"`  // folded; "" with UserID ""
	UserID    string `gorm:"size:128;not null"` // folded; "": the super admin whom a link of the command line signed in
	Agent     string `gorm:"size:256;not null"` // what the browser calls itself
	Address   string `gorm:"size:64;not null"`  // from where it was made
	CreatedMS int64  `gorm:"not null"`
	SeenMS    int64  `gorm:"not null"` // last request, to the minute
	ExpiresMS int64  `gorm:"not null"` // of [LoginLife], or [LinkLoginLife]
}

// Nameless reports whether the login is nobody's in particular, but of whoever has the
// command line.
func (l Login) Nameless() bool { return l.UserID == "" }

// Ended reports whether the login has lived too long, or too long without a request.
func (l Login) Ended(nowMS int64) bool {
	return nowMS >= l.ExpiresMS || nowMS >= l.SeenMS+LoginIdle.Milliseconds()
}

// LoginLink signs in, once, whoever opens it.
type LoginLink struct {
	Hash      string `gorm:"primaryKey;size:64"` // SHA-256 of what is in the link, hex
	CreatedMS int64  `gorm:"not null"`
	ExpiresMS int64  `gorm:"not null"`
}

// LoginStart is a sign-in that went to WeCom and hasn't come back. It counts once.
type LoginStart struct {
	Hash      string `gorm:"primaryKey;size:64"` // SHA-256 of the state, hex
	Browser   string `gorm:"size:64;not null"`   // SHA-256 (hex) of what the browser keeps that began it
	AccountID uint64 `gorm:"not null"`           // whose app says who it is
	Target    string `gorm:"type:text;not null"` // the page wanted
	ExpiresMS int64  `gorm:"not null"`
}

// SuperAdmin is a member who may do everything (超级管理员).
type SuperAdmin struct {
	CorpID    string `gorm:"primaryKey;size:64"`  // folded
	UserID    string `gorm:"primaryKey;size:128"` // folded
	CreatedMS int64  `gorm:"not null"`
	CreatedBy string `gorm:"size:160;not null"` // as [Actor.Name]
	Name      string `gorm:"-"`                 // from the directory, filled in when loaded; else the userid
}

// Standing is what somebody is in this installation at a moment.
type Standing struct {
	Super  bool
	Name   string         // from the directory; else the userid
	Places []AccountPlace // in accounts, sorted by key; a super admin's are all accounts
}

// AccountPlace is what somebody is in an account.
type AccountPlace struct {
	Account uint64
	Key     string
	Name    string // of the account
	Avatar  Avatar // of the account
	Own     bool   // it is of the person's corp; in others the same userid is somebody else's
	Owner   bool
	Seat    *Seat // nil: none
}

// Role is the mightiest that the place gives; "" for a super admin who is nothing else there.
func (p AccountPlace) Role() Role {
	switch {
	case p.Owner:
		return RoleOwner
	case p.Seat != nil:
		return RoleSeat
	}
	return ""
}

// Role is the mightiest that somebody has anywhere.
func (s Standing) Role() Role {
	if s.Super {
		return RoleSuperAdmin
	}
	role := RoleMember
	for _, p := range s.Places {
		switch {
		case p.Owner:
			return RoleOwner
		case p.Seat != nil:
			role = RoleSeat
		}
	}
	return role
}

// In is the place in the account with a key, and the role there.
func (s Standing) In(key string) (place AccountPlace, role Role) {
	for _, p := range s.Places {
		if p.Key == key {
			place = p
		}
	}
	if s.Super {
		return place, RoleSuperAdmin
	}
	return place, place.Role()
}

// Keys are the accounts in which the person has a place.
func (s Standing) Keys() []string {
	keys := make([]string, len(s.Places))
	for i, p := range s.Places {
		keys[i] = p.Key
	}
	return keys
}
