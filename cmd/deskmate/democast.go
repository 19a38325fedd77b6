package main

import (
	"embed"
	"fmt"

	"deskmate/handler"
	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// demoData holds an account file and a knowledge file for each account.
//
//go:embed demodata
var demoData embed.FS

// The apps of the demo's corp.
const (
	demoIT = 1000002
	demoHR = 1000003
	// demoSpare is an app that no account uses yet, to play the setting-up with.
	demoSpare = 1000004
)

// demoSpareName is what the spare app is called.
const demoSpareName = "行政服务"

// demoSecret is the secret of one of the demo's apps.
func demoSecret(agentID int64) string { return fmt.Sprintf("demo-secret-of-%d", agentID) }

// demoApp is an app of the demo and the service account it stands for.
type demoApp struct {
	agentID          int64
	key, name, about string
	seats            []string
	account, entries string // files in demodata
}

func demoApps() []demoApp {
	return []demoApp{
		{
			agentID: demoIT, key: "it", name: "IT 服务台", about: "电脑、网络、账号和办公软件",
			seats: []string{"liming", "zhaolei"}, account: "it.yaml", entries: "it.csv",
		},
		{
			agentID: demoHR, key: "hr", name: "人事服务", about: "考勤、假期、社保和入离职",
			seats: []string{"zhoumin", "sunli"}, account: "hr.yaml", entries: "hr.csv",
		},
	}
}

func demoDepartments() []handler.SimDepartment {
	return []handler.SimDepartment{
		{ID: 2, ParentID: 1, Name: "财务部"},
		{ID: 3, ParentID: 1, Name: "信息技术部"},
		{ID: 4, ParentID: 1, Name: "人力资源部"},
		{ID: 5, ParentID: 1, Name: "销售部"},
		{ID: 6, ParentID: 5, Name: "华东销售组"},
		{ID: 7, ParentID: 1, Name: "研发部"},
		{ID: 8, ParentID: 1, Name: "市场部"},
	}
}

// demoMember is a member and the department they belong to.
type demoMember struct {
	userID, name string
	department   int64
}

func demoMembers() []demoMember {
	return []demoMember{
		{"wangfang", "王芳", 2},
		{"chenchen", "陈晨", 6},
		{"liuyang", "刘洋", 8},
		{"zhangwei", "张伟", 7},
		{"yangjing", "杨静", 7},
		{"huangtao", "黄涛", 5},
		{"liming", "李明", 3},
		{"zhaolei", "赵磊", 3},
		{"zhoumin", "周敏", 4},
		{"sunli", "孙莉", 4},
	}
}

// fill makes the corp's directory and its apps.
func (d *demo) fill() error {
	if err := d.sim.AddBot(wecomsim.Bot{ID: demoBotID, Secret: demoBotSecret, Name: demoBotName}); err != nil {
		return err
	}
	if err := d.sim.AddGroup(demoGroup()); err != nil {
		return err
	}
	for _, dep := range demoDepartments() {
		if err := d.sim.AddDepartment(dep.ID, dep.ParentID, dep.Name); err != nil {
			return err
		}
	}
	for _, m := range demoMembers() {
		if err := d.sim.AddMember(wecomsim.Member{UserID: m.userID, Name: m.name, Departments: []int64{m.department}}); err != nil {
			return err
		}
	}
	if err := d.sim.AddApp(wecomsim.App{AgentID: demoSpare, Secret: demoSecret(demoSpare), Name: demoSpareName}); err != nil {
		return err
	}
	for _, a := range demoApps() {
		if err := d.sim.AddApp(wecomsim.App{AgentID: a.agentID, Secret: demoSecret(a.agentID), Name: a.name}); err != nil {
			return err
		}
	}
	return nil
}

// The AI bot of the IT account.
const (
	demoBotID     = "aibdemo"
	demoBotName   = "IT 客服"
	demoBotSecret = "demo-bot-secret" //nolint:gosec // of a bot that is played
)

// demoGroup is a group chat of everybody, with the bot in it.
func demoGroup() wecomsim.Group {
	g := wecomsim.Group{ID: "wrdemo", Name: "全员交流群", Bot: demoBotID}
	for _, m := range demoMembers() {
		g.Members = append(g.Members, m.userID)
	}
	return g
}

// demoCorp is the same for the simulator's page.
func demoCorp(corpID string) handler.SimCorp {
	corp := handler.SimCorp{CorpID: corpID, Departments: demoDepartments()}
	names := map[int64]string{}
	for _, dep := range corp.Departments {
		names[dep.ID] = dep.Name
	}
	seatOf := map[string][]int64{}
	for _, a := range demoApps() {
		corp.Apps = append(corp.Apps, handler.SimApp{AgentID: a.agentID, Name: a.name, Description: a.about})
		for _, seat := range a.seats {
			seatOf[seat] = append(seatOf[seat], a.agentID)
		}
	}
	corp.Apps = append(corp.Apps, handler.SimApp{AgentID: demoSpare, Name: demoSpareName, Description: "还没有接入 Deskmate"})
	for _, m := range demoMembers() {
		member := handler.SimMember{UserID: m.userID, Name: m.name, Department: names[m.department], SeatOf: []int64{}}
		member.SeatOf = append(member.SeatOf, seatOf[m.userID]...)
		corp.Members = append(corp.Members, member)
	}
	for _, who := range []string{"wangfang", "liming", "zhaolei"} {
		corp.Phones = append(corp.Phones, handler.SimPhone{UserID: who, AgentID: demoIT})
	}
	return corp
}

// demoPeople are those as whom a visitor may sign in with one click: somebody of each role.
func demoPeople(corpID string) []handler.DemoLogin {
	it, hr := demoApps()[0].name, demoApps()[1].name
	people := []handler.DemoLogin{
		{Role: model.RoleSuperAdmin, UserID: demoSuperAdmin},
		{Role: model.RoleOwner, UserID: "zhaolei", Account: it},
		{Role: model.RoleSeat, UserID: "liming", Account: it},
		{Role: model.RoleOwner, UserID: "zhoumin", Account: hr},
		{Role: model.RoleSeat, UserID: "sunli", Account: hr},
		{Role: model.RoleMember, UserID: "wangfang"},
	}
	for i := range people {
		people[i].ID, people[i].CorpID = people[i].UserID, corpID
		for _, m := range demoMembers() {
			if m.userID == people[i].UserID {
				people[i].Name = m.name
			}
		}
	}
	return people
}

// demoSuperAdmin is the super admin of the demo.
const demoSuperAdmin = "yangjing"
