package sqlstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/storetest"
)

// serves writes a session of an employee with a seat that answered once.
func (d *desk) serves(t *testing.T, employee, seat string, texts ...string) model.Session {
	t.Helper()
	d.hears(t, employee)
	step := d.step(t, employee)
	s := model.Session{
		ID: model.NewID(d.clock.Now()), AccountID: d.acc.ID, Employee: employee, State: model.StateServing, Seat: seat,
		OpenedMS: step.At, AssignedMS: step.At, UpdatedMS: step.At,
	}
	no := d.seat(t, seat).NextNo(day)
	step.Reserve = &model.Reservation{Seat: seat, No: no, Day: day}
	for i, words := range texts {
		m := model.Message{Seq: i + 1, From: model.FromEmployee, Sender: employee, Content: text(words), AtMS: step.At + int64(i)}
		if i%2 == 1 {
			m.From, m.Sender = model.FromSeat, seat
		}
		step.Messages = append(step.Messages, m)
	}
	s.MessageCount, step.Session = len(texts), &s
	d.apply(t, step)
	return d.session(t, s.ID)
}

func TestSeatSessions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s := d.serves(t, "wang", "li", "发票", "好的")
		opened := d.nowMS()
		d.clock.advance(time.Minute)
		d.hears(t, "wang")
		step := d.step(t, "wang")
		next := s
		next.MessageCount = 4
		step.Session = &next
		step.Messages = []model.Message{
			{Seq: 3, From: model.FromSeat, Sender: "Zhao", Content: text("我也在"), AtMS: step.At},
			{Seq: 4, From: model.FromNote, Sender: "li", Content: text("备注"), AtMS: step.At},
		}
		d.apply(t, step)
		r, err := d.Record(ctx, d.acc.ID, s.ID)
		want := []model.SeatSession{
			{SessionID: s.ID, Seat: "li", AccountID: d.acc.ID, Employee: "wang", JoinedMS: opened, FirstMS: opened + 1, LastMS: opened + 1, Messages: 1},
			{SessionID: s.ID, Seat: "zhao", AccountID: d.acc.ID, Employee: "wang", JoinedMS: step.At, FirstMS: step.At, LastMS: step.At, Messages: 1},
		}
		if diff := cmp.Diff(want, r.Seats); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		for seat, want := range map[string]bool{"LI": true, "zhao": true, "qian": false} {
			if served, err := d.Served(ctx, s.ID, seat); served != want || err != nil {
				t.Errorf("%s served: %v, %v", seat, served, err)
			}
		}
		seats, err := d.EmployeeSeats(ctx, d.acc.ID, "WANG")
		if err != nil || len(seats) != 2 || seats[0].Seat != "zhao" || seats[1].Messages != 1 || seats[1].Latest != s.ID {
			t.Errorf("seats: %+v, %v", seats, err)
		}
		mine, err := d.EmployeeMessages(ctx, d.acc.ID, "wang", s.ID, 0, 10)
		if err != nil || len(mine) != 3 {
			t.Errorf("the employee reads %d lines, %v", len(mine), err)
		}
		if _, err := d.EmployeeMessages(ctx, d.acc.ID, "sun", s.ID, 0, 10); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("somebody else reads: %v", err)
		}
		if _, err := d.Record(ctx, d.acc.ID+1, s.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("another account reads: %v", err)
		}
		log, err := d.Decisions(ctx, d.acc.ID, s.ID, 0, 10)
		if err != nil || len(log) != 2 || log[0].ID > log[1].ID {
			t.Errorf("decisions: %+v, %v", log, err)
		}
	})
}

func TestEmployeeMessages_hides_recalled_words(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.serves(t, "wang", "li", "发票", "说错了")
		if err := d.Raw().Exec("UPDATE message SET recalled_ms = 5 WHERE seq = 2").Error; err != nil {
			t.Fatal(err)
		}
		mine, err := d.EmployeeMessages(t.Context(), d.acc.ID, "wang", s.ID, 1, 10)
		if err != nil || len(mine) != 1 || mine[0].Content.Text != "" || mine[0].RecalledMS != 5 {
			t.Errorf("%+v, %v", mine, err)
		}
	})
}

