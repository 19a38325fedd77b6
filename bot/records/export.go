package records

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"deskmate/model"
)

// The sheets of an export.
const (
	sessionSheet = "会话"
	messageSheet = "消息"
	aboutSheet   = "说明"
)

// Export writes what a search finds as a spreadsheet: sessions, their messages, and a sheet that
// says what was looked for and whether it is all. Numbers are masked.
func (g *Giver) Export(ctx context.Context, acc model.Account, q Search, w io.Writer) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing to lose
	b := &book{giver: g, acc: acc, clock: clock{g.cfg.Zone}}
	if err := b.open(f); err != nil {
		return fmt.Errorf("begin export: %w", err)
	}
	if err := b.fill(ctx, q); err != nil {
		return fmt.Errorf("export records: %w", err)
	}
	if err := b.close(f, q); err != nil {
		return fmt.Errorf("end export: %w", err)
	}
	return f.Write(w)
}

// book is a spreadsheet that is being written.
type book struct {
	giver              *Giver
	acc                model.Account
	clock              clock
	sessions, messages *excelize.StreamWriter
	nSessions, nLines  int
	cut                bool
}

func (b *book) open(f *excelize.File) error {
	if err := f.SetSheetName(f.GetSheetName(0), sessionSheet); err != nil {
		return err
	}
	for _, name := range [...]string{messageSheet, aboutSheet} {
		if _, err := f.NewSheet(name); err != nil {
			return err
		}
	}
	var err error
	if b.sessions, err = f.NewStreamWriter(sessionSheet); err != nil {
		return err
	}
	if b.messages, err = f.NewStreamWriter(messageSheet); err != nil {
		return err
	}
	if err := row(b.sessions, 1, "会话编号", "员工账号", "员工", "坐席", "状态", "转人工原因", "结束原因", "评价", "不满意原因", "消息数", "开始时间", "转人工时间", "结束时间"); err != nil {
		return err
	}
	return row(b.messages, 1, "会话编号", "序号", "时间", "身份", "发送人", "内容", "已撤回")
}

// fill writes page after page of what is found, as far as the limits go.
func (b *book) fill(ctx context.Context, q Search) error {
	const page = 100
	q.Limit = page
	for {
		r, err := b.giver.cfg.Searcher.Search(ctx, q)
		if err != nil {
			return err
		}
		if err := b.page(ctx, r.Found); err != nil || b.cut || r.Next == 0 {
			return err
		}
		q.Before = r.Next
	}
}

func (b *book) page(ctx context.Context, found []Found) error {
	ids, records := make([]uint64, len(found)), make([]model.Record, len(found))
	for i := range found {
		ids[i], records[i] = found[i].Session.ID, found[i].Record
	}
	messages, err := b.giver.cfg.Store.SessionMessages(ctx, b.acc.ID, ids)
	if err != nil {
		return err
	}
	names, err := b.giver.names(ctx, b.acc, records, messages)
	if err != nil {
		return err
	}
	for _, r := range records {
		if b.cut = b.nSessions == b.giver.cfg.Sessions || b.nLines+len(messages[r.Session.ID]) > b.giver.cfg.Lines; b.cut {
			return nil
		}
		if err := b.session(r, names); err != nil {
			return err
		}
		for _, m := range messages[r.Session.ID] {
			if err := b.message(m, names); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *book) session(r model.Record, names map[string]string) error {
	b.nSessions++
	s := r.Session
	var seats []string
	for _, seat := range r.Seats {
		seats = append(seats, names[seat.Seat])
	}
	return row(b.sessions, b.nSessions+1, strconv.FormatUint(s.ID, 10), s.Employee, names[s.Employee], strings.Join(seats, "、"),
		stateLabel(s.State), handoffLabel(s.HandoffReason), closeLabel(s.CloseReason), ratingLabel(r.Rating), strings.Join(r.Reasons, "、"),
		strconv.Itoa(s.MessageCount), b.clock.text(s.OpenedMS), b.clock.text(s.QueuedMS), b.clock.text(s.ClosedMS))
}

func (b *book) message(m model.Message, names map[string]string) error {
	b.nLines++
	return row(b.messages, b.nLines+1, strconv.FormatUint(m.SessionID, 10), strconv.Itoa(m.Seq), b.clock.text(m.AtMS),
		senderLabel(m.From), senderName(m, names), b.giver.cfg.Mask(contentText(m.Content)), b.clock.text(m.RecalledMS))
}

// close says what the file is.
func (b *book) close(f *excelize.File, q Search) error {
	whole := "全部符合条件的会话"
	if b.cut {
		whole = fmt.Sprintf("未导出全部：一个文件最多 %d 个会话、%d 条消息，更早的会话未包含，请缩小时间范围后再导出",
			b.giver.cfg.Sessions, b.giver.cfg.Lines)
		if err := row(b.sessions, b.nSessions+2, whole); err != nil {
			return err
		}
		if err := row(b.messages, b.nLines+2, whole); err != nil {
			return err
		}
	}
	about, err := f.NewStreamWriter(aboutSheet)
	if err != nil {
		return err
	}
	for i, line := range [][]string{
		{"账号", b.acc.Name},
		{"导出时间", b.clock.text(b.giver.cfg.Now().UnixMilli())},
		{"员工", q.Filter.Employee},
		{"坐席", q.Filter.Seat},
		{"开始", b.clock.text(q.Filter.FromMS)},
		{"结束", b.clock.text(q.Filter.ToMS)},
		{"内容", q.Text},
		{"结束原因", closeLabel(q.Filter.CloseReason)},
		{"评价", ratingLabel(q.Filter.Rating)},
		{"会话数", strconv.Itoa(b.nSessions)},
		{"消息数", strconv.Itoa(b.nLines)},
		{"范围", whole},
		{"说明", "证件、电话、银行卡等号码已隐藏"},
	} {
		if err := row(about, i+1, line...); err != nil {
			return err
		}
	}
	for _, s := range [...]*excelize.StreamWriter{b.sessions, b.messages, about} {
		if err := s.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// row writes texts into a row; none of them is a formula.
func row(s *excelize.StreamWriter, n int, texts ...string) error {
	cells := make([]any, len(texts))
	for i, t := range texts {
		cells[i] = guarded(t)
	}
	return s.SetRow("A"+strconv.Itoa(n), cells)
}

// cellMax is how many characters a cell holds, less than a spreadsheet's 32767 UTF-16 units.
const cellMax = 16_000

// guarded protects a text by an apostrophe that a spreadsheet would take for a formula, and
// says where it had to cut one.
func guarded(text string) string {
	if utf8.RuneCountInString(text) > cellMax {
		text = string([]rune(text)[:cellMax]) + "…（过长，已截断）"
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \t\r\n　"))
	if text != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	return text
}
