package curate

import (
	"errors"
	"fmt"
	"strings"

	"deskmate/model"
)

// problemsTold is how many problems an error names.
const problemsTold = 5

// problems collects what is wrong with what somebody wrote, so that all of it can be told at
// once.
type problems struct {
	reason string // of the first one
	list   []string
}

func (p *problems) add(reason, format string, args ...any) {
	if p.reason == "" {
		p.reason = reason
	}
	p.list = append(p.list, fmt.Sprintf(format, args...))
}

// err is nil where nothing is wrong.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	text := strings.Join(p.list[:min(len(p.list), problemsTold)], "；")
	if more := len(p.list) - problemsTold; more > 0 {
		text += fmt.Sprintf("；还有 %d 处问题", more)
	}
	return model.Invalid(p.reason, "%s", text)
}

func conflict(reason, message string) error {
	return &model.Error{Code: model.CodeConflict, Reason: reason, Message: message}
}

// told words for people what a store says of something: that it is not there, or that
// somebody else was first. Other errors stay as they are.
func told(err error, what string) error {
	switch {
	case errors.Is(err, model.ErrNotFound):
		return &model.Error{Code: model.CodeNotFound, Reason: model.ErrNotFound.Reason, Message: what + "不存在，可能已被删除", Err: err}
	case errors.Is(err, model.ErrStale):
		return &model.Error{Code: model.CodeConflict, Reason: model.ErrStale.Reason, Message: what + "刚被别人改过，请刷新后再改", Err: err}
	}
	return err
}

// What errors are about.
const (
	thisEntry  = "这条问答"
	thisGolden = "这个检验问题"
	thisImport = "这次导入"
)
