package bot_test

import (
	"testing"
	"testing/synctest"

	"deskmate/model"
)

// A full reading finds which seats are gone, and which are back; who is missing in the list
// is asked for first.
func TestUpkeepChecksSeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice()
		o.seats = map[uint64][]model.Seat{
			1: {{UserID: zhang, Name: "张三", LeftMS: 3}, {UserID: "hidden", Name: "藏"}, {UserID: "gone", Name: "走"}},
			3: {{UserID: "wang", Name: "王"}, {UserID: "left", Name: "离"}},
		}
		o.members["hidden"] = model.Member{UserID: "hidden", Status: 1}
		o.dirs["other"] = model.Directory{Members: []model.Member{{UserID: "wang", Status: 1}, {UserID: "left", Status: 5}}}
		o.run(t)
		got := map[string]bool{}
		for _, c := range o.take() {
			got[c] = true
		}
		for call, want := range map[string]bool{
			"mark 1 zhang 张三 false": true, "mark 1 hidden 藏 false": true, "mark 1 gone 走 true": true,
			"mark 3 left 离 true": true, "read left": true, "read wang": false, "read zhang": false,
		} {
			if got[call] != want {
				t.Errorf("%q: %v", call, got[call])
			}
		}
	})
}

func TestUpkeepRefreshesSeats(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.seats = map[uint64][]model.Seat{1: {{UserID: li, Name: "李四"}}, 2: {{UserID: li, Name: "李四"}}, 3: {{UserID: li, Name: "李四"}}}
	u, accounts := o.upkeep(t)
	acc, err := accounts.Account(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	refresh := func(kind string) {
		t.Helper()
		if err := u.Refresh(t.Context(), acc, "", &model.ContactChange{Change: kind, UserID: "LI"}); err != nil {
			t.Fatal(err)
		}
	}
	refresh("delete_user")
	o.wantCalls(t, "deleted", "delete corp li", "mark 1 li 李四 true", "mark 2 li 李四 true")
	refresh("update_user")
	o.wantCalls(t, "not to be seen", "delete corp li", "mark 1 li 李四 true", "mark 2 li 李四 true", "read LI", "read LI", "read li", "read li")
	o.members[li] = model.Member{UserID: li, Status: 1}
	refresh("create_user")
	o.wantCalls(t, "back", "mark 1 li 李四 false", "mark 2 li 李四 false", "read LI", "read li", "read li", "save li")
}
