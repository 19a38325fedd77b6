package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestDecideAnswerOfSeveralMessages(t *testing.T) {
	t.Parallel()
	picture := hit(false)
	picture.Candidates[0].Answer = "[图片:31]"
	tooMany := hit(false)
	tooMany.Candidates[0].More = []string{"2", "3", "4", "5", "6"}
	mentions := hit(false)
	mentions.Candidates[0].More = []string{"见[图片:31]", "[图片:0]", "[语音:3]"}
	runPlayed(t, []played{
		{"in_their_order", []given{in7(model.StateBot), says("年假"), knows(illustrated())}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
says bot: image [图片:31]
says bot: file [文件:32]
says bot: 详见 <a href="https://example.com/a">制度</a>
to zhang (7) 五天
to zhang (7) image of 31
to zhang (7) file of 32
to zhang (7) 详见 <a href="https://example.com/a">制度</a>
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"a_picture_alone", []given{in7(model.StateBot), says("年假"), knows(picture)}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: image [图片:31]
to zhang (7) image of 31
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"no_more_than_five", []given{in7(model.StateBot), says("年假"), knows(tooMany)}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
says bot: 2
says bot: 3
says bot: 4
says bot: 5
to zhang (7) 五天
to zhang (7) 2
to zhang (7) 3
to zhang (7) 4
to zhang (7) 5
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"a_text_that_looks_like_a_picture", []given{in7(model.StateBot), says("年假"), knows(mentions)}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
says bot: 见[图片:31]
says bot: [图片:0]
says bot: [语音:3]
to zhang (7) 五天
to zhang (7) 见[图片:31]
to zhang (7) [图片:0]
to zhang (7) [语音:3]
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
	})
}

func TestDecideLongAnswer(t *testing.T) {
	t.Parallel()
	long := hit(false)
	long.Candidates[0].Answer = strings.Repeat("长", 1000)
	long.Candidates[0].More = []string{"完"}
	_, step := newScene(in7(model.StateBot), says("年假"), knows(long)).decide()
	var got []int
	for _, p := range step.Pushes {
		got = append(got, len(p.Text))
	}
	if diff := cmp.Diff([]int{2046, 954, 3}, got); diff != "" {
		t.Errorf("bytes of the texts (-want +got):\n%s", diff)
	}
	if len(step.Messages) != 3 {
		t.Errorf("%d lines in the transcript, want the question and two", len(step.Messages))
	}
}

// A link that the end of a message would cut in two goes into the next one.
func TestDecideLongAnswerWithLinks(t *testing.T) {
	t.Parallel()
	const link = `<a href="https://example.com/a">制度</a>`
	tests := []struct {
		name   string
		answer string
		want   []string
	}{
		{"at_the_end", strings.Repeat("x", 2030) + link + "完", []string{strings.Repeat("x", 2030), link + "完"}},
		{"inside", link + strings.Repeat("x", 2048), []string{link + strings.Repeat("x", 2048-len(link)), strings.Repeat("x", len(link))}},
		{"as_long_as_the_message", link + strings.Repeat("x", 2048-len(link)), []string{link + strings.Repeat("x", 2048-len(link))}},
		{"too_long_for_any", `<a href="` + strings.Repeat("x", 3000), []string{`<a href="` + strings.Repeat("x", 2039), strings.Repeat("x", 961)}},
		{"none", strings.Repeat("<a x", 600), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := hit(false)
			a.Candidates[0].Answer = tt.answer
			_, step := newScene(in7(model.StateBot), says("年假"), knows(a)).decide()
			var got []string
			for _, p := range step.Pushes {
				got = append(got, p.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" && tt.want != nil {
				t.Errorf("texts (-want +got):\n%s", diff)
			}
			if strings.Join(got, "") != tt.answer {
				t.Error("something is lost")
			}
		})
	}
}

func TestDecidePhrase(t *testing.T) {
	t.Parallel()
	rephrase := func(s *scene) {
		s.in.CanPhrase, s.in.Case.Account.Policy.LLM.Mode = true, model.LLMRephrase
		s.phrase = model.Phrase{Text: "您好，五天哦", TookMS: 900}
	}
	verbatim := func(s *scene) { s.phrase = model.Phrase{Text: "五天", Reason: "facts", TookMS: 1200} }
	noModel := func(s *scene) { s.in.CanPhrase = false }
	silent := func(s *scene) { s.phrase.Text = "" }
	off := policy(func(p *model.Policy) { p.LLM.Mode = model.LLMOff })
	picture := hit(true)
	picture.Candidates[0].Answer, picture.Candidates[0].More = "[图片:31]", []string{"五天"}
	runPlayed(t, []played{
		{"the_first_message", []given{in7(model.StateBot), rephrase, says("年假"), knows(illustrated())}, `
need answer 年假
need phrase 年假 → 五天
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 您好，五天哦
says bot: image [图片:31]
says bot: file [文件:32]
says bot: 详见 <a href="https://example.com/a">制度</a>
to zhang (7) 您好，五天哦
to zhang (7) image of 31
to zhang (7) file of 32
to zhang (7) 详见 <a href="https://example.com/a">制度</a>
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact phrased 900ms
fact answered hit`},
		{"verbatim", []given{in7(model.StateBot), rephrase, verbatim, says("年假"), knows(hit(false))}, `
need answer 年假
need phrase 年假 → 五天
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact phrased facts 1.2s
fact answered hit`},
		{"a_model_that_says_nothing", []given{in7(model.StateBot), rephrase, silent, says("年假"), knows(hit(false))}, `
need answer 年假
need phrase 年假 → 五天
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact phrased 900ms
fact answered hit`},
		{"a_tapped_suggestion", []given{in7(model.StateBot), rephrase, clicks("answer:12:50"), asked50(), entryFound}, `
need question 50
need entry 12
need phrase 请假 → 病历
answered suggestion
session 7 of zhang bot topic=12
says employee zhang: card 病假
says bot: 您好，五天哦
to zhang (7) 您好，五天哦
to zhang (7) update code 已选择
timer bot_idle in 30m0s
question 50 picked=12
fact accepted suggestion
fact phrased 900ms
fact answered suggestion`},
		{"never_a_picture", []given{in7(model.StateBot), rephrase, says("年假"), knows(picture)}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: image [图片:31]
says bot: 五天
to zhang (7) image of 31
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"off", []given{in7(model.StateBot), rephrase, off, says("年假"), knows(hit(false))}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"no_model_there", []given{in7(model.StateBot), rephrase, noModel, says("年假"), knows(hit(false))}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"not_for_small_talk", []given{in7(model.StateBot), rephrase, says("谢谢"), knows(model.Answer{Kind: model.AnswerSmall, Text: "不客气"})}, `
need answer 谢谢
small_talk small_talk
session 7 of zhang bot
says employee zhang: 谢谢
says bot: 不客气
to zhang (7) 不客气
timer bot_idle in 30m0s`},
	})
}

func TestDecideFollowUp(t *testing.T) {
	t.Parallel()
	answered := func(d time.Duration) given {
		return in7(model.StateBot, func(s *model.Session) { s.TopicEntry, s.TopicMS = 11, ago(d) })
	}
	never := policy(func(p *model.Policy) { p.Bot.FollowUp = 0 })
	about := hit(false)
	about.Topic = true
	runPlayed(t, []played{
		{"understood_as_one", []given{answered(3 * time.Minute), says("怎么申请"), knows(about)}, `
need answer 怎么申请 topic=11
answered hit
session 7 of zhang bot topic=11
says employee zhang: 怎么申请
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 怎么申请 entry=11 topic=11
fact answered hit`},
		{"not_taken_for_one", []given{answered(time.Minute), says("年假"), knows(miss())}, `
need answer 年假 topic=11
missed miss
session 7 of zhang bot misses=1 topic=11
says employee zhang: 年假
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 年假 miss=open
fact missed miss`},
		{"too_late", []given{answered(3*time.Minute + time.Millisecond), says("怎么申请"), knows(miss())}, `
need answer 怎么申请
missed miss
session 7 of zhang bot misses=1 topic=11
says employee zhang: 怎么申请
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 怎么申请 miss=open
fact missed miss`},
		{"never", []given{answered(0), never, says("怎么申请"), knows(miss())}, `
need answer 怎么申请
missed miss
session 7 of zhang bot misses=1 topic=11
says employee zhang: 怎么申请
says bot: card 没有找到答案⏎不知道
to zhang (7) card 没有找到答案 | 不知道 | [转人工 handoff]
timer bot_idle in 30m0s
question 100 missed: 怎么申请 miss=open
fact missed miss`},
	})
}

func TestDecideSmallTalk(t *testing.T) {
	t.Parallel()
	after := in7(model.StateBot, func(s *model.Session) {
		s.Misses, s.Suggested, s.SuggestedFor, s.TopicEntry, s.TopicMS = 1, []uint64{11}, 50, 12, ago(time.Minute)
	})
	runPlayed(t, []played{
		{"in_silence", []given{after, says("嗯"), knows(model.Answer{Kind: model.AnswerSmall})}, `
need answer 嗯 topic=12
small_talk small_talk
session 7 of zhang bot misses=1 suggested=[11] for=50 topic=12
says employee zhang: 嗯
timer bot_idle in 30m0s`},
		{"changes_nothing", []given{after, says("谢谢"), knows(model.Answer{Kind: model.AnswerSmall, Text: "不客气"})}, `
need answer 谢谢 topic=12
small_talk small_talk
session 7 of zhang bot misses=1 suggested=[11] for=50 topic=12
says employee zhang: 谢谢
says bot: 不客气
to zhang (7) 不客气
timer bot_idle in 30m0s`},
	})
}

func TestDecideQuestionAndDetail(t *testing.T) {
	t.Parallel()
	about := hit(false)
	about.Topic = true
	text := strings.Repeat("长", 2100) + "A"
	s := newScene(in7(model.StateBot, func(s *model.Session) { s.TopicEntry, s.TopicMS = 12, ago(time.Minute) }), says(text), knows(about))
	s.in.CanPhrase, s.in.Case.Account.Policy.LLM.Mode = true, model.LLMRephrase
	s.phrase = model.Phrase{Text: "五天哦"}
	s.rules.Fold = strings.ToLower
	_, step := s.decide()
	want := &model.Question{
		ID: fresh, AccountID: 1, SessionID: 7, Employee: zhang, Text: strings.Repeat("长", 2000), Folded: strings.Repeat("长", 400),
		Outcome: model.OutcomeAnswered, Score: 0.9, Threshold: 0.8, Topic: 12, EntryID: 11, Model: "w1", AtMS: noon().UnixMilli(),
	}
	if diff := cmp.Diff(want, step.Question); diff != "" {
		t.Errorf("question (-want +got):\n%s", diff)
	}
	detail := model.Detail{
		Score: 0.9, Threshold: 0.8, Entry: 11, Variant: "年假有几天", Model: "w1", Topic: 12, Phrase: "rephrased", From: "bot", To: "bot",
	}
	if diff := cmp.Diff(detail, step.Detail); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
}
