package sqlstore_test

import (
	"embed"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm/schema"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

func reason(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e.Reason
	}
	return ""
}

func TestMigrate_fresh_and_again(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		ctx := t.Context()
		s := db.OpenRaw(t, nil)
		if err := s.SchemaCurrent(ctx); reason(err) != "schema_pending" {
			t.Errorf("schema of an empty database: %v", err)
		}
		for range 2 {
			if err := s.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			if err := s.SchemaCurrent(ctx); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestMigrationStatus(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		ctx := t.Context()
		s := db.OpenRaw(t, nil)
		if err := s.MigrateTo(ctx, 2); err != nil {
			t.Fatal(err)
		}
		list, err := s.MigrationStatus(ctx)
		if err != nil || len(list) < 5 {
			t.Fatalf("%v, %v", list, err)
		}
		for i, m := range list {
			recent := time.Since(m.AppliedAt).Abs() < time.Hour
			if m.Version < int64(i+1) || (i > 0 && m.Version <= list[i-1].Version) || m.Pending != (i >= 2) || m.Pending == recent || m.Name == "" || strings.Contains(m.Name, ".") {
				t.Errorf("migration %d: %+v", i, m)
			}
		}
		if err := s.SchemaCurrent(ctx); reason(err) != "schema_pending" {
			t.Errorf("schema: %v", err)
		}
	})
}

func TestMigrate_by_many_at_once(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		const replicas = 5
		stores := make([]*sqlstore.Store, replicas)
		for i := range stores {
			stores[i] = db.OpenRaw(t, nil)
		}
		together(replicas, func(i int) error { return stores[i].Migrate(t.Context()) }).mustAll(t)
		var applied int64
		if err := stores[0].Raw().Table("schema_version").Where("version_id > 0").Count(&applied).Error; err != nil {
			t.Fatal(err)
		}
		list, err := stores[0].MigrationStatus(t.Context())
		if err != nil || int(applied) != len(list) {
			t.Errorf("%d migrations were applied of %d, %v", applied, len(list), err)
		}
	})
}

func TestMigrate_refuses_a_newer_database(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, nil)
		if err := s.Raw().Exec("INSERT INTO schema_version (version_id, is_applied) VALUES (999, 1)").Error; err != nil {
			t.Fatal(err)
		}
		err := s.Migrate(t.Context())
		if reason(err) != "schema_newer" || !strings.Contains(err.Error(), "use a newer program") {
			t.Errorf("Migrate: %v", err)
		}
		if err := s.SchemaCurrent(t.Context()); reason(err) != "schema_newer" {
			t.Errorf("SchemaCurrent: %v", err)
		}
	})
}

//go:embed testdata/dump/*.sql
var dumps embed.FS

// Each dump is a populated database as an older program left it; testdata/dump/README.md
// says how to add one. It must come up to date and still be understood.
func TestMigrate_upgrades(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		s := db.OpenRaw(t, nil)
		ctx := t.Context()
		dump, err := dumps.ReadFile("testdata/dump/0001-" + db.Dialect + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(string(dump), ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if err := s.Raw().Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SchemaCurrent(ctx); reason(err) != "schema_pending" {
			t.Errorf("before: %v", err)
		}
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		acc, err := s.AccountByKey(ctx, "hr")
		if err != nil || acc.Secret.Reveal() != "app-secret" || acc.Name != "人事服务" || !acc.Policy.Bot.Enabled {
			t.Errorf("account: %+v, %v", acc, err)
		}
		seats, err := s.Seats(ctx, acc.ID)
		if err != nil || len(seats) != 2 || seats[0].UserID != "li" {
			t.Errorf("seats: %+v, %v", seats, err)
		}
		if dup, err := s.Accept(ctx, model.Inbound{AccountID: acc.ID, DedupeKey: "a"}, model.PersonLane(acc.ID, "wang")); dup || err != nil {
			t.Errorf("Accept: %v, %v", dup, err)
		}
	})
}

