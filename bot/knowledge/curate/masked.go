package curate

import (
	"context"

	"deskmate/model"
)

// Masked gives questions and replies without the numbers that mask takes out: what people wrote
// to somebody becomes knowledge that everybody reads. Which questions there are and how they
// are settled stays.
func Masked(store QuestionStore, mask func(string) string) QuestionStore {
	return masked{store, mask}
}

type masked struct {
	QuestionStore
	mask func(string) string
}

// OpenMisses implements [QuestionStore].
func (m masked) OpenMisses(ctx context.Context, accountID uint64, sinceMS int64, limit int) ([]model.Question, error) {
	list, err := m.QuestionStore.OpenMisses(ctx, accountID, sinceMS, limit)
	return m.questions(list), err
}

// Questions implements [QuestionStore].
func (m masked) Questions(ctx context.Context, accountID uint64, ids []uint64) ([]model.Question, error) {
	list, err := m.QuestionStore.Questions(ctx, accountID, ids)
	return m.questions(list), err
}

func (m masked) questions(list []model.Question) []model.Question { return maskedOf(list, m.mask) }

func maskedOf(list []model.Question, mask func(string) string) []model.Question {
	for i := range list {
		list[i].Text, list[i].Folded = mask(list[i].Text), mask(list[i].Folded)
	}
	return list
}

// SeatReplies implements [QuestionStore].
func (m masked) SeatReplies(ctx context.Context, accountID uint64, sessionIDs []uint64) (map[uint64][]string, error) {
	replies, err := m.QuestionStore.SeatReplies(ctx, accountID, sessionIDs)
	for _, lines := range replies {
		for i := range lines {
			lines[i] = m.mask(lines[i])
		}
	}
	return replies, err
}

// MaskedAsked is [Masked] for what the bot was asked last.
func MaskedAsked(store AskedStore, mask func(string) string) AskedStore {
	return maskedAsked{store, mask}
}

type maskedAsked struct {
	store AskedStore
	mask  func(string) string
}

// RecentQuestions implements [AskedStore].
func (m maskedAsked) RecentQuestions(ctx context.Context, accountID uint64, limit int) ([]model.Question, error) {
	list, err := m.store.RecentQuestions(ctx, accountID, limit)
	return maskedOf(list, m.mask), err
}
