package rephrase_test

import "testing"

func TestRepliesAreCleaned(t *testing.T) {
	t.Parallel()
	const said = "您好，年假需要提前三天申请。"
	for name, reply := range map[string]string{
		"as it is":        said,
		"spaces":          "\r\n  " + said + " \n",
		"preface":         "润色后的答案：" + said,
		"polite preface":  "好的，以下是润色后的回复：\n" + said,
		"quotes":          "“" + said + "”",
		"preface, quotes": "回答：「" + said + "」",
		"bold":            "您好，**年假**需要提前**三天**申请。",
		"code":            "```text\n" + said + "\n```",
		"heading":         "# " + said,
		"its fence":       "<answer>\n" + said + "\n</answer>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRephraser(t, says(reply), &fakeUsage{}, nil)
			if got := r.Rephrase(t.Context(), account(nil), question, answer); got.Text != said || got.Reason != "" {
				t.Errorf("%q became %+v", reply, got)
			}
		})
	}
	t.Run("what looks like a preface and is the answer's own", func(t *testing.T) {
		t.Parallel()
		r := newRephraser(t, says("审批回复：3天内给出哦。"), &fakeUsage{}, nil)
		if got := r.Rephrase(t.Context(), account(nil), question, "审批回复：3天内给出。"); got.Text != "审批回复：3天内给出哦。" {
			t.Errorf("phrase %+v", got)
		}
	})
	t.Run("a link in Markdown", func(t *testing.T) {
		t.Parallel()
		r := newRephraser(t, says("您好，请在[官网](https://x.example/a)下载。"), &fakeUsage{}, nil)
		got := r.Rephrase(t.Context(), account(nil), question, "请在官网 https://x.example/a 下载。")
		if want := "您好，请在官网 https://x.example/a 下载。"; got.Text != want || got.Reason != "" {
			t.Errorf("phrase %+v", got)
		}
	})
}
