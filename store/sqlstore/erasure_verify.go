package sqlstore

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"deskmate/model"
)

// keptColumns are those in which an employee may still stand after an erasure, and why. All other
// columns of text, of whatever table there is, must not name the employee.
func keptColumns() map[string]string {
	const colleague = "as a colleague: what somebody did for the company as a seat, an owner or an author stays"
	kept := map[string]string{
		"audit":          "the audit log proves who did what to whom; it holds userids and settings, no text of employees",
		"account.policy": "a setting: who may ask the account", "account.profile": "a setting", "webhook.name": "a setting", "webhook.url": "a setting",
		"message.content": "in other people's words",
	}
	for _, c := range []string{
		"session.seat", "session.returned_by", "session.replied_by", "session.unshown", "seat_session.seat", "seat_spell.user_id", "session_seen.seat",
		"survey.seat", "survey.served", "conversation.last_seat", "fact.seat", "entry.author", "knowledge_change.author", "golden.author",
		"import.author", "quick_reply.owner", "token.name", "token.user_id", "super_admin.created_by", "domain_file.created_by", "account_removal.created_by",
		"webhook_delivery.body",
	} {
		kept[c] = colleague
	}
	for _, c := range []string{"entry.question", "entry.folded", "entry.answer", "entry.more", "entry_similar.question", "golden.question", "synonym.words", "quick_reply.reply"} {
		kept[c] = "approved knowledge"
	}
	return kept
}

// passedOver are tables that an erasure doesn't look at: its own, and those of the schema's tools.
func passedOver(table string) bool {
	return table == "erasure" || strings.HasPrefix(table, "goose") || strings.HasPrefix(table, "sqlite_")
}

// namesakes is why rows stay in which only the name stands.
const namesakes = "a name: of a namesake, or in other people's words"

// VerifyErasure looks through every text column of every table for the employee. found are rows
// that must not be there, kept those that stay, with the reason.
func (s *Store) VerifyErasure(ctx context.Context, e model.Erasure) (scanned []model.Scanned, found, kept []model.Found, err error) {
	tables, err := s.reader(ctx).Migrator().GetTables()
	if err != nil {
		return nil, nil, nil, s.wrap(err, "list tables")
	}
	slices.Sort(tables)
	why := keptColumns()
	for _, table := range tables {
		if passedOver(table) {
			continue
		}
		t, err := s.textTable(ctx, table)
		if err != nil {
			return nil, nil, nil, err
		}
		if len(t.columns) == 0 || t.corp && !e.Whole {
			continue
		}
		looked, hits, names, err := s.scanTable(ctx, &e, t)
		if err != nil {
			return nil, nil, nil, s.wrap(err, "look through %s", table)
		}
		scanned = append(scanned, model.Scanned{Table: table, Columns: t.columns, Rows: looked})
		for i, n := range hits {
			if names[i] > 0 {
				kept = append(kept, model.Found{Table: table, Column: t.columns[i], Rows: names[i], Why: namesakes})
			}
			if n == 0 {
				continue
			}
			f := model.Found{Table: table, Column: t.columns[i], Rows: n, Why: why[table]}
			if f.Why == "" {
				f.Why = why[table+"."+f.Column]
			}
			if f.Why == "" {
				found = append(found, f)
			} else {
				kept = append(kept, f)
			}
		}
	}
	return scanned, found, kept, nil
}

// textTable is a table with its columns of text, and how its rows of an account are found.
type textTable struct {
	name                        string
	columns                     []string
	account, session, corp, own bool // it has account_id; session_id; corp_id; it is the table of accounts
}

func (s *Store) textTable(ctx context.Context, name string) (textTable, error) {
	t := textTable{name: name, own: name == "account"}
	types, err := s.reader(ctx).Migrator().ColumnTypes(name)
	for _, c := range types {
		kind := strings.ToLower(c.DatabaseTypeName())
		switch c.Name() {
		case "account_id":
			t.account = true
		case "session_id":
			t.session = true
		case "corp_id":
			t.corp = name != "account"
		}
		if strings.Contains(kind, "char") || strings.Contains(kind, "text") || strings.Contains(kind, "json") {
			t.columns = append(t.columns, c.Name())
		}
	}
	slices.Sort(t.columns)
	return t, s.wrap(err, "read the columns of %s", name)
}

