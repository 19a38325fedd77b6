package wecom

import (
	"time"

	"deskmate/model"
)

// Class says what can be done about an errcode.
type Class string

// The classes.
const (
	ClassRetry   Class = "retry"   // the same call may succeed later
	ClassRefresh Class = "refresh" // with a fresh access token; the client did that once already
	ClassDrop    Class = "drop"    // never, for this request
	ClassAlert   Class = "alert"   // an operator must do something first
)

// failure is the class in the words of a push. A fresh access token that is refused again
// is nothing to repeat.
func (c Class) failure() model.FailureClass {
	switch c {
	case ClassRetry:
		return model.FailRetry
	case ClassDrop:
		return model.FailDrop
	case ClassRefresh, ClassAlert:
		return model.FailAlert
	}
	return model.FailAlert
}

// alertPause is the least pause between two tries of what an operator must repair: a change
// of the trusted IPs takes about a minute, and many wrong secrets get an IP blocked for
// an hour.
const alertPause = time.Minute

// rule is what to do about an errcode.
type rule struct {
	class Class
	after time.Duration // wait at least this long; 0: as the back-off says
	known bool          // the code is in the table
}

// ruleFor is the table of the errcodes that calls of this package can meet (doc path/90313).
// What is not in it is for an operator.
func ruleFor(code int64) rule {
	switch code {
	case -1: // system busy
		return rule{class: ClassRetry, known: true}
	case 45009: // too often; the limit per minute blocks for 60 s
		return rule{class: ClassRetry, after: time.Minute, known: true}
	case 45033: // too many calls at once
		return rule{class: ClassRetry, after: time.Second, known: true}
	case 40014, 41001, 42001: // access token invalid, missing, expired
		return rule{class: ClassRefresh, after: alertPause, known: true}
	case
		40003, 46004, 60111, // no such member
		43004, 81013, // the receiver, or all of them, can't be reached
		50002, 60011, 60021, 92000, // outside the visible range
		60003, 60123, // no such department
		40050, 86001, 86002, 86003, 86004, 86005, 86006, 86007, 86008, // group chats
		86201, 86202, 86203, 86204, 86205, 86206, 86207, 86208, 86209, 86210,
		86211, 86212, 86213, 86214, 86215, 86216, 86217, 86218, 86219, 86220,
		40004, 40006, 40009, 40011, 40123, 44001, 45001, 45007, 301016, 301017, // the file
		40007, 41006, // media_id expired, missing
		40005, 40008, 40033, 40058, 40063, 41016, 41033, 44004, 45008, 45034, 47001, // the request
		40031, 40032, 40035, 82001, 82002, 82003, // its lists
		40074,        // news can't be confidential
		45002, 45029, // too long, the request or the answer
		42014, 42015, 42016, 42017, 42018, 42019, 42020, 42045, // the card
		40029, 42022, 84014, 84015, // OAuth code or ticket used or expired
		46003,          // no menu
		846605, 846608: // AI bot: answer elsewhere
		return rule{class: ClassDrop, known: true}
	case
		40001, 40013, 40091, 41002, 41004, // corpid or secret
		40056, 41011, 301002, 50003, // the app: not of this token, or disabled
		60020,                      // trusted IPs
		48002, 48005, 48006, 48009, // the API is not permitted
		40057, 50001, 85005, // callback URL, domains
		40093, 42012, 80001, 91040, // JS ticket, signature, domain
		93000, 93004, 93008, // group webhook
		95000, 95004, 95014, 95017: // 微信客服
		return rule{class: ClassAlert, after: alertPause, known: true}
	default:
		return rule{class: ClassAlert, after: alertPause}
	}
}
