package bot

import (
	"context"
	"errors"

	"deskmate/model"
)

// Teacher lets those who run an account teach its bot.
type Teacher interface {
	// Misses lists what the bot could not answer lately, what cost most first.
	Misses(ctx context.Context, acc model.Account, limit int) ([]model.OpenMiss, error)
	// Check completes a lesson; what is wrong with it is a [model.Error] whose message is for
	// who teaches.
	Check(ctx context.Context, acc model.Account, l model.Lesson) (model.Lesson, error)
	// Teach writes a lesson, once however often it is called. Its errors are as those of Check.
	Teach(ctx context.Context, acc model.Account, l model.Lesson, author string) error
}

// askTeacher reads or writes what is taught. Writing it isn't part of the step: it may be done
// again after a crash, and a lesson that was written already stays as it is.
func (e *Engine) askTeacher(ctx context.Context, in *Input, need Need) error {
	acc := in.Case.Account
	switch {
	case e.cfg.Teacher == nil:
		in.Misses, in.Lesson = []model.OpenMiss{}, &LessonAnswer{Lesson: need.Lesson, Refused: textNoTeacher}
		return nil
	case need.Kind == NeedMisses:
		list, err := e.cfg.Teacher.Misses(ctx, acc, need.Count)
		in.Misses = append([]model.OpenMiss{}, list...)
		return err
	}
	answer := LessonAnswer{Lesson: need.Lesson}
	var err error
	if need.Kind == NeedTaught {
		err = e.cfg.Teacher.Teach(ctx, acc, need.Lesson, "member:"+in.Case.Person)
	} else {
		answer.Lesson, err = e.cfg.Teacher.Check(ctx, acc, need.Lesson)
	}
	var refusal *model.Error
	if errors.As(err, &refusal) && refusal.Code != model.CodeInternal && refusal.Code != model.CodeUnavailable {
		answer.Refused, err = refusal.Message, nil
	}
	in.Lesson = &answer
	return err
}
