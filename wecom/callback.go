package wecom

import (
	"net/url"
	"strconv"
	"strings"

	"deskmate/model"
)

// maxBody is the largest callback that is looked at.
const maxBody = 1 << 20

// Query is what WeCom puts into a callback's URL.
type Query struct {
	MsgSignature string
	Timestamp    string
	Nonce        string
	EchoStr      string // of the verification only
}

// QueryFrom reads a callback's query. Base64 that came with a bare "+" has a space there
// after decoding, which is put right.
func QueryFrom(values url.Values) Query {
	return Query{
		MsgSignature: values.Get("msg_signature"),
		Timestamp:    values.Get("timestamp"),
		Nonce:        values.Get("nonce"),
		EchoStr:      strings.ReplaceAll(values.Get("echostr"), " ", "+"),
	}
}

// Echo answers WeCom's verification of the callback URL: the bytes to send back, as they
// are. Refusals are those of [Receive].
func Echo(acc model.Account, q Query) ([]byte, error) {
	crypto, err := callbackCrypto(acc)
	if err != nil {
		return nil, err
	}
	if err := crypto.Verify(q.MsgSignature, q.Timestamp, q.Nonce, q.EchoStr); err != nil {
		return nil, err
	}
	return crypto.Decrypt(q.EchoStr)
}

// Receive verifies and opens the body of a callback and understands it. Refusals are a
// [model.Error]: a wrong signature is unauthenticated, another corp's or app's callback
// forbidden, and what is no envelope at all invalid. What is rightly signed and not
// understood is [model.EventUnknown] and no error, for asking again would not change it.
func Receive(acc model.Account, q Query, body []byte) (model.Inbound, error) {
	crypto, err := callbackCrypto(acc)
	if err != nil {
		return model.Inbound{}, err
	}
	if len(body) > maxBody {
		return model.Inbound{}, model.Invalid("too_big", "the callback is larger than %d bytes", maxBody)
	}
	outer, err := parseXML(body)
	if err != nil {
		return model.Inbound{}, model.Invalid("bad_envelope", "the callback is not the XML that WeCom sends")
	}
	encrypted := outer.word("Encrypt")
	if err := crypto.Verify(q.MsgSignature, q.Timestamp, q.Nonce, encrypted); err != nil {
		return model.Inbound{}, err
	}
	plain, err := crypto.Decrypt(encrypted)
	if err != nil {
		return model.Inbound{}, err
	}
	raw := printable(string(plain))
	inner, err := parseXML([]byte(raw))
	if err != nil {
		inner = element{}
	}
	if !forApp(acc, outer) || !forApp(acc, inner) {
		return model.Inbound{}, &model.Error{
			Code: model.CodeForbidden, Reason: "bad_agentid",
			Message: "the callback is for another app",
		}
	}
	return understand(acc.ID, inner, raw), nil
}

// callbackCrypto is the account's side of its callback configuration.
func callbackCrypto(acc model.Account) (*Crypto, error) {
	if acc.Token == "" {
		return nil, model.Invalid("bad_token", "the account has no callback token")
	}
	return NewCrypto(acc.Token, acc.EncodingAESKey, acc.CorpID)
}

// forApp reports whether a document is for the account's app, or names none, as those of
// the directory do.
func forApp(acc model.Account, doc element) bool {
	id := doc.word("AgentID")
	return id == "" || id == strconv.FormatInt(acc.AgentID, 10)
}
