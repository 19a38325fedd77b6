package wecomsim_test

import (
	"crypto/md5"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom/wecomsim"
)

func TestMenuEvents(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	button := func(kind string) map[string]any { return map[string]any{"type": kind, "name": "b", "key": kind} }
	accepted(t, e.post(t, "menu/create?agentid=1000002", map[string]any{"button": []any{
		map[string]any{"name": "扫", "sub_button": []any{button("scancode_push"), button("scancode_waitmsg"), button("location_select")}},
		map[string]any{"name": "拍", "sub_button": []any{
			button("pic_sysphoto"), button("pic_photo_or_album"), button("pic_weixin"),
		}},
		map[string]any{"type": "view_miniprogram", "name": "小程序", "appid": "wx1", "pagepath": "pages/index"},
	}}))
	sum := md5.Sum(png())
	picture := hex.EncodeToString(sum[:])
	tests := []struct {
		name string
		do   func() error
		want received
	}{
		{"mini-program", func() error { return e.ClickMenu(agent, "lisi", "pages/index") }, received{Event: "view_miniprogram", EventKey: "pages/index"}},
		{
			"scan", func() error { return e.ScanMenu(agent, "lisi", "scancode_push", "asset:<1>") },
			received{Event: "scancode_push", EventKey: "scancode_push", ScanType: "qrcode", ScanResult: "asset:<1>"},
		},
		{
			"scan and wait", func() error { return e.ScanMenu(agent, "lisi", "scancode_waitmsg", "2") },
			received{Event: "scancode_waitmsg", EventKey: "scancode_waitmsg", ScanType: "qrcode", ScanResult: "2"},
		},
		{
			"place", func() error {
				return e.LocateMenu(agent, "lisi", "location_select", 23.5, 113.25, "天河路", "公司")
			},
			received{
				Event: "location_select", EventKey: "location_select", PlaceX: "23.5", PlaceLabel: "天河路", PlaceName: "公司", AppType: "wxwork",
			},
		},
		{
			"no picture", func() error { return e.PhotoMenu(agent, "lisi", "pic_sysphoto") },
			received{Event: "pic_sysphoto", EventKey: "pic_sysphoto"},
		},
		{
			"picture", func() error { return e.PhotoMenu(agent, "lisi", "pic_weixin", png()) },
			received{Event: "pic_weixin", EventKey: "pic_weixin", PictureCount: 1, Pictures: []string{picture}},
		},
	}
	for _, tt := range tests {
		if err := tt.do(); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		in := d.next(t)
		got := received{
			Event: in.Event, EventKey: in.EventKey, ScanType: in.ScanType, ScanResult: in.ScanResult, PlaceX: in.PlaceX,
			PlaceLabel: in.PlaceLabel, PlaceName: in.PlaceName, AppType: in.AppType, PictureCount: in.PictureCount, Pictures: in.Pictures,
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || in.From != "lisi" || in.MsgType != "event" || in.AgentID != agent {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	if in := d.next(t); in.MsgType != "image" || in.MediaID == "" {
		t.Errorf("after the event of a picture came %+v", in)
	}
	for name, err := range map[string]error{
		"a scan of another type":    e.ScanMenu(agent, "lisi", "pic_weixin", "x"),
		"a picture of another type": e.PhotoMenu(agent, "lisi", "scancode_push", png()),
		"a place of another type":   e.LocateMenu(agent, "lisi", "scancode_push", 0, 0, "", ""),
		"a click of another type":   e.ClickMenu(agent, "lisi", "scancode_push"),
	} {
		if err == nil {
			t.Errorf("%s worked", name)
		}
	}
}

func TestEnterAt(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	enter := func() {
		if err := e.EnterAt(agent, "lisi", 23.137, 113.25, 40); err != nil {
			t.Fatal(err)
		}
		if in := d.next(t); in.Event != "enter_agent" {
			t.Errorf("event %s", in.Event)
		}
	}
	enter()
	e.quiet(t)
	if len(d.got) != 0 {
		t.Error("a place was reported that nobody asked for")
	}
	accepted(t, e.post(t, "agent/set", map[string]any{"agentid": agent, "report_location_flag": 1}))
	enter()
	in := d.next(t)
	got := received{Event: in.Event, Latitude: in.Latitude, Longitude: in.Longitude, Precision: in.Precision, AppType: in.AppType}
	want := received{Event: "LOCATION", Latitude: "23.137", Longitude: "113.25", Precision: "40", AppType: "wxwork"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestAlert(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	effect := time.Unix(1_800_000_000, 0)
	tests := []struct {
		alert wecomsim.Alert
		want  received
	}{
		{wecomsim.AlertInactiveSoon, received{Event: "inactive_alert", EffectTime: effect.Unix()}},
		{wecomsim.AlertClosed, received{Event: "close_inactive_agent"}},
		{wecomsim.AlertReopened, received{Event: "reopen_inactive_agent"}},
		{wecomsim.AlertLowUseSoon, received{Event: "low_active_alert", EffectTime: effect.Unix()}},
		{wecomsim.AlertLowUse, received{Event: "low_active"}},
		{wecomsim.AlertRestored, received{Event: "active_restored"}},
		{wecomsim.AlertDomainIP, received{Event: "security", ChangeType: "change_domain_ip"}},
	}
	for _, tt := range tests {
		if err := e.Alert(agent, tt.alert, effect); err != nil {
			t.Fatal(err)
		}
		in := d.next(t)
		got := received{Event: in.Event, ChangeType: in.ChangeType, EffectTime: in.EffectTime}
		if diff := cmp.Diff(tt.want, got); diff != "" || in.From != "sys" || in.AgentID != agent {
			t.Errorf("%s (-want +got):\n%s", tt.alert, diff)
		}
		stopped := code(t, e.get(t, "agent/list")) == 50003
		if stopped != (tt.alert == wecomsim.AlertClosed) {
			t.Errorf("after %s the app is stopped: %t", tt.alert, stopped)
		}
	}
	if e.Alert(agent, "x", effect) == nil || e.Alert(1, wecomsim.AlertLowUse, effect) == nil {
		t.Error("an impossible alert was sent")
	}
}

func TestDisabledAppIsGone(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	d := connect(t, e)
	if err := e.SetAppEnabled(agent, false); err != nil {
		t.Fatal(err)
	}
	if e.Say(agent, "lisi", "hi") != "" || e.Enter(agent, "lisi") == nil {
		t.Error("somebody uses a disabled app")
	}
	if err := e.RemoveMember("lisi"); err != nil {
		t.Fatal(err)
	}
	e.quiet(t)
	if len(d.got) != 0 || e.Screen(agent, "lisi") != nil {
		t.Error("callbacks or bubbles came of it")
	}
}
