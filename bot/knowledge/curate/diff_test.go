package curate_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

func run(op curate.Op, text string) curate.Run { return curate.Run{Op: op, Text: text} }

func TestDiff(t *testing.T) {
	t.Parallel()
	kept, inserted, deleted := curate.OpKept, curate.OpInserted, curate.OpDeleted
	for _, tt := range []struct {
		name          string
		before, after model.Entry
		want          []curate.FieldDiff
	}{
		{name: "nothing", before: entry("一"), after: entry("一")},
		{
			name: "an answer", before: model.Entry{Answer: "每月 10 日发工资"}, after: model.Entry{Answer: "每月 15 日发奖金"},
			want: []curate.FieldDiff{{curate.FieldAnswer, []curate.Run{
				run(kept, "每月 "), run(deleted, "10"), run(inserted, "15"), run(kept, " 日发"), run(deleted, "工资"), run(inserted, "奖金"),
			}}},
		},
		{
			name: "a word is one", before: model.Entry{Question: "VPN怎么连"}, after: model.Entry{Question: "VPC怎么连"},
			want: []curate.FieldDiff{{curate.FieldQuestion, []curate.Run{run(deleted, "VPN"), run(inserted, "VPC"), run(kept, "怎么连")}}},
		},
		{
			name: "similar questions by line", before: entry("一", "甲", "乙", "丙"), after: entry("一", "甲", "丙", "丁"),
			want: []curate.FieldDiff{{curate.FieldSimilar, []curate.Run{
				run(kept, "甲\n"), run(deleted, "乙\n"), run(kept, "丙\n"), run(inserted, "丁\n"),
			}}},
		},
		{
			name: "what has no parts", before: model.Entry{State: model.EntryOn}, after: model.Entry{State: model.EntryOff, ValidUntilMS: 1000},
			want: []curate.FieldDiff{
				{curate.FieldState, []curate.Run{run(deleted, "on"), run(inserted, "off")}},
				{curate.FieldValidUntil, []curate.Run{run(inserted, "1970-01-01T00:00:01Z")}},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, curate.Diff(tt.before, tt.after)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Both texts must come out of a diff again, whatever they are.
func TestDiff_loses_nothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := func(limit int) string {
		var b strings.Builder
		for range random.IntN(limit) {
			b.WriteRune([]rune("甲乙丙ab1 \n")[random.IntN(8)])
		}
		return b.String()
	}
	for i := range 2000 {
		limit := 30
		if i < 3 {
			limit = 5000 // more edits than are followed
		}
		before, after := text(limit), text(limit)
		for _, d := range curate.Diff(model.Entry{Answer: before}, model.Entry{Answer: after}) {
			var was, is string
			for _, r := range d.Runs {
				if r.Op != curate.OpInserted {
					was += r.Text
				}
				if r.Op != curate.OpDeleted {
					is += r.Text
				}
			}
			if was != before || is != after {
				t.Fatalf("%q → %q gives %+v", before, after, d.Runs)
			}
		}
	}
}
