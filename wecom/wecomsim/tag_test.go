package wecomsim_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

func setTag(t testing.TB, e *env, tag wecomsim.Tag) {
	t.Helper()
	if err := e.SetTag(tag); err != nil {
		t.Fatal(err)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	setTag(t, e, wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"ZHANGSAN", "wangwu"}, Departments: []int64{3, 4}})
	setTag(t, e, wecomsim.Tag{ID: 3, Name: "空"})
	want := []any{map[string]any{"tagid": 3.0, "tagname": "空"}, map[string]any{"tagid": 7.0, "tagname": "值班"}}
	if diff := cmp.Diff(want, accepted(t, e.get(t, "tag/list"))["taglist"]); diff != "" {
		t.Errorf("tag/list (-want +got):\n%s", diff)
	}
	reply := accepted(t, e.get(t, "tag/get?tagid=7")) // what is visible of it
	delete(reply, "errcode")
	delete(reply, "errmsg")
	whole := map[string]any{
		"tagname": "值班", "userlist": []any{map[string]any{"userid": "ZhangSan", "name": "张三"}}, "partylist": []any{3.0},
	}
	if diff := cmp.Diff(whole, reply); diff != "" {
		t.Errorf("tag/get (-want +got):\n%s", diff)
	}
	refused(t, e.get(t, "tag/get?tagid=8"), 40068)
	refused(t, e.get(t, "tag/get"), 40068)
	for name, tag := range map[string]wecomsim.Tag{
		"no id":               {Name: "a"},
		"no name":             {ID: 1},
		"an unknown member":   {ID: 1, Name: "a", Members: []string{"nobody"}},
		"an unknown division": {ID: 1, Name: "a", Departments: []int64{99}},
	} {
		if e.SetTag(tag) == nil {
			t.Errorf("a tag with %s was taken", name)
		}
	}
}

func TestSendToTag(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	connect(t, e)
	setTag(t, e, wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"zhangsan", "wangwu"}, Departments: []int64{3}})
	setTag(t, e, wecomsim.Tag{ID: 8, Name: "别处", Members: []string{"wangwu"}})
	body := patch(message("template_card", buttons("t", nil)), map[string]any{"touser": "", "totag": "7|9|x"})
	reply := accepted(t, e.post(t, "message/send", body))
	if reply["invalidtag"] != "9|x" {
		t.Errorf("invalidtag %v", reply["invalidtag"])
	}
	for id, want := range map[string]int{"zhangsan": 1, "lisi": 1, "wangwu": 0} {
		if got := len(e.Screen(agent, id)); got != want {
			t.Errorf("%s sees %d bubbles, want %d", id, got, want)
		}
	}
	refused(t, e.post(t, "message/send", patch(text("", "hi"), map[string]any{"totag": "8"})), 81013)

	setTag(t, e, wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"zhangsan"}})
	accepted(t, e.post(t, updatePath, update(reply["response_code"].(string), map[string]any{"atall": 0, "tagids": []int{7}})))
	if e.Screen(agent, "zhangsan")[0].Card.Replaced == "" || e.Screen(agent, "lisi")[0].Card.Replaced != "" {
		t.Error("the card changed for others than those with the tag")
	}
}

func TestTagEvents(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	setTag(t, e, wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"zhangsan", "wangwu"}})
	if err := e.AddApp(wecomsim.App{
		AgentID: agent, Secret: secret, VisibleTags: []int64{7}, VisibleDepartments: []int64{3}, ContactEvents: true,
	}); err != nil {
		t.Fatal(err)
	}
	d := connect(t, e)
	tags := accepted(t, e.get(t, "agent/get?agentid=1000002"))["allow_tags"]
	if diff := cmp.Diff(map[string]any{"tagid": []any{7.0}}, tags); diff != "" {
		t.Errorf("allow_tags (-want +got):\n%s", diff)
	}
	if e.Say(agent, "wangwu", "hi") == "" {
		t.Error("a member with a visible tag does not see the app")
	}
	d.next(t)
	setTag(t, e, wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"zhangsan"}, Departments: []int64{3}})
	e.quiet(t)
	var got []received
	for len(d.got) > 0 {
		in := d.next(t)
		got = append(got, received{
			From: in.From, Event: in.Event, ChangeType: in.ChangeType, TagID: in.TagID, AddUserItems: in.AddUserItems,
			DelUserItems: in.DelUserItems, AddPartyItems: in.AddPartyItems, DelPartyItems: in.DelPartyItems,
		})
	}
	slices.SortFunc(got, func(x, y received) int { return len(x.Event) - len(y.Event) })
	want := []received{ // wangwu, who left the range, is not named any more
		{From: "wangwu", Event: "unsubscribe"},
		{From: "sys", Event: "change_contact", ChangeType: "update_tag", TagID: "7", AddPartyItems: "3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestTagFollowsMembers(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	setTag(t, e, wecomsim.Tag{ID: 7, Name: "值班", Members: []string{"lisi", "zhangsan"}})
	if err := e.RenameMember("lisi", "LiSi2"); err != nil {
		t.Fatal(err)
	}
	if err := e.RemoveMember("zhangsan"); err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{"userid": "LiSi2", "name": "李四"}}
	if diff := cmp.Diff(want, accepted(t, e.get(t, "tag/get?tagid=7"))["userlist"]); diff != "" {
		t.Errorf("userlist (-want +got):\n%s", diff)
	}
}
