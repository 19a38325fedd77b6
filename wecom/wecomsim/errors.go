package wecomsim

import "fmt"

// The errcodes the simulator answers with (doc path/90313).
const (
	codeBusy             = -1
	codeBadSecret        = 40001
	codeBadUser          = 40003
	codeMediaType        = 40004
	codeFileType         = 40005
	codeMediaSize        = 40006
	codeBadMedia         = 40007
	codeMsgType          = 40008
	codeImageSize        = 40009
	codeBadCorp          = 40013
	codeBadToken         = 40014
	codeButtonCount      = 40016
	codeButtonType       = 40017
	codeButtonName       = 40018
	codeButtonKey        = 40019
	codeButtonURL        = 40020
	codeMenuDepth        = 40022
	codeSubCount         = 40023
	codeSubType          = 40024
	codeSubName          = 40025
	codeSubKey           = 40026
	codeSubURL           = 40027
	codeBadCode          = 40029
	codeUserListLong     = 40032
	codeEscapes          = 40033
	codeMenuDomain       = 40054
	codeSubDomain        = 40055
	codeBadAgent         = 40056
	codeCallbackURL      = 40057
	codeParameter        = 40058
	codeParameterEmpty   = 40063
	codeNewsSafe         = 40074
	codeImageFormat      = 40123
	codeNoToken          = 41001
	codeNoCorp           = 41002
	codeNoSecret         = 41004
	codeNoMedia          = 41006
	codeNoAgent          = 41011
	codeNoTitle          = 41016
	codeNoDescription    = 41033
	codeNoMenuName       = 41102
	codeTokenExpired     = 42001
	codeTaskID           = 42014
	codeCardApp          = 42015
	codeCardUnknown      = 42016
	codeButtonKeyIllegal = 42018
	codeButtonKeyMissing = 42019
	codeButtonNoName     = 42020
	codeCodeUsed         = 42022
	codeCardAction       = 42045
	codeWantGET          = 43001
	codeWantPOST         = 43002
	codeEmptyFile        = 44001
	codeEmptyText        = 44004
	codeTooLarge         = 45001
	codeTooLong          = 45002
	codeVoiceLong        = 45007
	codeArticleCount     = 45008
	codeOverLimit        = 45009
	codeURLScheme        = 45034
	codeNoMenu           = 46003
	codeNoUser           = 46004
	codeBadJSON          = 47001
	codeForbidden        = 48002
	codeNewIP            = 48009
	codeRedirectHost     = 50001
	codeAppDisabled      = 50003
	codeDeptUnknown      = 60003
	codeNoRight          = 60011
	codeUntrustedIP      = 60020
	codeUserUnknown      = 60111
	codeDeptBad          = 60123
	codeNoReceiver       = 81013
	codeReceiversEmpty   = 82001
	codePartiesLong      = 82002
	codeTagsLong         = 82003
	codeTicketExpired    = 84014
	codeTicketInvalid    = 84015
	codeDomain           = 85005
	codeChatIDIllegal    = 86001
	codeChatUnknown      = 86003
	codeChatSize         = 86006
	codeChatMember       = 86007
	codeChatNotOwn       = 86008
	codeChatIDLong       = 86205
	codeChatOwner        = 86207
	codeChatExists       = 86215
	codeTicketType       = 91040
	codeWebhookUnknown   = 93000
	codeWebhookStopped   = 93004
	codeNotOwnAgent      = 301002
	codeVoiceFormat      = 301016
	codeVoiceSize        = 301017
)

// Where WeCom publishes no number, these were chosen. A caller must not depend on them.
const (
	codeTaskRepeated = codeTaskID      // a task_id that was used before
	codeNoCallback   = codeCallbackURL // a card that calls back from an app without callback URL
	codeResponseCode = codeCardUnknown // a response_code that is unknown, used or older than 72 h
	codeRecallLate   = codeParameter   // a recall after 24 h
	codeTagUnknown   = 40068           // a tagid that does not exist
)

// apiError is a refusal: what errcode and errmsg say.
type apiError struct {
	code int
	msg  string
}

// refuse makes a refusal. The text must not repeat what a person wrote.
func refuse(code int, format string, args ...any) *apiError {
	return &apiError{code: code, msg: fmt.Sprintf(format, args...)}
}

// text is the errmsg in WeCom's style; hint is a word that finds the call again.
func (e *apiError) text(hint, ip string) string {
	return fmt.Sprintf("%s, hint: [%s], from ip: %s, more info at https://open.work.weixin.qq.com/devtool/query?e=%d",
		e.msg, hint, ip, e.code)
}