func TestRecordIDs_by_filter_and_page(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var ids []uint64
		start := d.nowMS()
		for i := range 6 {
			s := d.serves(t, fmt.Sprintf("e%d", i), []string{"li", "zhao"}[i%2], "发票", "好的")
			ids = append(ids, s.ID)
			d.clock.advance(time.Minute)
		}
		if err := d.Raw().Create(&model.Survey{SessionID: ids[4], AccountID: d.acc.ID, Employee: "e4", Rating: model.RatingBad, Reasons: []string{"回复太慢"}}).Error; err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			name   string
			filter model.RecordFilter
			before uint64
			limit  int
			want   []uint64
		}{
			{"newest", model.RecordFilter{}, 0, 2, []uint64{ids[5], ids[4]}},
			{"next", model.RecordFilter{}, ids[4], 2, []uint64{ids[3], ids[2]}},
			{"employee", model.RecordFilter{Employee: "E3"}, 0, 9, []uint64{ids[3]}},
			{"seat", model.RecordFilter{Seat: "li"}, 0, 9, []uint64{ids[4], ids[2], ids[0]}},
			{"rating", model.RecordFilter{Rating: model.RatingBad}, 0, 9, []uint64{ids[4]}},
			{"window", model.RecordFilter{FromMS: start + 60_000, ToMS: start + 180_000}, 0, 9, []uint64{ids[2], ids[1]}},
			{"state", model.RecordFilter{State: model.StateServing}, ids[1], 9, []uint64{ids[0]}},
		} {
			tt.filter.AccountID = d.acc.ID
			got, err := d.RecordIDs(ctx, tt.filter, tt.before, tt.limit)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
			}
		}
		records, err := d.Records(ctx, model.RecordFilter{AccountID: d.acc.ID, Rating: model.RatingBad, Seat: "li"}, ids)
		if err != nil || len(records) != 1 || records[0].Session.ID != ids[4] || records[0].Reasons[0] != "回复太慢" {
			t.Errorf("%+v, %v", records, err)
		}
	})
}

// A message that commits while its session is being indexed keeps the session unindexed.
func TestMarkIndexed_leaves_what_has_grown(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s := d.serves(t, "wang", "li", "发票", "好的")
		quiet := func() []model.SessionText {
			t.Helper()
			list, err := d.UnindexedSessions(ctx, d.acc.ID, d.nowMS()+1, 10)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		seen := quiet()
		if diff := cmp.Diff([]model.SessionText{{ID: s.ID, Lines: 2}}, seen); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		d.hears(t, "wang")
		step := d.step(t, "wang")
		next := s
		next.MessageCount = 3
		step.Session, step.Messages = &next, []model.Message{{Seq: 3, From: model.FromEmployee, Sender: "wang", Content: text("晚到"), AtMS: 1}}
		d.apply(t, step)
		if err := d.MarkIndexed(ctx, d.acc.ID, seen); err != nil {
			t.Fatal(err)
		}
		if again := quiet(); len(again) != 1 || again[0].Lines != 3 {
			t.Fatalf("the late message is lost: %+v", again)
		}
		if err := d.MarkIndexed(ctx, d.acc.ID, quiet()); err != nil {
			t.Fatal(err)
		}
		if ids, err := d.UnindexedIDs(ctx, d.acc.ID, 0, 0, 10); err != nil || len(ids) != 0 {
			t.Errorf("%v, %v", ids, err)
		}
	})
}

