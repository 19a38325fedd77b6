package handler

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"deskmate/model"
)

// Tickets makes and reads the addresses of pages that let one person do one thing: send files
// into a session, or say more about one. Such an address is the whole proof of who opens it,
// so it is signed and ends soon.
type Tickets struct {
	public string // where the program is reached, without a slash at the end
	upload []byte // the keys, one for each kind of ticket
	survey []byte
}

// NewTickets makes tickets for a program that is reached at public. They are signed with
// keys derived from secret, which the program's replicas share.
func NewTickets(public string, secret []byte) (*Tickets, error) {
	t := &Tickets{public: strings.TrimSuffix(public, "/")}
	for info, key := range map[string]*[]byte{"deskmate h5 upload": &t.upload, "deskmate h5 survey": &t.survey} {
		derived, err := hkdf.Key(sha256.New, secret, nil, info, sha256.Size)
		if err != nil {
			return nil, fmt.Errorf("derive the key of %s links: %w", info, err)
		}
		*key = derived
	}
	return t, nil
}

// Where the pages lie.
const (
	uploadPath = "/h5/upload/"
	surveyPath = "/h5/survey/"
)

// Link is the address of the ticket's page.
func (t *Tickets) Link(ticket model.UploadTicket) string {
	return t.public + uploadPath + seal(t.upload, ticket)
}

// SurveyLink is the same for what an employee has to say about a session.
func (t *Tickets) SurveyLink(ticket model.SurveyTicket) string {
	return t.public + surveyPath + seal(t.survey, ticket)
}

// seal writes a ticket and its signature.
func seal(key []byte, ticket any) string {
	payload, _ := json.Marshal(ticket) // numbers and strings
	body := base64.RawURLEncoding.EncodeToString(payload)
	return body + "." + sign(key, body)
}

func sign(key []byte, body string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

var (
	errTicketBad = &model.Error{Code: model.CodeNotFound, Reason: "ticket_bad", Message: "链接无效，请在企业微信中重新发送 #文件 获取"}
	errTicketOld = &model.Error{Code: model.CodeNotFound, Reason: "ticket_expired", Message: "链接已过期，请在企业微信中重新发送 #文件 获取"}
	errSurveyBad = &model.Error{Code: model.CodeNotFound, Reason: "survey_unknown", Message: "链接无效，请从企业微信中的评价卡片打开"}
	errSurveyOld = &model.Error{Code: model.CodeNotFound, Reason: "survey_over", Message: "评价已截止，谢谢您的关注"}
)

// read is the ticket that an address ends in, unless it is forged or has ended.
func (t *Tickets) read(token string, now time.Time) (model.UploadTicket, error) {
	var ticket model.UploadTicket
	switch {
	case !unseal(t.upload, token, &ticket):
		return model.UploadTicket{}, errTicketBad
	case ticket.UntilMS <= now.UnixMilli():
		return ticket, errTicketOld
	}
	return ticket, nil
}

// readSurvey is the same for what an employee has to say about a session.
func (t *Tickets) readSurvey(token string, now time.Time) (model.SurveyTicket, error) {
	var ticket model.SurveyTicket
	switch {
	case !unseal(t.survey, token, &ticket):
		return model.SurveyTicket{}, errSurveyBad
	case ticket.UntilMS <= now.UnixMilli():
		return ticket, errSurveyOld
	}
	return ticket, nil
}

// unseal reads what seal wrote into ticket; false where somebody else wrote it.
func unseal(key []byte, token string, ticket any) bool {
	body, signature, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(sign(key, body))) {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(body)
	return err == nil && json.Unmarshal(payload, ticket) == nil
}
