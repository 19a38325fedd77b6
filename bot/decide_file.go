package bot

import (
	"fmt"
	"strings"
	"time"

	"deskmate/model"
)

// uploadFor is how long a link for sending a file works.
const uploadFor = 30 * time.Minute

// textNoUpload says that nobody could open such a link.
const textNoUpload = "暂不支持发送文件：系统未配置对外地址，请联系管理员。"

// fileCommand is `#文件`: WeCom delivers no files to apps, so the seat sends one from a page.
func (d *decision) fileCommand(cmd Command) {
	if d.Upload == nil {
		d.tell(d.in.Case.Person, textNoUpload)
		return
	}
	if s, ok := d.target(cmd.Number, "#文件 2"); ok {
		d.sendUploadLink(s.Session, fmt.Sprintf("发给 #%d %s", s.Session.SeatNo, s.Employee.Title()))
	}
}

// wantsUpload gives an employee who waits for a seat, or has one, the same link for `#文件`. A
// bot makes nothing of files.
func (d *decision) wantsUpload(c model.Content) bool {
	if d.Upload == nil || c.Type != model.ContentText || d.s == nil || d.s.State == model.StateBot {
		return false
	}
	word, ok := cutAnyPrefix(strings.TrimSpace(c.Text), "#", "＃")
	if !ok || strings.TrimSpace(word) != "文件" {
		return false
	}
	d.sendUploadLink(*d.s, "发给坐席")
	d.finish(model.OutcomeHandled, "upload_link")
	return true
}

func (d *decision) sendUploadLink(s model.Session, what string) {
	link := d.Upload(model.UploadTicket{
		AccountID: d.acc.ID, Session: s.ID, Employee: s.Employee, Person: d.in.Case.Person,
		UntilMS: d.at + uploadFor.Milliseconds(),
	})
	d.push(model.Push{
		Receiver: d.in.Case.Person, Kind: model.PushText, Session: s.ID,
		Text: fmt.Sprintf("<a href=\"%s\">点此选择文件，%s</a>（%s内有效）", link, d.Escape(what), minutes(uploadFor)),
	})
}
