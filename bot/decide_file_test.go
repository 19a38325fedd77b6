package bot_test

import (
	"fmt"
	"testing"
	"time"

	"deskmate/model"
)

// linked says that pages can be opened.
func linked(s *scene) {
	s.rules.Upload = func(t model.UploadTicket) string {
		left := time.Duration(t.UntilMS-s.in.Now.UnixMilli()) * time.Millisecond
		return fmt.Sprintf("https://d/%d/%d/%s/%s/%s", t.AccountID, t.Session, t.Employee, t.Person, left)
	}
}

func TestDecideFile(t *testing.T) {
	t.Parallel()
	inState := func(state model.SessionState) given {
		return func(s *scene) { s.in.Case.Session = session7(state) }
	}
	runPlayed(t, []played{
		{"to_the_only_session", []given{atDesk(7), linked, says("#文件")}, `
handled command
to lin (7) <a href="https://d/1/7/zhang/lin/30m0s">点此选择文件，发给 #2 张三(财务部)</a>（30 分钟内有效）`},
		{"by_number", []given{atDesk(7, 8), linked, says("#文件 3")}, `
handled command
to lin (8) <a href="https://d/1/8/li/lin/30m0s">点此选择文件，发给 #3 李四</a>（30 分钟内有效）`},
		{"which", []given{atDesk(7, 8), linked, says("#文件")}, `
handled command
to lin () 请带上编号，例如 #文件 2。⏎正在接待 2 个会话：⏎#2 张三(财务部)　等待回复，1 分钟前⏎#3 李四　等待回复，1 分钟前`},
		{"nobody", []given{atDesk(), linked, says("#文件")}, `
handled command
to lin () 您现在没有正在接待的会话。`},
		{"no_address", []given{atDesk(7), says("#文件")}, `
handled command
to lin () 暂不支持发送文件：系统未配置对外地址，请联系管理员。`},
		{"employee", []given{inState(model.StateServing), linked, says("＃文件")}, `
handled upload_link
to zhang (7) <a href="https://d/1/7/zhang/zhang/30m0s">点此选择文件，发给坐席</a>（30 分钟内有效）`},
		{"employee_who_waits", []given{inState(model.StateQueued), linked, says("#文件")}, `
handled upload_link
to zhang (7) <a href="https://d/1/7/zhang/zhang/30m0s">点此选择文件，发给坐席</a>（30 分钟内有效）`},
	})
}
