package bot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

func serving() []model.Served {
	served := func(id uint64, userID, name, department string) model.Served {
		return model.Served{
			Session:  model.Session{ID: id, Employee: userID},
			Employee: model.Member{UserID: userID, Name: name, DepartmentName: department},
		}
	}
	return []model.Served{
		served(1, "zhangsan", "张三", "财务部"),
		served(2, "zs2", "张三丰", ""),
		served(3, "wang.w", "王五", ""),
		served(4, "ww9", "王五", "法务部"),
		served(5, "lin", "Lin Na", ""),
		served(6, "nameless", "", ""),
		served(7, "张", "赵六", ""),
	}
}

func ids(found []model.Served) []uint64 {
	var out []uint64
	for _, s := range found {
		out = append(out, s.Session.ID)
	}
	return out
}

func TestFindByName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		want []uint64
	}{
		{"张三", []uint64{1}},       // exact before prefix
		{"张三丰", []uint64{2}},      //
		{"张", []uint64{7}},        // a userid before the start of a name
		{"张三(财务部)", []uint64{1}},  // as cards show it
		{"张三（财务部）", []uint64{1}},  //
		{"王五", []uint64{3, 4}},    // two of one name
		{"王", []uint64{3, 4}},     //
		{"Wang.W", []uint64{3}},   //
		{"ＷＡＮＧ．Ｗ", []uint64{3}},   //
		{"lin  na", []uint64{5}},  //
		{"ＬＩＮ　ＮＡ", []uint64{5}},   //
		{"lin", []uint64{5}},      //
		{"nameless", []uint64{6}}, //
		{"李四", nil},               //
		{"", nil}, {"　", nil},     //
		{"三", nil}, {"财务部", nil}, //
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, ids(bot.FindByName(serving(), tt.name))); diff != "" {
				t.Errorf("FindByName(%q) (-want +got):\n%s", tt.name, diff)
			}
		})
	}
}

func TestFindMention(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text     string
		want     []uint64
		wantText string
	}{
		{"@张三 您好 ok", []uint64{1}, "您好 ok"},
		{"@Lin Na 您好\n再见", []uint64{5}, "您好\n再见"},
		{"@lin　na", []uint64{5}, ""},
		{"@lin 您好", []uint64{5}, "您好"},
		{"@Lin Nathan 您好", []uint64{5}, "Nathan 您好"},
		{"@李四 您好", nil, "您好"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			c, _ := bot.ParseCommand(tt.text)
			got, text := bot.FindMention(serving(), c)
			if diff := cmp.Diff(tt.want, ids(got)); diff != "" {
				t.Errorf("FindMention(%q) (-want +got):\n%s", tt.text, diff)
			}
			if text != tt.wantText {
				t.Errorf("FindMention(%q) text = %q, want %q", tt.text, text, tt.wantText)
			}
		})
	}
}

func TestFindSeat(t *testing.T) {
	t.Parallel()
	seats := []model.Seat{{UserID: "lin", Name: "林一"}, {UserID: "chen", Name: "陈二"}, {UserID: "lin2", Name: "林一一"}}
	tests := []struct {
		name string
		want []string
	}{
		{"林一", []string{"lin"}}, {"LIN", []string{"lin"}}, {"林", []string{"lin", "lin2"}}, {"无", nil},
	}
	for _, tt := range tests {
		var got []string
		for _, s := range bot.FindSeat(seats, tt.name) {
			got = append(got, s.UserID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("FindSeat(%q) (-want +got):\n%s", tt.name, diff)
		}
	}
}