// scanTable looks through a table, account by account and some rows at a time.
func (s *Store) scanTable(ctx context.Context, e *model.Erasure, t textTable) (looked int64, hits, names []int64, err error) {
	hits, names = make([]int64, len(t.columns)), make([]int64, len(t.columns))
	add := func(rows *gorm.DB) error {
		counts, err := s.scanRows(rows, e, t)
		for i := range hits {
			hits[i] += counts[1+2*i]
			names[i] += counts[2+2*i]
		}
		looked += counts[0]
		return err
	}
	whole := s.reader(ctx).Table(t.name)
	switch {
	case t.corp:
		err = add(whole.Where("corp_id = ?", model.Fold(e.CorpID)))
	case t.own:
		err = add(whole.Where("id IN ?", e.Accounts))
	case !t.account:
		err = add(whole)
	default:
		for _, id := range e.Accounts {
			if err = s.scanAccount(ctx, t, id, add); err != nil {
				break
			}
		}
		if err == nil && t.name == "audit" { // the installation's
			err = add(whole.Where("account_id = 0"))
		}
	}
	return looked, hits, names, err
}

// scanAccount walks the rows of an account by an index that they have.
func (s *Store) scanAccount(ctx context.Context, t textTable, accountID uint64, add func(rows *gorm.DB) error) error {
	of := func(q *gorm.DB) *gorm.DB { return q.Table(t.name).Where("account_id = ?", accountID) }
	window := func(key string, rows func(*gorm.DB) *gorm.DB) error {
		return s.eachWindow(ctx, rows, key, func(some func(*gorm.DB) *gorm.DB) error { return add(some(s.reader(ctx))) })
	}
	switch {
	case t.name == "inbox" || t.name == "outbox":
		for _, state := range append(allStates(), "") {
			err := window("id", func(q *gorm.DB) *gorm.DB { return of(q).Where("state = ?", state) })
			if err != nil {
				return err
			}
		}
		return nil
	case t.name == "session":
		return window("id", of)
	case t.name == "fact":
		return window("id", func(q *gorm.DB) *gorm.DB { return q.Table(t.name).Where("+account_id = ?", accountID) })
	case t.session && t.name != "question":
		sessions := func(q *gorm.DB) *gorm.DB { return q.Table("session").Where("account_id = ?", accountID) }
		return s.eachWindow(ctx, sessions, "id", func(some func(*gorm.DB) *gorm.DB) error {
			ids := some(s.reader(ctx)).Select("id")
			return add(s.reader(ctx).Table(t.name).Where("session_id IN (?)", ids))
		})
	}
	return add(of(s.reader(ctx)))
}

// allStates are those of events and pushes.
func allStates() []string {
	states := []string{string(model.InboxPending), string(model.OutSending)}
	for _, t := range doneTables() {
		states = append(states, t.states...)
	}
	slices.Sort(states)
	return slices.Compact(states)
}

// scanRows counts some rows and, column by column, those in which the employee stands, and those in
// which only the name does.
func (s *Store) scanRows(rows *gorm.DB, e *model.Erasure, t textTable) ([]int64, error) {
	selects, args := []string{"COUNT(*)"}, []any{}
	for _, c := range t.columns {
		is, with := namesEmployee("`"+c+"`", e)
		if t.name == "message" && c == "sender" { // what somebody wrote as a seat is theirs as a colleague
			is = "(`sender_kind` = 'employee' AND " + is + ")"
		}
		name := "0"
		if utf8.RuneCountInString(e.Name) > 1 {
			name, with = "CASE WHEN INSTR(`"+c+"`, ?) > 0 THEN 1 ELSE 0 END", append(with, e.Name)
		}
		selects = append(selects, "COALESCE(SUM(CASE WHEN "+is+" THEN 1 ELSE 0 END), 0)", "COALESCE(SUM("+name+"), 0)")
		args = append(args, with...)
	}
	counts := make([]int64, len(selects))
	into := make([]any, len(counts))
	for i := range counts {
		into[i] = &counts[i]
	}
	return counts, rows.Select(strings.Join(selects, ", "), args...).Row().Scan(into...)
}

// namesEmployee is the condition that a column names an employee by userid: alone, or as the chat
// with the bot alone; as a text in JSON; at the end of a lane or an actor.
func namesEmployee(column string, e *model.Erasure) (string, []any) {
	end, group := ":"+e.Employee, ":"+model.GroupPeer(e.Employee)
	lower := "LOWER(" + column + ")"
	tail := "SUBSTR(" + lower + ", -LENGTH(?)) = ?"
	return "(" + lower + " IN (?, ?) OR INSTR(" + lower + ", ?) > 0 OR " + tail + " OR " + tail + ")",
		[]any{e.Employee, model.GroupPeer(e.Employee), quoted(e), end, end, group, group}
}
