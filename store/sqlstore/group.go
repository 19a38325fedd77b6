package sqlstore

import (
	"context"
	"maps"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// groupLease says which process holds an account's AI bot.
type groupLease struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Owner     string
	UntilMS   int64
}

// TableName implements gorm's Tabler.
func (groupLease) TableName() string { return "group_lease" }

// ClaimGroups gives owner an account's AI bot for the time of a lease, if nobody else has it;
// who has it claims again to keep it. owner names the process, at most 64 characters.
func (s *Store) ClaimGroups(ctx context.Context, accountID uint64, owner string, lease time.Duration) (bool, error) {
	if owner == "" {
		return false, model.Invalid("owner", "who holds a bot needs a name")
	}
	// Most of those who ask in vain shall not cost a transaction.
	row, ok, err := find[groupLease](s.reader(ctx).Where("account_id = ?", accountID))
	if err != nil || ok && row.Owner != owner && row.UntilMS > s.nowMS() {
		return false, s.wrap(err, "look who holds the bot of account %d", accountID)
	}
	var claimed bool
	err = s.write(ctx, func(tx *gorm.DB) error {
		now := s.nowMS()
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&groupLease{AccountID: accountID}).Error; err != nil {
			return err
		}
		res := tx.Model(&groupLease{}).Where("account_id = ? AND (until_ms <= ? OR owner = ?)", accountID, now, owner).
			Updates(map[string]any{"owner": owner, "until_ms": now + lease.Milliseconds()})
		claimed = res.RowsAffected == 1
		return res.Error
	})
	return claimed && err == nil, s.wrap(err, "claim the bot of account %d", accountID)
}

// ReleaseGroups lets go of an account's AI bot, so that another process has it at once.
func (s *Store) ReleaseGroups(ctx context.Context, accountID uint64, owner string) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&groupLease{}).Where("account_id = ? AND owner = ?", accountID, owner).
			Updates(map[string]any{"owner": "", "until_ms": 0}).Error
	})
	return s.wrap(err, "release the bot of account %d", accountID)
}

// ClaimGroupLanes is ClaimLanes for the pushes to one account's group chats.
func (s *Store) ClaimGroupLanes(
	ctx context.Context, accountID uint64, owner string, limit int, lease time.Duration,
) ([]model.Lane, error) {
	return s.claimLanes(ctx, model.LaneGroup, owner, limit, lease, func(q *gorm.DB) *gorm.DB {
		return q.Where("account_id = ?", accountID)
	})
}

// GroupChat finds a group chat by its peer.
func (s *Store) GroupChat(ctx context.Context, accountID uint64, peer string) (model.GroupChat, error) {
	chat, ok, err := groupChat(s.reader(ctx), accountID, peer)
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return chat, s.wrap(err, "read a group chat of account %d", accountID)
}

func groupChat(q *gorm.DB, accountID uint64, peer string) (model.GroupChat, bool, error) {
	return find[model.GroupChat](q.Where("account_id = ? AND peer = ?", accountID, peer))
}

// groupChat inserts or changes the group chat of the step.
func (a *applying) groupChat() error {
	if a.step.Group == nil {
		return nil
	}
	row := *a.step.Group
	row.AccountID, row.Peer, row.UpdatedMS = a.accountID, a.person, a.step.At
	if row.Kept == nil {
		row.Kept = []string{}
	}
	return a.tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
}

// group reads the group chat whose lane it is, who wrote, and whether that member is in scope.
func (l *loading) group() error {
	chat, _, err := groupChat(l.q, l.c.Account.ID, l.c.Person)
	if err != nil {
		return err
	}
	l.c.Group = &chat
	from := chat.LastFrom
	if l.event.Group != nil {
		from = l.event.Group.From
	}
	if from == "" {
		return nil
	}
	writer, known, err := findMember(l.q, l.c.Account.CorpID, from)
	if err != nil {
		return err
	}
	if known {
		l.c.Writers = map[string]model.Member{from: writer}
	} else {
		writer = model.Member{UserID: from}
	}
	m := groupMember(chat, writer)
	m.UserID = l.c.Person
	l.c.Member = &m
	l.c.InScope, err = inScope(l.q, l.c.Account, from)
	return err
}

// groupMember is a group under the name of who wrote last.
func groupMember(chat model.GroupChat, writer model.Member) model.Member {
	kind := "群聊·"
	if chat.Single {
		kind = "智能机器人·"
	}
	return model.Member{
		CorpID: writer.CorpID, UserID: chat.Peer, Name: kind + writer.ShortName(), DepartmentName: writer.DepartmentName,
	}
}

// peers finds the members of userids and, for group chats among them, the groups under the
// name of who wrote last.
func (l *loading) peers(userIDs []string) (map[string]model.Member, error) {
	found, err := findMembers(l.q, l.c.Account.CorpID, userIDs)
	if err != nil {
		return nil, err
	}
	for _, peer := range userIDs {
		if !model.IsGroup(peer) {
			continue
		}
		chat, ok, err := groupChat(l.q, l.c.Account.ID, peer)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		writers, err := findMembers(l.q, l.c.Account.CorpID, []string{chat.LastFrom})
		if err != nil {
			return nil, err
		}
		found[peer] = groupMember(chat, writers[chat.LastFrom])
	}
	return found, nil
}

// writers names who wrote the lines of Recent in a group.
func (l *loading) writers() error {
	if l.c.Group == nil || len(l.c.Recent) == 0 {
		return nil
	}
	found, err := writersOf(l.q, l.c.Account, l.c.Recent)
	maps.Copy(found, l.c.Writers)
	l.c.Writers = found
	return err
}

// Writers names by userid who wrote the employees' lines among those of a group's session.
func (s *Store) Writers(ctx context.Context, acc model.Account, lines []model.Message) (map[string]model.Member, error) {
	found, err := writersOf(s.reader(ctx), acc, lines)
	return found, s.wrap(err, "read who wrote in a group of account %d", acc.ID)
}

func writersOf(q *gorm.DB, acc model.Account, lines []model.Message) (map[string]model.Member, error) {
	ids := make([]string, 0, len(lines))
	for _, m := range lines {
		if m.From == model.FromEmployee {
			ids = append(ids, m.Sender)
		}
	}
	return findMembers(q, acc.CorpID, people(ids))
}
