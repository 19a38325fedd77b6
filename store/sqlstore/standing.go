package sqlstore

import (
	"context"
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"deskmate/model"
)

var errLastSuperAdmin = &model.Error{
	Code: model.CodeConflict, Reason: "last_super_admin", Message: "这是最后一位超级管理员，不能移除",
}

// Standing is what a member is now, in the account with a key, or with "" in all of the
// corp's. A super admin, as is whoever has no userid, has a place in every account.
func (s *Store) Standing(ctx context.Context, corpID, userID, key string) (model.Standing, error) {
	corpID, userID = model.Fold(corpID), model.Fold(userID)
	st := model.Standing{Super: userID == "", Name: userID}
	q := s.reader(ctx)
	if !st.Super {
		_, super, err := find[model.SuperAdmin](q.Where("corp_id = ? AND user_id = ?", corpID, userID))
		if err != nil {
			return st, s.wrap(err, "read standing of %s", userID)
		}
		st.Super = super
	}
	places, err := accountPlaces(q, corpID, key, st.Super)
	if err == nil {
		st.Places, err = peoplePlaces(q, places, userID, st.Super)
	}
	if err == nil && userID != "" {
		var names map[string]string
		if names, err = s.Names(ctx, corpID, []string{userID}); err == nil && names[userID] != "" {
			st.Name = names[userID]
		}
	}
	return st, s.wrap(err, "read standing of %s", userID)
}

// accountPlaces are the accounts in which somebody may be something.
func accountPlaces(q *gorm.DB, corpID, key string, super bool) ([]model.AccountPlace, error) {
	rows := q.Model(&accountRow{})
	if !super {
		rows = rows.Where("corp_fold = ?", corpID)
	}
	if key != "" {
		rows = rows.Where("account_key = ?", key)
	}
	var list []struct {
		ID         uint64
		AccountKey string
		Name       string
		CorpFold   string
		Profile    string
	}
	err := rows.Order("account_key").Find(&list).Error
	places := make([]model.AccountPlace, len(list))
	for i, r := range list {
		var profile model.Profile
		if err == nil {
			err = json.Unmarshal([]byte(r.Profile), &profile)
		}
		places[i] = model.AccountPlace{Account: r.ID, Key: r.AccountKey, Name: r.Name, Avatar: profile.Avatar, Own: corpID != "" && r.CorpFold == corpID}
	}
	return places, err
}

// peoplePlaces fills in what somebody is in accounts, and drops those in which they are nothing.
// Every part of the questions goes by an account's key.
func peoplePlaces(q *gorm.DB, places []model.AccountPlace, userID string, super bool) ([]model.AccountPlace, error) {
	if userID == "" || len(places) == 0 {
		return places, nil
	}
	ids := make([]uint64, len(places))
	for i, p := range places {
		ids[i] = p.Account
	}
	var (
		owned []uint64
		seats []model.Seat
	)
	err := errors.Join(
		q.Model(&ownerRow{}).Where("account_id IN ? AND user_id = ?", ids, userID).Pluck("account_id", &owned).Error,
		q.Where("account_id IN ? AND user_id = ? AND left_ms = 0", ids, userID).Find(&seats).Error,
	)
	if err != nil {
		return nil, err
	}
	owner, kept := among(owned), places[:0]
	bySeat := make(map[uint64]*model.Seat, len(seats))
	for i := range seats {
		bySeat[seats[i].AccountID] = &seats[i]
	}
	for _, p := range places {
		if p.Own { // a super admin sees other corps' accounts, too
			p.Owner, p.Seat = owner[p.Account], bySeat[p.Account]
		}
		if super || p.Owner || p.Seat != nil {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

func among(ids []uint64) map[uint64]bool {
	m := make(map[uint64]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// SuperAdmins lists the super admins with their names.
func (s *Store) SuperAdmins(ctx context.Context) ([]model.SuperAdmin, error) {
	var list []model.SuperAdmin
	if err := s.reader(ctx).Order("corp_id, user_id").Find(&list).Error; err != nil {
		return nil, s.wrap(err, "list super admins")
	}
	for i, a := range list {
		names, err := s.Names(ctx, a.CorpID, []string{a.UserID})
		if err != nil {
			return nil, err
		}
		list[i].Name = names[a.UserID]
		if list[i].Name == "" {
			list[i].Name = a.UserID
		}
	}
	return list, nil
}

// AddSuperAdmin makes a member a super admin; one who is stays it.
func (s *Store) AddSuperAdmin(ctx context.Context, a model.SuperAdmin) error {
	a.CorpID, a.UserID, a.CreatedMS = model.Fold(a.CorpID), model.Fold(a.UserID), s.nowMS()
	err := s.write(ctx, func(tx *gorm.DB) error {
		_, is, err := find[model.SuperAdmin](tx.Where("corp_id = ? AND user_id = ?", a.CorpID, a.UserID))
		if err != nil || is {
			return err
		}
		return errors.Join(tx.Create(&a).Error, saveAudits(tx, []model.Audit{{
			Actor: a.CreatedBy, Action: "super_admin.added", Target: a.UserID, After: ofCorp(a.CorpID),
		}}, a.CreatedMS))
	})
	return s.wrap(err, "add super admin %s", a.UserID)
}

// RemoveSuperAdmin takes it from a member, but not from the last one.
func (s *Store) RemoveSuperAdmin(ctx context.Context, corpID, userID, actor string) error {
	corpID, userID = model.Fold(corpID), model.Fold(userID)
	err := s.write(ctx, func(tx *gorm.DB) error {
		var all []model.SuperAdmin
		if err := tx.Clauses(forUpdate()).Find(&all).Error; err != nil {
			return err
		}
		if len(all) == 1 && all[0].CorpID == corpID && all[0].UserID == userID {
			return errLastSuperAdmin
		}
		if err := one(tx.Where("corp_id = ? AND user_id = ?", corpID, userID).Delete(&model.SuperAdmin{}), model.ErrNotFound); err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{{
			Actor: actor, Action: "super_admin.removed", Target: userID, Before: ofCorp(corpID),
		}}, s.nowMS())
	})
	return s.wrap(err, "remove super admin %s", userID)
}

// ofCorp is what the audit log says of a member besides the userid.
func ofCorp(corpID string) string {
	text, _ := json.Marshal(map[string]string{"corp_id": corpID}) // of strings never fails
	return string(text)
}
