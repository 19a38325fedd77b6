package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"deskmate/model"
)

// work puts sessions in every state into the account: 1 and 2 are li's, of which wang of 2 was
// answered, 3 is zhao's, 4 and 5 wait, 6 is with the bot, 7 goes to all, 8 and 9 are closed.
func (d *desk) work(t *testing.T) {
	t.Helper()
	now := d.nowMS()
	at := func(before time.Duration) int64 { return now - before.Milliseconds() }
	for i, s := range []model.Session{
		{State: model.StateServing, Seat: "li", QueuedMS: at(50 * time.Minute), AssignedMS: at(49 * time.Minute), LastEmployeeMS: at(9 * time.Minute), LastSeatMS: at(20 * time.Minute), OwedMS: at(15 * time.Minute)},
		{State: model.StateServing, Seat: "li", QueuedMS: at(40 * time.Minute), AssignedMS: at(39 * time.Minute), LastEmployeeMS: at(9 * time.Minute), LastSeatMS: at(8 * time.Minute)},
		{State: model.StateServing, Seat: "zhao", QueuedMS: at(30 * time.Minute), AssignedMS: at(29 * time.Minute), LastEmployeeMS: at(31 * time.Minute), OwedMS: at(29 * time.Minute)},
		{State: model.StateQueued, QueuedMS: at(35 * time.Minute), WaitingMS: at(4 * time.Minute)},
		{State: model.StateQueued, QueuedMS: at(2 * time.Minute), WaitingMS: at(2 * time.Minute)},
		{State: model.StateBot, LastEmployeeMS: at(time.Minute)},
		{State: model.StateServing, Shared: true, QueuedMS: at(6 * time.Minute), AssignedMS: at(5 * time.Minute), OwedMS: at(5 * time.Minute)},
		{State: model.StateClosed, Seat: "li", QueuedMS: at(3 * time.Hour), ClosedMS: at(time.Hour)},
		{State: model.StateClosed, Seat: "li", QueuedMS: at(4 * time.Hour), ClosedMS: at(30 * time.Minute)},
		{State: model.StateClosed, ClosedMS: at(time.Minute)}, // by the bot alone
	} {
		s.ID, s.AccountID, s.Employee, s.Version = uint64(i+1), d.acc.ID, fmt.Sprint("p", i+1), 1
		s.OpenedMS, s.Suggested = at(5*time.Hour), []uint64{}
		s.MessageCount = 2
		d.insert(t, &s)
		for seq := 1; seq <= 2; seq++ {
			d.insert(t, &model.Message{
				SessionID: s.ID, Seq: seq, AccountID: d.acc.ID, From: model.FromEmployee, Sender: s.Employee,
				Content: model.Content{Type: model.ContentText, Text: fmt.Sprint("line ", seq)},
			})
		}
	}
	for i, push := range []model.Outbox{{SessionID: 2, State: model.OutDead}, {SessionID: 2, State: model.OutDead}, {SessionID: 3, State: model.OutSent}} {
		push.AccountID, push.Lane, push.Dedupe, push.Seq = d.acc.ID, d.out("p2"), fmt.Sprint("d", i), uint64(i+1)
		d.insert(t, &push)
	}
}

func (d *desk) insert(t *testing.T, row any) {
	t.Helper()
	if err := d.Raw().Create(row).Error; err != nil {
		t.Fatal(err)
	}
}

func TestWorkSessions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.work(t)
		other := d.saveAccount(t, account("it", 1000003), "li")
		d.insert(t, &model.Session{ID: 99, AccountID: other.ID, Employee: "p1", State: model.StateServing, Seat: "li", Version: 1, Suggested: []uint64{}})
		for _, tt := range []struct {
			list model.WorkList
			seat string
			want string
		}{
			{model.WorkMine, "li", "1 2 7"},
			{model.WorkMine, "zhao", "3 7"},
			{model.WorkQueue, "li", "4 5"},
			{model.WorkBot, "", "6"},
			{model.WorkOpen, "", "1 2 3 4 5 6 7"},
			{model.WorkAttention, "", "3 1 2 7 4"},
			{model.WorkAttention, "li", "1 2 7 4"},
			{model.WorkClosed, "li", "9 8"},
			{model.WorkClosed, "", "8 9"},
			{model.WorkClosed, "zhao", ""},
		} {
			// Whatever the pages' length, they make the same list.
			for _, limit := range []int{1, 2, 50} {
				f := model.WorkFilter{Account: d.acc, List: tt.list, Seat: tt.seat, Limit: limit, NowMS: d.nowMS()}
				var got []string
				for {
					page, err := d.WorkSessions(t.Context(), f)
					if err != nil {
						t.Fatal(err)
					}
					for _, w := range page {
						got = append(got, fmt.Sprint(w.Session.ID))
					}
					if len(page) < limit || len(got) > 20 {
						break
					}
					f.After = page[len(page)-1].Place
				}
				if strings.Join(got, " ") != tt.want {
					t.Errorf("%s of %q by %d: %v, want %s", tt.list, tt.seat, limit, got, tt.want)
				}
			}
		}
	})
}