// An installation of before the bot's answers were recorded comes up to date: its sessions
// and entries are what they were, and what an import left half is cleared away. Where a
// server commits each statement by itself, the same statements run again after a crash.
func TestMigrate_upgrades_sessions_and_knowledge(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		s, ctx := db.OpenRaw(t, nil), t.Context()
		if err := s.MigrateTo(ctx, 5); err != nil {
			t.Fatal(err)
		}
		exec := func(statement string) {
			t.Helper()
			if err := s.Raw().Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		exec("INSERT INTO session VALUES (11, 1, 'wang', 'bot', 3, '', 0, '', '', 1, '[4,5]', 2, 0, 100, 0, 0, 0, 100, 0, 100)")
		exec("INSERT INTO session VALUES (12, 1, 'sun', 'queued', 3, '', 0, 'button', '', 0, '[]', 2, 2, 100, 200, 0, 0, 200, 0, 200)")
		exec("INSERT INTO session VALUES (13, 1, 'zhou', 'serving', 3, 'li', 1, 'button', '', 0, '[]', 2, 2, 100, 200, 250, 0, 300, 0, 300)")
		exec("INSERT INTO session VALUES (14, 1, 'wu', 'serving', 3, 'li', 2, 'button', '', 0, '[]', 2, 2, 100, 200, 250, 0, 300, 310, 310)")
		exec("INSERT INTO knowledge VALUES (1, 2, 2, 0)")
		for _, row := range []string{"1, 9223372036854775807, 'q1', '假期', '怎么请假', 'f1', '在 OA 提交'", "3, 9223372036854775807, '', '', '一半', 'f2', '一半'"} {
			exec("INSERT INTO entry VALUES (1, 7, " + row + ", 'on', 5, 6)")
		}
		exec("INSERT INTO entry_similar VALUES (1, 7, 1, 0, '请假流程')")
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if db.Dialect != "sqlite" {
			exec("DELETE FROM schema_version WHERE version_id > 5")
			if err := s.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
		}
		session, err := s.SessionByID(ctx, 11)
		if err != nil || session.TopicEntry != 0 || session.SuggestedFor != 0 || len(session.Suggested) != 2 || session.Version != 3 {
			t.Errorf("session: %+v, %v", session, err)
		}
		if session, err = s.SessionByID(ctx, 12); err != nil || session.WaitingMS != 200 || session.WaitState != model.WaitSeat {
			t.Errorf("session in the queue: %+v, %v", session, err)
		}
		for id, owed := range map[uint64]int64{13: 300, 14: 0} {
			if session, err = s.SessionByID(ctx, id); err != nil || session.OwedMS != owed {
				t.Errorf("session %d is owed an answer since %d, want %d: %v", id, session.OwedMS, owed, err)
			}
		}
		want := model.Entry{
			ID: 7, AccountID: 1, Ref: "q1", Group: "假期", Question: "怎么请假", Folded: "f1", Similar: []string{"请假流程"}, Answer: "在 OA 提交",
			State: model.EntryOn, Version: 1, CreatedMS: 5, UpdatedMS: 6,
		}
		got, err := s.Entry(ctx, 1, 7)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("entry: %v (-want +got):\n%s", err, diff)
		}
		fresh := entry("新", "neu")
		fresh.AccountID = 1
		if _, err := s.SaveEntry(ctx, fresh, 0, "li"); err != nil {
			t.Fatal(err)
		}
		if list, version, err := s.Entries(ctx, 1); err != nil || version != 3 || len(list) != 2 {
			t.Errorf("version %d: %+v, %v", version, list, err)
		}
		history, err := s.EntryHistory(ctx, 1, 7)
		if err != nil || len(history) != 1 || history[0].Change.Version != 0 {
			t.Errorf("history: %+v, %v", history, err)
		}
	})
}

