package sheet

import (
	"strconv"

	"deskmate/model"
)

// field is a column of the knowledge file.
type field int

// The fields, in the order in which an export has them.
const (
	fieldGroup field = iota
	fieldQuestion
	fieldSimilar
	fieldAnswer
	fieldState
	fieldMore
	fieldFrom
	fieldUntil
	fieldDraft
	fieldRef
	fieldCount
)

// fixedFields is how many fields every file has; the others stand only where needed.
const fixedFields = fieldMore

// header is the field's name in a spreadsheet.
func (f field) header() string {
	return [fieldCount]string{"分组", "标准问题", "相似问题", "答案", "状态", "消息", "生效时间", "失效时间", "草稿", "编号"}[f]
}

// numbered is the name of the nth column of a field that may have several.
func (f field) numbered(n int) string { return f.header() + strconv.Itoa(n) }

// several reports whether a field may have more than one column.
func (f field) several() bool {
	return f == fieldSimilar || f == fieldMore
}

// isTime reports whether the field holds a time.
func (f field) isTime() bool { return f == fieldFrom || f == fieldUntil }

// row is a row as it was read. Its cells are good until the next one is read.
type row struct {
	number    int
	cells     [fieldCount][]cell // none, one, or for some fields several
	broken    *RowError          // the row could not be read at all
	continues bool               // its question is merged with that of the row above
}

// cell is a text and where it stands.
type cell struct {
	column   string // as RowError.Column
	text     string
	verbatim bool // markup in it is meant
	level    bool // one part of a group's path
}

func (r *row) add(f field, column, text string) {
	r.cells[f] = append(r.cells[f], cell{column: column, text: text})
}

// one is the only cell of a field; where the file has none, an empty one with the
// field's name.
func (r *row) one(f field) cell {
	if len(r.cells[f]) > 0 {
		return r.cells[f][0]
	}
	return cell{column: f.header()}
}

// holds reports whether a cell of the field has any text.
func (r *row) holds(f field) bool {
	for _, at := range r.cells[f] {
		if at.text != "" {
			return true
		}
	}
	return false
}

// stateWord reads a state; blank is on.
func stateWord(text string) (state model.EntryState, ok bool) {
	switch text {
	case "", "启用", "已启用", "启用中", "开启", "已开启", "是", "on", "true":
		return model.EntryOn, true
	case "停用", "已停用", "禁用", "已禁用", "关闭", "已关闭", "否", "off", "false":
		return model.EntryOff, true
	}
	return "", false
}

// draftWord reads whether an entry is a draft; blank is not.
func draftWord(text string) (draft, ok bool) {
	switch text {
	case "是", "草稿", "true":
		return true, true
	case "", "否", "已发布", "false":
		return false, true
	}
	return false, false
}
