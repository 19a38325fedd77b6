package curate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// A report is kept as gzipped lines of JSON: the head, then a row each. So a page of it is
// read without holding the whole.

// ReportHead is what a dry run says of a file as a whole.
type ReportHead struct {
	Counts   model.ImportCounts `json:"counts"`
	Bad      int                `json:"bad"`    // rows that are not taken
	Good     int                `json:"good"`   // entries that are
	Native   bool               `json:"native"` // laid out as WeCom's own export
	Warnings []string           `json:"warnings,omitempty"`
	Golden   Preview            `json:"golden"` // golden questions that the import would move
}

// ReportPage is a page of the rows of a report.
type ReportPage struct {
	ReportHead
	Rows []sheet.ReportRow
	Next int // to go on after; 0: that was all
}

// ReportFilter narrows a report. Its zero value is all of it.
type ReportFilter struct {
	Kind  sheet.RowKind // "": any
	Bad   bool          // only rows that are not taken
	Mends bool          // only rows in which something was repaired
	After int           // [ReportPage.Next] of the page before
	Limit int           // at most 200; 0: 50
}

const (
	reportPage = 50
	reportMost = 200
)

// Report gives a page of what the dry run of an import found. Before there is one it is a
// conflict with the reason import_state.
func (im *Importer) Report(ctx context.Context, accountID, id uint64, f ReportFilter) (ReportPage, error) {
	imp, err := im.Import(ctx, accountID, id)
	if err != nil {
		return ReportPage{}, fmt.Errorf("read import %d: %w", id, err)
	}
	lines, err := im.open(ctx, imp)
	if err != nil {
		return ReportPage{}, err
	}
	page, err := lines.page(f)
	if err != nil {
		return ReportPage{}, fmt.Errorf("read the report of import %d: %w", id, err)
	}
	return page, nil
}

// head reads the head of an import's report.
func (im *Importer) head(ctx context.Context, imp model.Import) (head ReportHead, err error) {
	lines, err := im.open(ctx, imp)
	if err != nil {
		return head, err
	}
	if err := lines.Decode(&head); err != nil {
		return head, fmt.Errorf("read the report of import %d: %w", imp.ID, err)
	}
	return head, nil
}

func (im *Importer) open(ctx context.Context, imp model.Import) (reportReader, error) {
	if imp.ReportBlob == 0 {
		return reportReader{}, conflict("import_state", thisImport+stateWord(imp.State)+"，还没有检查结果")
	}
	data, err := im.blobs.BlobData(ctx, imp.AccountID, imp.ReportBlob)
	if err != nil {
		return reportReader{}, fmt.Errorf("read the report of import %d: %w", imp.ID, err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return reportReader{}, fmt.Errorf("unpack the report of import %d: %w", imp.ID, err)
	}
	return reportReader{json.NewDecoder(bufio.NewReader(plain))}, nil
}

// reportReader reads the lines of a report.
type reportReader struct{ *json.Decoder }

func (r reportReader) page(f ReportFilter) (page ReportPage, err error) {
	limit := f.Limit
	if limit <= 0 {
		limit = reportPage
	}
	limit = min(limit, reportMost)
	if err := r.Decode(&page.ReportHead); err != nil {
		return page, err
	}
	for n := 1; ; n++ {
		var raw json.RawMessage
		if err := r.Decode(&raw); errors.Is(err, io.EOF) {
			return page, nil
		} else if err != nil {
			return page, err
		}
		if n <= f.After {
			continue
		}
		var row sheet.ReportRow
		if err := json.Unmarshal(raw, &row); err != nil {
			return page, err
		}
		if !f.takes(row) {
			continue
		}
		if len(page.Rows) == limit {
			page.Next = n - 1
			return page, nil
		}
		page.Rows = append(page.Rows, row)
	}
}

func (f ReportFilter) takes(row sheet.ReportRow) bool {
	return (f.Kind == "" || row.Kind == f.Kind) && (!f.Bad || row.Bad) && (!f.Mends || len(row.Repairs) > 0)
}

// storeReport writes a report and gives the id of its blob.
func (im *Importer) storeReport(ctx context.Context, accountID uint64, head ReportHead, rows []sheet.ReportRow) (uint64, error) {
	var data bytes.Buffer
	packed := gzip.NewWriter(&data)
	lines := json.NewEncoder(packed)
	err := lines.Encode(head)
	for i := 0; i < len(rows) && err == nil; i++ {
		err = lines.Encode(rows[i])
	}
	if err = errors.Join(err, packed.Close()); err != nil {
		return 0, fmt.Errorf("write report: %w", err)
	}
	blob, err := im.blobs.PutBlob(ctx, model.Blob{
		AccountID: accountID, Kind: model.BlobReport, Name: "report.jsonl.gz", Type: "application/gzip",
	}, &data)
	if err != nil {
		return 0, fmt.Errorf("store report: %w", err)
	}
	return blob.ID, nil
}