// Every field of every stored struct has a column, and every column a field.
func TestSchema_matches_the_structs(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *sqlstore.Store) {
		tables := append(sqlstore.OwnRows(),
			&model.Seat{}, &model.Session{}, &model.Message{}, &model.Survey{}, &model.Conversation{}, &model.Member{},
			&model.Department{}, &model.Lane{}, &model.Inbox{}, &model.Outbox{}, &model.Timer{}, &model.Fact{},
			&model.Question{}, &model.KnowledgeChange{}, &model.Golden{}, &model.Blob{}, &model.Import{}, &model.EncoderState{}, &model.MessageMedia{},
			&model.Token{}, &model.LLMUsage{}, &model.SeatSession{}, &model.TextSegment{}, &model.TextPart{}, &model.QuickReply{}, &model.GroupChat{}, &model.Login{}, &model.LoginLink{}, &model.LoginStart{}, &model.SuperAdmin{},
			&model.RetentionRun{}, &model.FileRemoval{}, &model.StatState{}, &model.SeatSpell{}, &model.Erasure{}, &model.WebhookDelivery{})
		for _, row := range tables {
			parsed, err := schema.Parse(row, &sync.Map{}, s.Raw().NamingStrategy)
			if err != nil {
				t.Fatal(err)
			}
			columns, err := s.Raw().Migrator().ColumnTypes(parsed.Table)
			if err != nil {
				t.Fatalf("%s: %v", parsed.Table, err)
			}
			has := map[string]bool{}
			for _, c := range columns {
				has[c.Name()] = true
				if nullable, ok := c.Nullable(); ok && nullable && c.Name() != "id" {
					t.Errorf("%s.%s may be null", parsed.Table, c.Name())
				}
				if parsed.FieldsByDBName[c.Name()] == nil {
					t.Errorf("%s.%s has no field", parsed.Table, c.Name())
				}
				checkSize(t, parsed, c.Name(), c.Length)
			}
			for _, f := range parsed.Fields {
				if f.DBName != "" && !has[f.DBName] {
					t.Errorf("%s has no column for %s", parsed.Table, f.Name)
				}
			}
		}
	})
}

// checkSize compares a text column's length with the size in the field's tag.
func checkSize(t *testing.T, parsed *schema.Schema, column string, length func() (int64, bool)) {
	t.Helper()
	f := parsed.FieldsByDBName[column]
	if f == nil || f.FieldType.Kind() != reflect.String || f.TagSettings["SIZE"] == "" {
		return
	}
	if n, ok := length(); ok && n != int64(f.Size) {
		t.Errorf("%s.%s holds %d characters, its tag says %d", parsed.Table, column, n, f.Size)
	}
}

// The indexes of the migrations are there on every dialect.
func TestSchema_has_its_indexes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *sqlstore.Store) {
		for table, names := range map[string][]string{
			"lane":    {"lane_claim"},
			"inbox":   {"inbox_pending", "inbox_dead", "inbox_session"},
			"outbox":  {"outbox_pending", "outbox_shown", "outbox_dead", "outbox_session"},
			"timer":   {"timer_due"},
			"session": {"session_open", "session_queue", "session_seat", "session_records", "session_unindexed"},
			"held":    {"held_seat"},
			"entry":   {"entry_folded", "entry_from", "entry_to"},
			"golden":  {"golden_account"},
			"blob":    {"blob_kind"},
			"import":  {"import_account", "import_claim"},

			"survey":        {"survey_rating"},
			"seat_session":  {"seat_session_seat", "seat_session_employee"},
			"message_media": {"message_media_due", "message_media_key", "message_media_age"},
			"file_removal":  {"file_removal_account"},
			"erasure":       {"erasure_open"},

			"question": {"question_recent", "question_miss", "question_hot"},

			"quick_reply": {"quick_reply_order"},

			"audit": {"audit_time", "audit_actor", "audit_action", "audit_target"},
		} {
			for _, name := range names {
				if !s.Raw().Migrator().HasIndex(table, name) {
					t.Errorf("%s has no index %s", table, name)
				}
			}
		}
	})
}
