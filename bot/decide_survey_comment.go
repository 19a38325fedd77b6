package bot

import "deskmate/model"

// commentable adds to a survey's card the way to the page where the employee can say more. A
// card that asks for reasons has no room for an address (doc path/90236), so what is said to
// a bad rating has it, too.
func (d *decision) commentable(card model.Card, survey model.Survey) model.Card {
	if d.Comment != nil {
		card.Fields = append(card.Fields, model.CardField{Name: "留言", Value: "写几句话", URL: d.Comment(survey.CommentTicket())})
	}
	return card
}

// commentLink is the way to that page behind what is said to a bad rating; "" where there is none.
func (d *decision) commentLink(survey model.Survey) string {
	if d.Comment == nil || survey.Rating != model.RatingBad || d.at >= survey.CommentTicket().UntilMS {
		return ""
	}
	return "<a href=\"" + d.Comment(survey.CommentTicket()) + "\">补充几句话</a>"
}