func TestTextIndex_one_worker_at_a_time(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for owner, want := range map[string]bool{"a": true} {
			if got, err := d.ClaimTextIndex(ctx, 1, owner, time.Minute); got != want || err != nil {
				t.Fatalf("%s: %v, %v", owner, got, err)
			}
		}
		if got, err := d.ClaimTextIndex(ctx, 1, "b", time.Minute); got || err != nil {
			t.Fatalf("b claims what a has: %v, %v", got, err)
		}
		part := func(segment uint64) []model.TextPart {
			return []model.TextPart{{AccountID: 1, SegmentID: segment, Part: 0, Data: []byte("x")}, {AccountID: 1, SegmentID: segment, Part: 7, Data: make([]byte, 1<<20)}}
		}
		seg := func(id uint64) model.TextSegment {
			return model.TextSegment{AccountID: 1, ID: id, Docs: 1, Buckets: 1, FirstID: id, LastID: id, Marks: []byte{1}}
		}
		for _, id := range []uint64{10, 11, 12} {
			if err := d.SaveTextParts(ctx, part(id)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.PublishTextSegment(ctx, "b", seg(10), nil); !errors.Is(err, model.ErrFenced) {
			t.Errorf("b publishes: %v", err)
		}
		if err := errors.Join(d.PublishTextSegment(ctx, "a", seg(10), nil), d.PublishTextSegment(ctx, "a", seg(11), []uint64{10})); err != nil {
			t.Fatal(err)
		}
		list, err := d.TextSegments(ctx, 1, 0, 0)
		if err != nil || len(list) != 1 || list[0].ID != 11 {
			t.Errorf("segments: %+v, %v", list, err)
		}
		if err := d.DropTextParts(ctx, 1); err != nil {
			t.Fatal(err)
		}
		parts, err := d.TextParts(ctx, 1, []uint64{10, 11, 12}, nil)
		if err != nil || len(parts) != 2 || parts[0].SegmentID != 11 {
			t.Errorf("%d parts, %v", len(parts), err)
		}
		d.clock.advance(2 * time.Minute)
		if got, err := d.ClaimTextIndex(ctx, 1, "b", time.Minute); !got || err != nil {
			t.Errorf("b after the lease: %v, %v", got, err)
		}
		if err := d.PublishTextSegment(ctx, "a", seg(12), nil); !errors.Is(err, model.ErrFenced) {
			t.Errorf("a publishes after its lease: %v", err)
		}
	})
}

// Sessions of before service records get theirs from who wrote and who had them.
func TestMigrate_fills_service_records(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		s, ctx := db.OpenRaw(t, nil), t.Context()
		if err := s.MigrateTo(ctx, 11); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"INSERT INTO session (id, account_id, employee, state, version, seat, seat_no, handoff_reason, close_reason, misses, suggested, message_count, " +
				"handoff_seq, opened_ms, queued_ms, assigned_ms, closed_ms, last_employee_ms, last_seat_ms, updated_ms) VALUES " +
				"(5, 1, 'wang', 'closed', 3, 'li', 1, '', '', 0, '[]', 3, 0, 10, 11, 12, 13, 0, 0, 13)",
			"INSERT INTO message (session_id, seq, account_id, sender_kind, sender, content, at_ms) VALUES (5, 1, 1, 'seat', 'zhao', '{}', 20), (5, 2, 1, 'seat', 'zhao', '{}', 30)",
		} {
			if err := s.Raw().Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		r, err := s.Record(ctx, 1, 5)
		want := []model.SeatSession{
			{SessionID: 5, Seat: "li", AccountID: 1, Employee: "wang", JoinedMS: 12},
			{SessionID: 5, Seat: "zhao", AccountID: 1, Employee: "wang", JoinedMS: 20, FirstMS: 20, LastMS: 30, Messages: 2},
		}
		if diff := cmp.Diff(want, r.Seats); err != nil || diff != "" || !r.Session.Unindexed {
			t.Errorf("%v, unindexed %v (-want +got):\n%s", err, r.Session.Unindexed, diff)
		}
	})
}

// Few sessions are open, and an employee has few: neither is looked for among all of an account.
func TestRecordIDs_plan(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for name, f := range map[string]model.RecordFilter{
			"queued":                 {AccountID: d.acc.ID, State: model.StateQueued},
			"queued since yesterday": {AccountID: d.acc.ID, State: model.StateQueued, FromMS: d.nowMS()},
			"an employee's":          {AccountID: d.acc.ID, Employee: "wang", ToMS: d.nowMS()},
		} {
			plan, err := d.ExplainRecordIDs(t.Context(), f)
			if err != nil || len(plan) == 0 {
				t.Fatalf("%s: %v, %v", name, plan, err)
			}
			used := fmt.Sprint(plan[0]["detail"], plan[0]["key"]) // SQLite, MySQL
			if strings.Contains(used, "session_records") || strings.Contains(used, "PRIMARY") {
				t.Errorf("%s: %v", name, plan)
			}
		}
	})
}
