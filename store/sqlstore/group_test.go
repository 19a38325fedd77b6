package sqlstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

const wrGroup = "#wrproject"

func TestAccount_keeps_its_bot(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		acc := account("groups", 9)
		acc.Group = model.GroupBot{
			Join: model.GroupAllow, BotID: "aib1", Name: "IT 客服", Mode: model.GroupCallback, Secret: "s3cret", Token: "t0ken", EncodingAESKey: "k",
		}
		saved := d.saveAccount(t, acc, "li")
		got, err := d.AccountByKey(t.Context(), "groups")
		if err != nil || got.Group != acc.Group {
			t.Errorf("got %+v, %v", got.Group, err)
		}
		if _, changed, err := d.SaveAccount(t.Context(), acc, model.SeatSetups("li"), nil, "cli"); err != nil || changed {
			t.Errorf("the same again: changed %v, %v", changed, err)
		}
		acc.Group.Secret = "other"
		again, changed, err := d.SaveAccount(t.Context(), acc, model.SeatSetups("li"), nil, "cli")
		if err != nil || !changed || again.Version != saved.Version+1 {
			t.Errorf("another secret: %v, %+v, %v", changed, again.Version, err)
		}
		var row string
		if err := d.Raw().Table("account").Where("account_key = ?", "groups").Pluck("group_bot", &row).Error; err != nil || row == "" {
			t.Fatal(row, err)
		}
		for _, secret := range []string{"other", "t0ken", "s3cret"} {
			if strings.Contains(row, secret) {
				t.Error("the bot's secrets lie open")
			}
		}
		second := account("second", 10)
		second.Group = model.GroupBot{BotID: "aib1", Mode: model.GroupConnection, Secret: "s"}
		_, _, err = d.SaveAccount(t.Context(), second, nil, nil, "cli")
		if e, ok := errors.AsType[*model.Error](err); !ok || e.Reason != "bot_taken" {
			t.Errorf("a bot for two accounts: %v", err)
		}
	})
}

func TestClaimGroups(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		claim := func(owner string, want bool) {
			t.Helper()
			if got, err := d.ClaimGroups(t.Context(), d.acc.ID, owner, 10*time.Second); err != nil || got != want {
				t.Errorf("%s claims: %v, %v, want %v", owner, got, err, want)
			}
		}
		claim("a", true)
		claim("a", true)
		claim("b", false)
		d.clock.advance(11 * time.Second)
		claim("b", true)
		claim("a", false)
		if err := d.ReleaseGroups(t.Context(), d.acc.ID, "a"); err != nil {
			t.Fatal(err)
		}
		claim("a", false) // it wasn't a's to let go of
		if err := d.ReleaseGroups(t.Context(), d.acc.ID, "b"); err != nil {
			t.Fatal(err)
		}
		claim("a", true)
	})
}

func TestGroupChat_on_its_lane(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.directory(t)
		step := d.step(t, wrGroup)
		chat := model.GroupChat{
			AccountID: d.acc.ID, Peer: wrGroup, ChatID: "wrProject", BotID: "aib1", ReqID: "r1", UntilMS: 5,
			LastFrom: "wang", Kept: []string{"等我"}, UpdatedMS: step.At,
		}
		step.Group = &chat
		step.Pushes = []model.Push{{Receiver: wrGroup, Kind: model.PushText, Text: "在"}, {Receiver: "li", Kind: model.PushText, Text: "x"}}
		done := d.apply(t, step)
		if diff := cmp.Diff([]model.LaneKind{model.LaneGroup, model.LaneOut}, done.Lanes); diff != "" {
			t.Errorf("lanes (-want +got):\n%s", diff)
		}
		got, err := d.GroupChat(ctx, d.acc.ID, wrGroup)
		if diff := cmp.Diff(chat, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		c := d.load(t, wrGroup, 0)
		if c.Group == nil || c.Member == nil || c.Member.UserID != wrGroup || c.Member.ShortName() == wrGroup || !c.InScope {
			t.Errorf("case: %+v, %+v", c.Group, c.Member)
		}
		lanes, err := d.ClaimLanes(ctx, model.LaneOut, "w", 10, time.Minute)
		if err != nil || len(lanes) != 1 || lanes[0].Person() != "li" {
			t.Errorf("lanes of members: %+v, %v", lanes, err)
		}
		if lanes, err = d.ClaimGroupLanes(ctx, d.acc.ID+1, "w", 10, time.Minute); err != nil || len(lanes) != 0 {
			t.Errorf("lanes of another account: %+v, %v", lanes, err)
		}
		if lanes, err = d.ClaimGroupLanes(ctx, d.acc.ID, "w", 10, time.Minute); err != nil || len(lanes) != 1 || lanes[0].Person() != wrGroup {
			t.Fatalf("lanes of groups: %+v, %v", lanes, err)
		}
		rows, err := d.PendingOutbox(ctx, lanes[0], 10)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%+v, %v", rows, err)
		}
		if more, err := d.ReleaseLane(ctx, lanes[0]); err != nil || !more {
			t.Errorf("released with work: %v, %v", more, err)
		}
		if _, err := d.GroupChat(ctx, d.acc.ID, "#other"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("an unknown group: %v", err)
		}
	})
}

