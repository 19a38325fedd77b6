package curate

import (
	"context"
	"fmt"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// The limits of an account's synonyms.
const (
	maxSynonyms = 1000 // groups of words
	maxWords    = 20   // in a group
	maxWord     = 40   // characters
)

// Synonyms lists the words that mean the same to an account.
func (e *Editor) Synonyms(ctx context.Context, accountID uint64) ([]model.Synonym, error) {
	return e.synonyms.Synonyms(ctx, accountID)
}

// ReplaceSynonyms makes these the account's words, for all matching from now on, and returns
// them as stored: trimmed, none twice in a group. Groups of fewer than two words, words
// without a letter and words in two groups are of class invalid.
func (e *Editor) ReplaceSynonyms(ctx context.Context, accountID uint64, words []model.Synonym, author string) ([]model.Synonym, error) {
	words, err := tidySynonyms(words)
	if err != nil {
		return nil, err
	}
	if err := e.synonyms.SaveSynonyms(ctx, accountID, words, author); err != nil {
		return nil, fmt.Errorf("save synonyms: %w", err)
	}
	e.refresh(ctx, accountID)
	return words, nil
}

// CheckSynonyms says which golden questions would move with these words, and writes nothing.
func (e *Editor) CheckSynonyms(ctx context.Context, acc model.Account, words []model.Synonym) (Preview, error) {
	words, err := tidySynonyms(words)
	if err != nil {
		return Preview{}, err
	}
	return e.exam.preview(ctx, acc, func(x *match.Index) *match.Index { return x.WithSynonyms(words) })
}

func tidySynonyms(words []model.Synonym) ([]model.Synonym, error) {
	if len(words) > maxSynonyms {
		return nil, model.Invalid("too_many_synonyms", "最多 %d 组同义词（现有 %d 组）", maxSynonyms, len(words))
	}
	var p problems
	group := map[string]int{} // by folded word, from 1
	list := make([]model.Synonym, 0, len(words))
	for i, s := range words {
		var kept []string
		for _, word := range s.Words {
			word = line(word)
			folded := match.Fold(word)
			switch at := group[folded]; {
			case word == "":
				continue
			case folded == "":
				p.add("synonym_empty", "%s里的“%s”没有可以匹配的文字", nthGroup(i), clip(word, maxWord))
				continue
			case at == i+1:
				continue
			case at != 0:
				p.add("synonym_twice", "“%s”同时在第 %d 组和第 %d 组同义词里", clip(word, maxWord), at, i+1)
				continue
			}
			group[folded] = i + 1
			p.text(nthGroup(i)+"里的词", word, maxWord)
			kept = append(kept, word)
		}
		if n := len(kept); n < 2 || n > maxWords {
			p.add("synonym_count", "%s应有 2–%d 个不同的词（现有 %d 个）", nthGroup(i), maxWords, n)
		}
		list = append(list, model.Synonym{Words: kept})
	}
	return list, p.err()
}

func nthGroup(i int) string { return "第 " + number(i+1) + " 组同义词" }

// clip shortens a text to at most limit characters.
func clip(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
