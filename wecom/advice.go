package wecom

// Advice is what is wrong when WeCom refuses something, in a word that pages and commands have a
// sentence for: what to do about it. docs/wecom-errors.md has the same, code by code.
type Advice string

// What may be wrong.
const (
	AdviceNoAnswer   Advice = "no_answer"      // WeCom didn't answer
	AdviceBusy       Advice = "busy"           // WeCom is busy, or was called too often
	AdviceToken      Advice = "token"          // the access token was refused, twice
	AdviceSecret     Advice = "secret"         // corp or secret is wrong
	AdviceApp        Advice = "app"            // the app is another one, or disabled
	AdviceIP         Advice = "ip_not_trusted" // this machine's address is not trusted
	AdvicePermission Advice = "permission"     // the app may not do that
	AdviceMember     Advice = "no_member"      // there is no such member
	AdviceRange      Advice = "out_of_range"   // the receiver can't see the app
	AdviceMedia      Advice = "media"          // WeCom has forgotten the file
	AdviceFile       Advice = "file"           // it doesn't take the file
	AdviceTooLong    Advice = "too_long"       // the text
	AdviceCard       Advice = "card"           // the card, or a click that is too old
	AdviceGroup      Advice = "group"          // the group chat or its bot
	AdviceRequest    Advice = "request"        // the request is wrong: a fault of Deskmate's
	AdviceUnknown    Advice = "unknown"        // the code is in no table
)

// AdviceFor is what is wrong when WeCom answers with an errcode; 0 is no answer at all.
func AdviceFor(code int64) Advice {
	switch code {
	case 0:
		return AdviceNoAnswer
	case -1, 45009, 45033:
		return AdviceBusy
	case 40014, 41001, 42001:
		return AdviceToken
	case 40001, 40091, 40013, 41002, 41004:
		return AdviceSecret
	case 40056, 41011, 301002, 50003:
		return AdviceApp
	case 60020:
		return AdviceIP
	case 48002, 48005, 48006, 48009:
		return AdvicePermission
	case 40003, 46004, 60111:
		return AdviceMember
	case 43004, 81013, 50002, 60011, 60021, 92000:
		return AdviceRange
	case 40007, 41006:
		return AdviceMedia
	case 40004, 40006, 40009, 40011, 40123, 44001, 45001, 45007, 301016, 301017:
		return AdviceFile
	case 45002, 45029:
		return AdviceTooLong
	case 42014, 42015, 42016, 42017, 42018, 42019, 42020, 42045:
		return AdviceCard
	case 40050, 846605, 846608, 93000, 93004, 93008:
		return AdviceGroup
	}
	if code >= 86001 && code <= 86220 {
		return AdviceGroup
	}
	if ruleFor(code).class == ClassDrop {
		return AdviceRequest
	}
	return AdviceUnknown
}
