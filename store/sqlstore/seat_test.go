package sqlstore_test

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestSeats_have_names(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		err := d.SaveMember(t.Context(), model.Member{CorpID: corp, UserID: "ZHAO"}) // WeCom may hide the name
		if err != nil {
			t.Fatal(err)
		}
		d.directory(t)
		err = d.SaveMember(t.Context(), model.Member{CorpID: corp, UserID: "ZHAO"})
		if err != nil {
			t.Fatal(err)
		}
		for seat, want := range map[string]string{"li": "李", "zhao": "ZHAO"} {
			if got := d.seat(t, seat).Name; got != want {
				t.Errorf("seat %s is called %q, want %q", seat, got, want)
			}
		}
	})
}

// The list is read column by column: every field of a seat must come through it.
func TestSeats_have_every_field(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		row := model.Seat{
			AccountID: d.acc.ID, UserID: "li", State: model.SeatAway, Capacity: 2, Load: 3, LastAssignedMS: 4, DayNo: 5, Day: 6, FocusSession: 7,
			FocusMS: 8, Priority: 9, Hours: &model.Hours{Holidays: true}, Permissions: []model.SeatPermission{model.MayRead}, LeftMS: 10,
			ActiveMS: 11, JoinedMS: 12, SharedMS: 13,
		}
		for v, i := reflect.ValueOf(row), 0; i < v.NumField(); i++ {
			if f := v.Type().Field(i); f.Tag.Get("gorm") != "-" && v.Field(i).IsZero() {
				t.Fatalf("%s is missing in this test", f.Name)
			}
		}
		if err := d.Raw().Save(&row).Error; err != nil {
			t.Fatal(err)
		}
		row.Name = d.seat(t, "li").Name
		seats, err := d.Seats(t.Context(), d.acc.ID)
		if err != nil || len(seats) != 2 {
			t.Fatalf("%v, %v", seats, err)
		}
		if diff := cmp.Diff(row, seats[0]); diff != "" {
			t.Errorf("(-written +read):\n%s", diff)
		}
	})
}

func TestSeat_removed_and_back(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		d.saveAccount(t, d.acc, "zhao")
		if got := d.session(t, s.ID); got.State != model.StateServing || got.Seat != "li" {
			t.Errorf("session of a removed seat: %+v", got)
		}
		d.saveAccount(t, d.acc, "zhao", "li")
		if load := d.seat(t, "li").Load; load != 1 {
			t.Errorf("load of the seat that came back: %d", load)
		}
	})
}

func TestCheckLoads(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, who := range []string{"wang", "sun"} {
			d.opens(t, who, func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		}
		if n, err := d.CheckLoads(ctx, d.acc.ID); n != 0 || err != nil {
			t.Errorf("of loads that are right: %d, %v", n, err)
		}
		if err := d.Raw().Exec("UPDATE seat SET `load` = 7").Error; err != nil {
			t.Fatal(err)
		}
		if n, err := d.CheckLoads(ctx, d.acc.ID); n != 2 || err != nil {
			t.Errorf("of loads that are wrong: %d, %v", n, err)
		}
		loads, err := d.SeatLoads(ctx, d.acc.ID)
		if diff := cmp.Diff(map[string]int{"li": 2, "zhao": 0}, loads); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// The check finds nothing to repair while sessions come and go.
func TestCheckLoads_while_sessions_move(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		var steps []model.Step
		for i, who := range []string{"a", "b", "c", "d", "e", "f"} {
			s := d.opens(t, who, func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
			step := d.step(t, who)
			if i%2 == 0 {
				s.State = model.StateClosed
			} else {
				s.Seat = "zhao"
				step.Reserve = &model.Reservation{Seat: "zhao", No: i/2 + 1, Day: day}
			}
			step.Session, step.Release = &s, "li"
			steps = append(steps, step)
		}
		together(2, func(i int) error {
			for j := range steps {
				if i == 0 {
					if _, err := d.Apply(ctx, steps[j]); err != nil {
						return err
					}
				} else if n, err := d.CheckLoads(ctx, d.acc.ID); n != 0 || err != nil {
					t.Errorf("CheckLoads = %d, %v", n, err)
				}
			}
			return nil
		}).mustAll(t)
		loads, err := d.SeatLoads(ctx, d.acc.ID)
		if diff := cmp.Diff(map[string]int{"li": 0, "zhao": 3}, loads); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
