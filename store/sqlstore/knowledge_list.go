package sqlstore

import (
	"cmp"
	"context"
	"strings"

	"gorm.io/gorm"

	"deskmate/model"
)

// How many entries a page of a list has: by itself, and at most.
const (
	listPage = 50
	listMost = 200
)

// ListEntries lists the entries of a knowledge base that pass a filter, by id. next is what
// the filter's After must be for the following page; 0 where there is none.
func (s *Store) ListEntries(ctx context.Context, accountID uint64, f model.EntryFilter) (items []model.Entry, next uint64, err error) {
	version, err := s.KnowledgeVersion(ctx, accountID)
	if err != nil {
		return nil, 0, err
	}
	limit := min(cmp.Or(max(f.Limit, 0), listPage), listMost)
	q := filtered(at(s.reader(ctx).Model(&entryRow{}), accountID, version), f, s.dialect.lower(f.Text))
	var rows []entryRow
	if err := q.Where("entry_id > ?", f.After).Order("entry_id").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, 0, s.wrap(err, "list entries of account %d", accountID)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = rows[limit-1].EntryID
	}
	if len(rows) == 0 {
		return nil, 0, nil
	}
	items, err = withSimilar(s.reader(ctx), accountID, rows)
	return items, next, s.wrap(err, "list entries of account %d", accountID)
}

// filtered narrows to the entries that pass a filter, but for its page; text is the filter's
// Text as LOWER writes it.
func filtered(q *gorm.DB, f model.EntryFilter, text string) *gorm.DB {
	if f.Group != nil {
		q = inGroup(q, *f.Group)
	}
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Draft != nil {
		q = q.Where("draft = ?", *f.Draft)
	}
	if f.Author != "" {
		q = q.Where("author = ?", f.Author)
	}
	if f.Stale {
		q = q.Where("valid_until_ms <> 0 AND valid_until_ms <= ?", f.AtMS)
	}
	if f.Text != "" {
		const similar = "EXISTS (SELECT 1 FROM entry_similar AS s WHERE s.account_id = entry.account_id " +
			"AND s.entry_id = entry.entry_id AND s.from_version = entry.from_version AND LOWER(s.question) LIKE @text ESCAPE '!')"
		q = q.Where("LOWER(question) LIKE @text ESCAPE '!' OR LOWER(answer) LIKE @text ESCAPE '!' OR LOWER(more) LIKE @text ESCAPE '!' OR "+similar,
			map[string]any{"text": containing(text)})
	}
	return q
}

// inGroup narrows to the entries of a group and of all below it; "" has none below it. What
// is below begins with "group/", and "0" is what follows "/".
func inGroup(q *gorm.DB, path string) *gorm.DB {
	if path == "" {
		return q.Where("group_path = ''")
	}
	return q.Where("group_path = ? OR (group_path >= ? AND group_path < ?)", path, path+"/", path+"0")
}

// containing is the pattern of LIKE for what contains a text.
func containing(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}
