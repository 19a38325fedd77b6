package bot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

func newServed(id uint64, assignedMS int64) model.Served {
	return model.Served{Session: model.Session{ID: id, State: model.StateServing, AssignedMS: assignedMS}}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	one := []model.Served{newServed(1, 100)}
	two := []model.Served{newServed(1, 100), newServed(2, 200)}
	tests := []struct {
		name   string
		focus  bot.Focus
		strict bot.Target
		sticky bot.Target
	}{
		{name: "nobody_served", focus: bot.Focus{Session: 1, SinceMS: 5}},
		{
			name:   "the_only_one",
			focus:  bot.Focus{Serving: one},
			strict: bot.Target{Session: 1}, sticky: bot.Target{Session: 1},
		},
		{
			name:   "the_only_one_came_after_the_text",
			focus:  bot.Focus{Serving: []model.Served{newServed(1, 501)}},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Ask: true},
		},
		{
			name:   "two_and_none_chosen",
			focus:  bot.Focus{Serving: two},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Ask: true},
		},
		{
			name:   "chosen",
			focus:  bot.Focus{Serving: two, Session: 2, SinceMS: 300},
			strict: bot.Target{Session: 2}, sticky: bot.Target{Session: 2},
		},
		{
			name:   "own_lines_do_not_distract",
			focus:  bot.Focus{Serving: two, Session: 2, SinceMS: 300, Shown: map[uint64]int64{2: 400}},
			strict: bot.Target{Session: 2}, sticky: bot.Target{Session: 2},
		},
		{
			name:   "another_line_was_shown",
			focus:  bot.Focus{Serving: two, Session: 2, SinceMS: 300, Shown: map[uint64]int64{1: 400, 2: 450}},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Session: 2},
		},
		{
			name:   "another_line_was_shown_just_before",
			focus:  bot.Focus{Serving: two, Session: 2, SinceMS: 300, Shown: map[uint64]int64{1: 500}},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Session: 2},
		},
		{
			name:   "another_line_was_shown_before_choosing",
			focus:  bot.Focus{Serving: two, Session: 2, SinceMS: 300, Shown: map[uint64]int64{1: 300}},
			strict: bot.Target{Session: 2}, sticky: bot.Target{Session: 2},
		},
		{
			name:   "another_line_was_shown_after_the_text",
			focus:  bot.Focus{Serving: two, Session: 2, SinceMS: 300, Shown: map[uint64]int64{1: 501}},
			strict: bot.Target{Session: 2}, sticky: bot.Target{Session: 2},
		},
		{
			name:   "chosen_one_closed_and_two_are_left",
			focus:  bot.Focus{Serving: two, Session: 3, SinceMS: 300},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Ask: true},
		},
		{
			name:   "chosen_one_closed_and_one_is_left",
			focus:  bot.Focus{Serving: one, Session: 3, SinceMS: 300},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Session: 1},
		},
		{
			name:   "a_new_one_after_the_chosen_closed",
			focus:  bot.Focus{Serving: one, Session: 3, SinceMS: 50, Shown: map[uint64]int64{3: 60}},
			strict: bot.Target{Session: 1}, sticky: bot.Target{Session: 1},
		},
		{
			name:   "the_only_one_but_a_closed_one_spoke_since",
			focus:  bot.Focus{Serving: one, Shown: map[uint64]int64{3: 150}},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Session: 1},
		},
		{
			name:   "chosen_is_the_only_one_left_but_a_closed_one_spoke_since",
			focus:  bot.Focus{Serving: one, Session: 1, SinceMS: 300, Shown: map[uint64]int64{3: 350}},
			strict: bot.Target{Ask: true}, sticky: bot.Target{Session: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := tt.focus
			f.ArrivedMS = 500
			for mode, want := range map[model.FocusMode]bot.Target{
				"": tt.strict, model.FocusStrict: tt.strict, model.FocusSticky: tt.sticky,
			} {
				f.Mode = mode
				if diff := cmp.Diff(want, bot.Resolve(f)); diff != "" {
					t.Errorf("Resolve, focus %q (-want +got):\n%s", mode, diff)
				}
			}
		})
	}
}