// What is known of a bot is its own: another bot, or other secrets, begin anew.
func TestNoteBot(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		known := func(want model.BotRecord) {
			t.Helper()
			want.AccountID = d.acc.ID
			if got, err := d.BotRecord(ctx, d.acc.ID); err != nil || got != want {
				t.Errorf("known: %+v, %v, want %+v", got, err, want)
			}
		}
		change := func(bot model.GroupBot) (model.Account, error) {
			return d.ChangeAccount(ctx, d.acc.ID, 0, model.Audit{Actor: "member:yang", Action: "account.changed", Target: "group"}, func(acc *model.Account) error {
				acc.Group = bot
				return nil
			})
		}
		bot := model.GroupBot{Join: model.GroupAllow, BotID: "aib1", Mode: model.GroupConnection, Secret: "first-secret"}
		if _, err := change(bot); err != nil {
			t.Fatal(err)
		}
		known(model.BotRecord{})
		for _, news := range []model.BotNews{{Up: true}, {Reason: model.BotRefused, Code: 853000}} {
			if err := d.NoteBot(ctx, d.acc.ID, news); err != nil {
				t.Fatal(err)
			}
			d.clock.advance(time.Second)
		}
		up := d.nowMS() - 2000
		known(model.BotRecord{UpMS: up, DownMS: up + 1000, Reason: model.BotRefused, Code: 853000})
		if _, err := d.ClaimGroups(ctx, d.acc.ID, "a", time.Minute); err != nil {
			t.Fatal(err)
		}
		held := d.nowMS() + 60_000
		known(model.BotRecord{UpMS: up, DownMS: up + 1000, Reason: model.BotRefused, Code: 853000, HeldMS: held})

		bot.Name = "IT 客服"
		if acc, err := change(bot); err != nil || acc.Group != bot {
			t.Errorf("another name: %+v, %v", acc.Group, err)
		}
		known(model.BotRecord{UpMS: up, DownMS: up + 1000, Reason: model.BotRefused, Code: 853000, HeldMS: held})
		bot.Secret = "second-secret"
		if acc, err := change(bot); err != nil || acc.Group != bot {
			t.Errorf("another secret: %+v, %v", acc.Group, err)
		}
		known(model.BotRecord{HeldMS: held})

		rows, err := d.Audits(ctx, model.AuditFilter{AccountID: d.acc.ID, Target: "group"}, model.AuditKey{}, 10)
		if err != nil || len(rows) != 3 {
			t.Fatalf("audited: %+v, %v", rows, err)
		}
		if want := `{"group_secrets":["secret"]}`; rows[0].After != want || rows[0].Before != "{}" {
			t.Errorf("audited %s → %s, want %s", rows[0].Before, rows[0].After, want)
		}
		for _, r := range rows {
			if strings.Contains(r.Before+r.After, "-secret") {
				t.Errorf("a secret is in the audit log: %s → %s", r.Before, r.After)
			}
		}
		if got := rows[2].After; !strings.Contains(got, `"bot_id":"aib1"`) || !strings.Contains(got, `"join":"allow"`) {
			t.Errorf("audited: %s", got)
		}

		other := d.saveAccount(t, account("second", 10))
		d.acc.ID = other.ID
		if _, err := change(bot); reason(err) != "bot_taken" {
			t.Errorf("a bot for two accounts: %v", err)
		}
	})
}

func TestGroupChats_page_by_key(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		for i, peer := range []string{"#wra", "#wrb", "#wrc", "#wrd"} {
			row := model.GroupChat{AccountID: d.acc.ID, Peer: peer, LastFrom: "wang", Kept: []string{}, UpdatedMS: int64(i / 2)}
			if err := d.Raw().Create(&row).Error; err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		var at model.GroupKey
		for range 3 {
			rows, names, err := d.GroupChats(t.Context(), d.acc, at, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				got = append(got, r.Peer+" "+names[r.Peer].ShortName())
				at = model.GroupKey{AtMS: r.UpdatedMS, Peer: r.Peer}
			}
		}
		want := []string{"#wrd 群聊·王", "#wrc 群聊·王", "#wrb 群聊·王", "#wra 群聊·王"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
