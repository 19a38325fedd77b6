package sqlstore

import (
	"context"
	"maps"
	"math"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// A knowledge base has a version, and each row of entry says from which version it holds
// and from which on no longer. Changing an entry ends its row at the next version and
// adds one that begins there; nobody sees either until the base's version is raised, by
// one statement. So an import of any size, written in small transactions, shows all at
// once, and a reader that remembers a version reads that version whatever happens.
// Old rows stay: they are the history, and knowledge_change says who made each version.

// still is the ToVersion of a row that holds until further notice.
const still = math.MaxInt64

// knowledgeRow is the state of one account's knowledge base.
type knowledgeRow struct {
	AccountID     uint64 `gorm:"primaryKey;autoIncrement:false"`
	Version       uint64 // what readers see
	ImportNo      uint64 // grows with every staged change; an older one may not write any more
	ImportUntilMS int64  // 0: nothing is staged; else when the staged change counts as dead and may be cleared away
}

// TableName implements gorm's Tabler.
func (knowledgeRow) TableName() string { return "knowledge" }

// entryRow is one entry during a range of versions; what isn't said here is as in
// [model.Entry].
type entryRow struct {
	AccountID    uint64 `gorm:"primaryKey;autoIncrement:false"`
	EntryID      uint64 `gorm:"primaryKey;autoIncrement:false"`
	FromVersion  uint64 `gorm:"primaryKey;autoIncrement:false"` // the first that has it
	ToVersion    uint64 // the first that has it no longer
	Ref          string
	GroupPath    string
	Question     string
	Folded       string
	Answer       string
	More         []string `gorm:"serializer:json;not null"`
	State        model.EntryState
	Draft        bool
	ValidFromMS  int64
	ValidUntilMS int64
	Author       string
	CreatedMS    int64
	UpdatedMS    int64
}

// TableName implements gorm's Tabler.
func (entryRow) TableName() string { return "entry" }

// similarRow is one similar question of an entryRow.
type similarRow struct {
	AccountID   uint64 `gorm:"primaryKey;autoIncrement:false"`
	EntryID     uint64 `gorm:"primaryKey;autoIncrement:false"`
	FromVersion uint64 `gorm:"primaryKey;autoIncrement:false"`
	N           int    `gorm:"primaryKey;autoIncrement:false"` // its place in the list, from 0
	Question    string
}

// TableName implements gorm's Tabler.
func (similarRow) TableName() string { return "entry_similar" }

// at narrows to the rows that hold in a version.
func at(q *gorm.DB, accountID, version uint64) *gorm.DB {
	return q.Where("account_id = ? AND from_version <= ? AND to_version > ?", accountID, version, version)
}

// KnowledgeVersion is the version of an account's knowledge base; 0 while it is empty.
func (s *Store) KnowledgeVersion(ctx context.Context, accountID uint64) (uint64, error) {
	row, _, err := find[knowledgeRow](s.reader(ctx).Where("account_id = ?", accountID))
	return row.Version, s.wrap(err, "read knowledge version of account %d", accountID)
}

// KnowledgeVersions are the versions of all accounts' knowledge bases, by account id.
// Those that were never filled are missing.
func (s *Store) KnowledgeVersions(ctx context.Context) (map[uint64]uint64, error) {
	var rows []knowledgeRow
	if err := s.reader(ctx).Find(&rows).Error; err != nil {
		return nil, s.wrap(err, "read knowledge versions")
	}
	versions := make(map[uint64]uint64, len(rows))
	for _, r := range rows {
		versions[r.AccountID] = r.Version
	}
	return versions, nil
}

// Entries reads a whole knowledge base, by entry id, and the version it has.
func (s *Store) Entries(ctx context.Context, accountID uint64) ([]model.Entry, uint64, error) {
	version, err := s.KnowledgeVersion(ctx, accountID)
	if err != nil {
		return nil, 0, err
	}
	list, err := s.entries(ctx, accountID, version)
	return list, version, s.wrap(err, "read entries of account %d", accountID)
}

// EntriesSince reads what has changed in a knowledge base since a version: the entries
// that are new or different, and the ids of those that are gone. The version returned is
// that of the answer, to ask with the next time.
func (s *Store) EntriesSince(ctx context.Context, accountID, since uint64) (changed []model.Entry, deleted []uint64, version uint64, err error) {
	if version, err = s.KnowledgeVersion(ctx, accountID); err != nil || version <= since {
		return nil, nil, version, err
	}
	if changed, err = s.changedSince(ctx, accountID, since, version); err == nil {
		now := at(s.reader(ctx).Table("entry AS later"), accountID, version).Where("later.entry_id = entry.entry_id").Select("1")
		err = at(s.reader(ctx).Model(&entryRow{}), accountID, since).Where("to_version <= ?", version).
			Where("NOT EXISTS (?)", now).Order("entry_id").Pluck("entry_id", &deleted).Error
	}
	return changed, deleted, version, s.wrap(err, "read entries of account %d since %d", accountID, since)
}

// changedSince reads the entries of a version that began after another, by id.
func (s *Store) changedSince(ctx context.Context, accountID, since, version uint64) ([]model.Entry, error) {
	if since == 0 {
		return s.entries(ctx, accountID, version)
	}
	changed := s.reader(ctx).Table("entry AS e").Where("e.account_id = ? AND e.from_version > ? AND e.from_version <= ? AND +e.to_version > ?",
		accountID, since, version, version).Session(&gorm.Session{})
	var rows []entryRow
	if err := changed.Select("e.*").Order("e.entry_id").Find(&rows).Error; err != nil {
		return nil, err
	}
	similar, err := similarOf(changed.Select("s.*").
		Joins("JOIN entry_similar AS s ON s.account_id = e.account_id AND s.entry_id = e.entry_id AND s.from_version = e.from_version"))
	if err != nil {
		return nil, err
	}
	list := make([]model.Entry, len(rows))
	for i, r := range rows {
		list[i] = r.entry(similar)
	}
	return list, nil
}

// entriesPage is how many entries one query reads: none takes long, and since they are
// all of one version, nothing changes between the pages.
const entriesPage = 2000

// entries reads the entries of a version, by id.
func (s *Store) entries(ctx context.Context, accountID, version uint64) ([]model.Entry, error) {
	var list []model.Entry
	for after := uint64(0); ; {
		var rows []entryRow
		err := at(s.reader(ctx), accountID, version).Where("entry_id > ?", after).Order("entry_id").Limit(entriesPage).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return list, err
		}
		last := rows[len(rows)-1].EntryID
		similar, err := similarOf(s.reader(ctx).Where("account_id = ? AND entry_id > ? AND entry_id <= ?", accountID, after, last))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, r.entry(similar))
		}
		after = last
	}
}

