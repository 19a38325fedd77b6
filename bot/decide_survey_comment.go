package bot

import "deskmate/model"

// commentable adds to a survey's card the way to the page where the employee can say more. A
// card that asks for reasons has no room for an address (doc path/90236), so the thanks for
// a rating have it, too.
func (d *decision) commentable(card model.Card, survey model.Survey) model.Card {
	if d.Comment != nil {
		card.Fields = append(card.Fields, model.CardField{Name: "留言", Value: "写几句话", URL: d.Comment(survey.CommentTicket())})
	}
	return card
}

// thanks is a text behind a bad rating, with the way to that page.
func (d *decision) thanks(text string, survey model.Survey) string {
	if d.Comment == nil || survey.Rating != model.RatingBad || d.at >= survey.CommentTicket().UntilMS {
		return text
	}
	return text + "<a href=\"" + d.Comment(survey.CommentTicket()) + "\">补充几句话</a>"
}
