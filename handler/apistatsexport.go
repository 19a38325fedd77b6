package handler

import (
	"context"
	"encoding/json"
	"io"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// exportStatistics answers with what a page shows, as a spreadsheet.
func (a *API) exportStatistics(ctx context.Context, acc model.Account, in *StatDays, page, lang string) (*huma.StreamResponse, error) {
	var sheets []model.StatSheet
	words := a.statWords(lang)
	if page == "survey" {
		v, err := a.surveyStatistics(ctx, acc, in)
		if err != nil {
			return nil, err
		}
		sheets = surveySheets(v, words)
	} else {
		v, err := a.serviceStatistics(ctx, acc, in)
		if err != nil {
			return nil, err
		}
		sheets = serviceSheets(v, words)
	}
	asked, err := json.Marshal(map[string]string{"page": page, "from": in.From, "to": in.To, "seat": in.Seat})
	if err == nil {
		err = a.audit(ctx, acc, model.Audit{Action: "statistics.export", After: string(asked)})
	}
	if err != nil {
		return nil, err
	}
	name := acc.Key + "-" + page + "-" + in.From + "-" + in.To + ".xlsx"
	return a.attachment(name, fileType("xlsx"), func(w io.Writer) error { return a.cfg.Statistics.Sheet(sheets, w) }), nil //nolint:contextcheck // writing cells needs none
}