// similarKey names the row that similar questions belong to.
type similarKey struct{ entry, version uint64 }

// similarOf reads similar questions, those of one row together and in order.
func similarOf(q *gorm.DB) (map[similarKey][]string, error) {
	var rows []similarRow
	err := q.Order("n").Find(&rows).Error
	similar := make(map[similarKey][]string)
	for _, r := range rows {
		key := similarKey{r.EntryID, r.FromVersion}
		similar[key] = append(similar[key], r.Question)
	}
	return similar, err
}

// entry is the row as the rest of the program knows it.
func (r entryRow) entry(similar map[similarKey][]string) model.Entry {
	e := model.Entry{
		ID: r.EntryID, AccountID: r.AccountID, Ref: r.Ref, Group: r.GroupPath, Question: r.Question, Folded: r.Folded,
		Similar: similar[similarKey{r.EntryID, r.FromVersion}], Answer: r.Answer, State: r.State, Draft: r.Draft,
		ValidFromMS: r.ValidFromMS, ValidUntilMS: r.ValidUntilMS, Author: r.Author,
		Version: r.FromVersion, CreatedMS: r.CreatedMS, UpdatedMS: r.UpdatedMS,
	}
	if len(r.More) > 0 {
		e.More = r.More
	}
	return e
}

// rowsOf is an entry as it will be stored from its Version on.
func rowsOf(e model.Entry) (entryRow, []similarRow) {
	row := entryRow{
		AccountID: e.AccountID, EntryID: e.ID, FromVersion: e.Version, ToVersion: still, Ref: e.Ref, GroupPath: e.Group,
		Question: e.Question, Folded: e.Folded, Answer: e.Answer, More: e.More, State: e.State, Draft: e.Draft,
		ValidFromMS: e.ValidFromMS, ValidUntilMS: e.ValidUntilMS, Author: e.Author, CreatedMS: e.CreatedMS, UpdatedMS: e.UpdatedMS,
	}
	similar := make([]similarRow, len(e.Similar))
	for n, q := range e.Similar {
		similar[n] = similarRow{AccountID: e.AccountID, EntryID: e.ID, FromVersion: e.Version, N: n, Question: q}
	}
	return row, similar
}

// Entry finds an entry of an account as it is now.
func (s *Store) Entry(ctx context.Context, accountID, id uint64) (model.Entry, error) {
	version, err := s.KnowledgeVersion(ctx, accountID)
	if err != nil {
		return model.Entry{}, err
	}
	e, ok, err := entryAt(s.reader(ctx), accountID, id, version)
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return e, s.wrap(err, "read entry %d", id)
}

// entryAt reads an entry as it is in a version; ok is false where that has it not.
func entryAt(q *gorm.DB, accountID, id, version uint64) (e model.Entry, ok bool, err error) {
	list, err := entriesByID(q, accountID, []uint64{id}, version)
	if err != nil || len(list) == 0 {
		return e, false, err
	}
	return list[0], true, nil
}

// entriesByID reads some entries as they are in a version, by id; those that it has not are
// missing.
func entriesByID(q *gorm.DB, accountID uint64, ids []uint64, version uint64) ([]model.Entry, error) {
	var rows []entryRow
	err := q.Where("account_id = ? AND entry_id IN ? AND +from_version <= ? AND +to_version > ?", accountID, ids, version, version).
		Order("entry_id").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return withSimilar(q, accountID, rows)
}

// similarBatch is for how many rows one query reads similar questions: it looks for each of
// their entries in each of their versions.
const similarBatch = 100

// withSimilar adds their similar questions to a limited number of rows.
func withSimilar(q *gorm.DB, accountID uint64, rows []entryRow) ([]model.Entry, error) {
	similar := make(map[similarKey][]string)
	err := chunks(rows, similarBatch, func(some []entryRow) error {
		ids, versions := make([]uint64, len(some)), make([]uint64, len(some))
		for i, r := range some {
			ids[i], versions[i] = r.EntryID, r.FromVersion
		}
		slices.Sort(versions)
		found, err := similarOf(q.Where("account_id = ? AND entry_id IN ? AND from_version IN ?", accountID, ids, slices.Compact(versions)))
		maps.Copy(similar, found)
		return err
	})
	if err != nil {
		return nil, err
	}
	list := make([]model.Entry, len(rows))
	for i, r := range rows {
		list[i] = r.entry(similar)
	}
	return list, nil
}
