package wecomsim_test

import (
	"testing"

	"deskmate/wecom/wecomsim"
)

func TestLookUp(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for _, m := range []wecomsim.Member{
		{UserID: "Zhao", Departments: []int64{2}, Mobile: "13900000001", Email: "zhao@home.example", BizMail: "Zhao@corp.example"},
		{UserID: "Qian", Departments: []int64{4}, Mobile: "13900000002"},
	} {
		if err := e.AddMember(m); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, path string
		body       map[string]any
		want       int
	}{
		{"by mobile", "getuserid", map[string]any{"mobile": "13900000001"}, 0},
		{"by the corp's mail", "get_userid_by_email", map[string]any{"email": "zhao@corp.example"}, 0},
		{"by the private mail", "get_userid_by_email", map[string]any{"email": "zhao@home.example", "email_type": 2}, 0},
		{"an unknown mobile", "getuserid", map[string]any{"mobile": "13900000009"}, 46004},
		{"somebody outside the range", "getuserid", map[string]any{"mobile": "13900000002"}, 46004},
		{"a short mobile", "getuserid", map[string]any{"mobile": "1390"}, 40058},
		{"the private mail as the corp's", "get_userid_by_email", map[string]any{"email": "zhao@home.example"}, 46004},
		{"no mail", "get_userid_by_email", map[string]any{}, 40063},
		{"another type of mail", "get_userid_by_email", map[string]any{"email": "a", "email_type": 3}, 40058},
	}
	for _, tt := range tests {
		reply := e.post(t, "user/"+tt.path, tt.body)
		refusedNamed(t, tt.name, reply, tt.want)
		if tt.want == 0 && reply["userid"] != "Zhao" {
			t.Errorf("%s: found %v", tt.name, reply["userid"])
		}
	}
}
