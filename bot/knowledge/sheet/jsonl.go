package sheet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"deskmate/model"
)

// jsonRow is a line of kb.jsonl.
type jsonRow struct {
	ID         string           `json:"id,omitempty"`
	Question   string           `json:"question"`
	Similar    []string         `json:"similar"`
	Answer     string           `json:"answer"`
	More       []string         `json:"more,omitempty"`
	Group      string           `json:"group,omitempty"`
	State      model.EntryState `json:"state,omitempty"`       // on where absent; 启用 and 停用 do as well
	ValidFrom  string           `json:"valid_from,omitempty"`  // RFC 3339; the forms of a spreadsheet do as well
	ValidUntil string           `json:"valid_until,omitempty"` // the same
	Draft      bool             `json:"draft,omitempty"`
}

// readJSONL reads one entry a line.
func readJSONL(data []byte, c *checker) error {
	if looksZipped(data) {
		return model.Invalid("kb_file_type", "这不是 jsonl 文件")
	}
	rows := 0
	unknown := map[string]bool{}
	err := EachLine(bytes.NewReader(data), func(number int, line []byte) error {
		if rows++; rows > MaxRows {
			return errTooManyRows()
		}
		r := jsonlRow(number, line, unknown)
		c.row(&r)
		return nil
	})
	if err != nil {
		if known, ok := errors.AsType[*model.Error](err); ok {
			return known
		}
		return fmt.Errorf("read jsonl: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		c.warn("字段 %q 不认识，已忽略", name)
	}
	return nil
}

// jsonlRow reads one line and remembers the fields nobody knows.
func jsonlRow(number int, line []byte, unknown map[string]bool) row {
	r := row{number: number}
	var j jsonRow
	if err := json.Unmarshal(line, &j); err != nil {
		r.broken = &RowError{Row: number, Message: "这一行不是可用的 JSON 对象"}
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) && wrongType.Field != "" {
			r.broken.Column, r.broken.Message = wrongType.Field, "值的类型不对"
		}
		return r
	}
	var all map[string]json.RawMessage
	_ = json.Unmarshal(line, &all) // it was an object a moment ago
	for name := range all {
		if !slices.Contains(jsonFields(), strings.ToLower(name)) && len(unknown) < MaxReported {
			unknown[name] = true
		}
	}
	add := func(f field, column string, texts ...string) {
		for _, text := range texts {
			// A program wrote it: markup in it is meant.
			r.cells[f] = append(r.cells[f], cell{column: column, text: text, verbatim: true})
		}
	}
	add(fieldRef, "id", j.ID)
	add(fieldQuestion, "question", j.Question)
	add(fieldSimilar, "similar", j.Similar...)
	add(fieldAnswer, "answer", j.Answer)
	add(fieldMore, "more", j.More...)
	add(fieldGroup, "group", j.Group)
	add(fieldState, "state", string(j.State))
	add(fieldFrom, "valid_from", j.ValidFrom)
	add(fieldUntil, "valid_until", j.ValidUntil)
	if j.Draft {
		add(fieldDraft, "draft", "true")
	}
	return r
}

func jsonFields() []string {
	return []string{"id", "question", "similar", "answer", "more", "group", "state", "valid_from", "valid_until", "draft"}
}

func (l Layout) writeJSONL(w io.Writer, entries []model.Entry) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range entries {
		e := &entries[i]
		j := jsonRow{
			ID: e.Ref, Question: e.Question, Similar: e.Similar, Answer: e.Answer, More: e.More, Group: e.Group, Draft: e.Draft,
			ValidFrom: formatZoned(e.ValidFromMS, l.location()), ValidUntil: formatZoned(e.ValidUntilMS, l.location()),
		}
		if j.Similar == nil {
			j.Similar = []string{}
		}
		if e.State == model.EntryOff {
			j.State = model.EntryOff
		}
		if err := enc.Encode(j); err != nil {
			return err
		}
	}
	return nil
}
