package handler

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"deskmate/model"
)

// proposalView is an entry that may answer what the employee asked last.
type proposalView struct {
	EntryID  ID       `json:"entry_id"`
	Question string   `json:"question" doc:"The entry's standard question"`
	Answer   string   `json:"answer"`
	More     []string `json:"more" doc:"Further messages of the answer"`
	Score    float64  `json:"score" doc:"Probability that it is right"`
	For      string   `json:"for" doc:"The question that it is for"`
}

// proposalsView are the best ones, the best first.
type proposalsView struct {
	Questions []string       `json:"questions" doc:"What the employee asked last, the last one first"`
	Items     []proposalView `json:"items"`
}

// What is looked through and proposed.
const (
	proposalLines     = 100 // last lines of the transcript
	proposalQuestions = 3
	proposals         = 5
	proposalLeast     = 0.05 // probability below which a candidate only distracts
)

// lastQuestions are what an employee asked last, the last one first. Asking for people is no
// question.
func lastQuestions(lines []model.Message, keywords []string) []string {
	var found []string
	for _, m := range slices.Backward(lines) {
		text := strings.TrimSpace(m.Content.Text)
		asked := m.From == model.FromEmployee && m.Content.Type == model.ContentText && m.RecalledMS == 0 && text != ""
		if !asked || slices.ContainsFunc(keywords, func(k string) bool { return model.Fold(k) == model.Fold(text) }) || slices.Contains(found, text) {
			continue
		}
		if found = append(found, text); len(found) == proposalQuestions {
			break
		}
	}
	return found
}

// proposed asks the knowledge base what it knows about questions.
func (a *API) proposed(ctx context.Context, acc model.Account, questions []string) ([]proposalView, error) {
	best := map[ID]proposalView{}
	for _, q := range questions {
		x, err := a.cfg.Base.Explain(ctx, acc.ID, model.Ask{Question: q, Policy: acc.Policy.Bot})
		if err != nil {
			return nil, err
		}
		for _, c := range x.Candidates {
			v := viewCandidate(c)
			if old := best[v.EntryID]; v.Score >= proposalLeast && old.Score < v.Score {
				best[v.EntryID] = proposalView{EntryID: v.EntryID, Question: v.Question, Answer: v.Answer, More: v.More, Score: v.Score, For: q}
			}
		}
	}
	list := make([]proposalView, 0, len(best))
	for _, v := range best {
		list = append(list, v)
	}
	slices.SortFunc(list, func(x, y proposalView) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.EntryID, y.EntryID))
	})
	return list[:min(len(list), proposals)], nil
}

func (a *API) registerCandidates(s surface) {
	within(s, call(http.MethodGet, "listCandidates", account+"/sessions/{id}/candidates", sessionsTag,
		"What the knowledge base would answer to the employee's last questions; nothing is recorded. Reading what is not one's own is audited"),
		func(ctx context.Context, acc model.Account, in *SessionPath) (*body[proposalsView], error) {
			w, err := a.reads(ctx, acc, in.ID)
			if err != nil {
				return nil, err
			}
			lines, err := a.cfg.Sessions.Messages(ctx, w.Session.ID, max(w.Session.MessageCount-proposalLines, 0), proposalLines)
			if err != nil {
				return nil, err
			}
			questions := lastQuestions(lines, acc.Policy.Handoff.Keywords)
			items, err := a.proposed(ctx, acc, questions)
			return reply(proposalsView{Questions: notNil(questions), Items: items}, err)
		})
}
