package sqlstore

import (
	"context"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// memberWordRow is a word by which a member is found: the userid, or what the name may be
// typed as, as searchWord writes it.
type memberWordRow struct {
	CorpID string `gorm:"primaryKey;size:64"`
	Word   string `gorm:"primaryKey;size:64"`
	UserID string `gorm:"primaryKey;size:128"`
}

// TableName implements gorm's Tabler.
func (memberWordRow) TableName() string { return "member_word" }

const (
	wordSize  = 64           // characters of a word
	afterWord = "\U0010FFFF" // behind a word: follows all that begin with it, in the order of both databases
)

// searchWord writes a word as words are compared: letters and digits alone, in lower case and
// half width.
func searchWord(text string) string {
	return clip(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(text)), wordSize)
}

// FindMembers finds members of a corp's directory by the beginning of userid, name, given
// name, pinyin or initials; whoever is called just so comes first. Without a query it lists
// them by userid. Each comes with the name of the main department. A query without letters
// or digits finds nobody.
func (s *Store) FindMembers(ctx context.Context, corpID, query string, limit int) ([]model.Member, error) {
	q := s.reader(ctx)
	ids, err := memberIDs(q, model.Fold(corpID), query, limit)
	if err != nil || len(ids) == 0 {
		return nil, s.wrap(err, "search members")
	}
	found, err := findMembers(q, corpID, ids)
	list := make([]model.Member, 0, len(ids))
	for _, id := range ids {
		list = append(list, found[id])
	}
	return list, s.wrap(err, "search members")
}

func memberIDs(q *gorm.DB, corp, query string, limit int) (ids []string, err error) {
	if strings.TrimSpace(query) == "" {
		err = q.Model(&model.Member{}).Where("corp_id = ?", corp).Order("user_id").Limit(limit).Pluck("user_id", &ids).Error
		return ids, err
	}
	prefix := searchWord(query)
	if prefix == "" {
		return nil, nil
	}
	seen := map[string]bool{}
	for after := (memberWordRow{Word: prefix}); ; {
		var page []memberWordRow
		if err := memberWords(q, corp, prefix, after).Find(&page).Error; err != nil {
			return nil, err
		}
		for _, row := range page {
			if !seen[row.UserID] {
				seen[row.UserID] = true
				ids = append(ids, row.UserID)
			}
			if len(ids) == limit {
				return ids, nil
			}
		}
		if len(page) < batchRows {
			return ids, nil
		}
		after = page[len(page)-1]
	}
}

// memberWords asks for a page of the words that begin so, in order, from behind one.
func memberWords(q *gorm.DB, corp, prefix string, after memberWordRow) *gorm.DB {
	return q.Model(&memberWordRow{}).
		Where("corp_id = ? AND word >= ? AND word < ?", corp, after.Word, prefix+afterWord).
		Where("(word > ? OR user_id > ?)", after.Word, after.UserID).
		Order("corp_id, word, user_id").Limit(batchRows)
}

// Departments lists a corp's departments, as far as its apps may see them, by id. They are a
// tree by ParentID; one whose parent isn't there is the top of what is seen.
func (s *Store) Departments(ctx context.Context, corpID string) ([]model.Department, error) {
	var list []model.Department
	err := s.reader(ctx).Where("corp_id = ?", model.Fold(corpID)).Order("id").Find(&list).Error
	return list, s.wrap(err, "list departments")
}

// needWords are those of the members about to be saved whose words have to be written: they
// have none yet, or another name. Their rows stay locked.
func needWords(tx *gorm.DB, corp string, members []model.Member, ids []string) ([]model.Member, error) {
	var old []model.Member
	err := tx.Clauses(forUpdate()).Select("user_id", "name").Where("corp_id = ? AND user_id IN ?", corp, ids).Find(&old).Error
	if err != nil {
		return nil, err
	}
	var worded []string
	err = tx.Model(&memberWordRow{}).Distinct().Where("corp_id = ? AND user_id IN ?", corp, ids).Pluck("user_id", &worded).Error
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(old))
	for _, m := range old {
		names[m.UserID] = m.Name
	}
	has := make(map[string]string, len(worded)) // the name under which a member has words
	for _, id := range worded {
		has[id] = names[id]
	}
	var need []model.Member
	for _, m := range members {
		if name, ok := has[m.UserID]; !ok || name != m.Name {
			need = append(need, m)
		}
	}
	return need, nil
}

// saveWords writes the words by which members are found, in place of those they had.
func (s *Store) saveWords(tx *gorm.DB, corp string, members []model.Member) error {
	if len(members) == 0 {
		return nil
	}
	ids := make([]string, len(members))
	var rows []memberWordRow
	for i, m := range members {
		ids[i] = m.UserID
		words := []string{m.UserID, m.Name}
		if s.spell != nil {
			words = append(words, s.spell(m.Name)...)
		}
		for _, w := range words {
			if w = searchWord(w); w != "" {
				rows = append(rows, memberWordRow{CorpID: corp, Word: w, UserID: m.UserID})
			}
		}
	}
	if err := tx.Where("corp_id = ? AND user_id IN ?", corp, ids).Delete(&memberWordRow{}).Error; err != nil {
		return err
	}
	return chunks(rows, batchRows, func(batch []memberWordRow) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&batch).Error // userid and pinyin may be the same
	})
}
