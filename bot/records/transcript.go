package records

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"deskmate/model"
)

//go:embed transcript.html
var transcriptPage string

// page is what a printed transcript shows.
type page struct {
	ID, Account, Employee, Seats, Opened, Closed, State, Reason, Rating, Printed string
	Lines                                                                        []pageLine
}

type pageLine struct {
	Kind, Label, Sender, At, Recalled, Text string
}

// Transcript writes a session as a page to print, without scripts. Numbers are masked.
func (g *Giver) Transcript(ctx context.Context, acc model.Account, id uint64, w io.Writer) error {
	record, err := g.cfg.Store.Record(ctx, acc.ID, id)
	if err != nil {
		return err
	}
	messages, err := g.cfg.Store.SessionMessages(ctx, acc.ID, []uint64{id})
	if err != nil {
		return err
	}
	names, err := g.names(ctx, acc, []model.Record{record}, messages)
	if err != nil {
		return err
	}
	tmpl, err := template.New("transcript").Parse(transcriptPage)
	if err != nil {
		return fmt.Errorf("read transcript page: %w", err)
	}
	return tmpl.Execute(w, g.page(acc, record, messages[id], names))
}

func (g *Giver) page(acc model.Account, record model.Record, messages []model.Message, names map[string]string) page {
	s, at := record.Session, clock{g.cfg.Zone}
	var seats []string
	for _, seat := range record.Seats {
		seats = append(seats, names[seat.Seat])
	}
	p := page{
		ID: strconv.FormatUint(s.ID, 10), Account: acc.Name, Employee: names[s.Employee], Seats: strings.Join(seats, "、"),
		Opened: at.text(s.OpenedMS), Closed: at.text(s.ClosedMS), State: stateLabel(s.State), Reason: closeLabel(s.CloseReason),
		Rating: ratingLabel(record.Rating), Printed: at.text(g.cfg.Now().UnixMilli()),
	}
	for _, m := range messages {
		p.Lines = append(p.Lines, pageLine{
			Kind: string(m.From), Label: senderLabel(m.From), Sender: senderName(m, names), At: at.text(m.AtMS),
			Recalled: at.text(m.RecalledMS), Text: g.cfg.Mask(contentText(m.Content)),
		})
	}
	return p
}
