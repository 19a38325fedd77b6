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

// Tickets makes and reads the addresses of pages that let one person send files. Such an
// address is the whole proof of who opens it, so it is signed and ends soon.
type Tickets struct {
	public string // where the program is reached, without a slash at the end
	key    []byte
}

// NewTickets makes tickets for a program that is reached at public. They are signed with a
// key derived from secret, which the program's replicas share.
func NewTickets(public string, secret []byte) (*Tickets, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "deskmate h5 upload", sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the key of upload links: %w", err)
	}
	return &Tickets{public: strings.TrimSuffix(public, "/"), key: key}, nil
}

// uploadPath is where the pages lie.
const uploadPath = "/h5/upload/"

// Link is the address of the ticket's page.
func (t *Tickets) Link(ticket model.UploadTicket) string {
	payload, _ := json.Marshal(ticket) // numbers and strings
	body := base64.RawURLEncoding.EncodeToString(payload)
	return t.public + uploadPath + body + "." + t.sign(body)
}

func (t *Tickets) sign(body string) string {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

var (
	errTicketBad = &model.Error{Code: model.CodeNotFound, Reason: "ticket_bad", Message: "链接无效，请在企业微信中重新发送 #文件 获取"}
	errTicketOld = &model.Error{Code: model.CodeNotFound, Reason: "ticket_expired", Message: "链接已过期，请在企业微信中重新发送 #文件 获取"}
)

// read is the ticket that an address ends in, unless it is forged or has ended.
func (t *Tickets) read(token string, now time.Time) (model.UploadTicket, error) {
	var ticket model.UploadTicket
	body, signature, ok := strings.Cut(token, ".")
	if !ok || !hmac.Equal([]byte(signature), []byte(t.sign(body))) {
		return ticket, errTicketBad
	}
	payload, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(payload, &ticket) != nil {
		return ticket, errTicketBad
	}
	if ticket.UntilMS <= now.UnixMilli() {
		return ticket, errTicketOld
	}
	return ticket, nil
}
