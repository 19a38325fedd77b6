package sheet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"deskmate/model"
)

// jsonRow is a line of kb.jsonl.
type jsonRow struct {
	ID       string           `json:"id,omitempty"`
	Question string           `json:"question"`
	Similar  []string         `json:"similar"`
	Answer   string           `json:"answer"`
	Group    string           `json:"group,omitempty"`
	State    model.EntryState `json:"state,omitempty"` // on where absent; 启用 and 停用 do as well
}

// readJSONL reads one entry a line.
func readJSONL(data []byte) ([]row, []string, error) {
	if looksZipped(data) {
		return nil, nil, model.Invalid("kb_file_type", "这不是 jsonl 文件")
	}
	var rows []row
	unknown := map[string]bool{}
	err := EachLine(strings.NewReader(string(data)), func(number int, line []byte) error {
		if len(rows) == MaxRows {
			return errTooManyRows()
		}
		rows = append(rows, jsonlRow(number, line, unknown))
		return nil
	})
	if err != nil {
		if known, ok := errors.AsType[*model.Error](err); ok {
			return nil, nil, known
		}
		return nil, nil, fmt.Errorf("read jsonl: %w", err)
	}
	var warnings []string
	for name := range unknown {
		warnings = append(warnings, fmt.Sprintf("字段 %q 不认识，已忽略", name))
	}
	slices.Sort(warnings)
	return rows, warnings, nil
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
		if !slices.Contains([]string{"id", "question", "similar", "answer", "group", "state"}, strings.ToLower(name)) && len(unknown) < MaxReported {
			unknown[name] = true
		}
	}
	r.add(fieldRef, "id", j.ID)
	r.add(fieldQuestion, "question", j.Question)
	for _, s := range j.Similar {
		r.add(fieldSimilar, "similar", s)
	}
	r.add(fieldAnswer, "answer", j.Answer)
	r.add(fieldGroup, "group", j.Group)
	r.add(fieldState, "state", string(j.State))
	return r
}

func writeJSONL(w io.Writer, entries []model.Entry) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range entries {
		e := &entries[i]
		j := jsonRow{ID: e.Ref, Question: e.Question, Similar: e.Similar, Answer: e.Answer, Group: e.Group}
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