func TestWorkSession(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.work(t)
		d.insert(t, &model.Member{CorpID: model.Fold(corp), UserID: "p2", Name: "王芳", MainDepartment: 2, Status: 1})
		d.insert(t, &model.Department{CorpID: model.Fold(corp), ID: 2, Name: "财务部"})
		w, err := d.WorkSession(t.Context(), d.acc, 2)
		if err != nil || w.Employee.Title() != "王芳(财务部)" || w.SeatName != "li" || w.Last.Content.Text != "line 2" || w.Undelivered != 2 {
			t.Errorf("%+v, %v", w, err)
		}
		if _, err := d.WorkSession(t.Context(), model.Account{ID: 5}, 2); !isNotFound(err) {
			t.Errorf("of another account: %v", err)
		}
		d.insert(t, &model.Session{ID: 50, AccountID: d.acc.ID, Employee: "p2", State: model.StateClosed, Version: 1, Suggested: []uint64{}})
		list, err := d.EmployeeSessions(t.Context(), d.acc, "P2", 0, 10)
		if err != nil || len(list) != 2 || list[0].Session.ID != 50 || list[1].Session.ID != 2 {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err = d.EmployeeSessions(t.Context(), d.acc, "p2", 50, 10); err != nil || len(list) != 1 {
			t.Errorf("before the last: %+v, %v", list, err)
		}
		names, err := d.Names(t.Context(), corp, []string{"p2", "nobody"})
		if err != nil || names["p2"] != "王芳" || names["nobody"] != "nobody" {
			t.Errorf("%v, %v", names, err)
		}
	})
}

func TestAccountSeat(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		if seat, err := d.AccountSeat(t.Context(), "hr", "LI"); err != nil || seat.UserID != "li" || seat.Name != "li" {
			t.Errorf("%+v, %v", seat, err)
		}
		for _, none := range [][2]string{{"hr", "wang"}, {"it", "li"}} {
			if _, err := d.AccountSeat(t.Context(), none[0], none[1]); !isNotFound(err) {
				t.Errorf("%v: %v", none, err)
			}
		}
	})
}

// What the lists say of a session is what the session says of itself.
func TestSessionWaits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s             model.Session
		waiting, owed int64
	}{
		{model.Session{State: model.StateBot, LastEmployeeMS: 5}, 0, 0},
		{model.Session{State: model.StateQueued, WaitingMS: 7, LastEmployeeMS: 9}, 7, 0},
		{model.Session{State: model.StateServing, Seat: "li", AssignedMS: 7, LastEmployeeMS: 5, OwedMS: 7}, 0, 7},
		{model.Session{State: model.StateServing, Seat: "li", LastEmployeeMS: 12, LastSeatMS: 8, OwedMS: 9}, 0, 9},
		{model.Session{State: model.StateServing, Seat: "li", LastEmployeeMS: 11, LastSeatMS: 10}, 0, 0},
		{model.Session{State: model.StateServing, Shared: true, AssignedMS: 6, OwedMS: 6}, 6, 6},
		{model.Session{State: model.StateServing, Shared: true, AssignedMS: 6, LastSeatMS: 7}, 0, 0},
		{model.Session{State: model.StateClosed, Seat: "li", OwedMS: 9}, 0, 0},
	} {
		if got := tt.s.WaitingSinceMS(); got != tt.waiting {
			t.Errorf("%+v waits since %d", tt.s, got)
		}
		if got := tt.s.OwedSinceMS(); got != tt.owed {
			t.Errorf("%+v is owed since %d", tt.s, got)
		}
	}
}
