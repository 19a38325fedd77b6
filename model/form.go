package model

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// How much settings hold, in characters where nothing else is said: the native limits, and those
// of WeCom's cards.
const (
	NameMost        = 40 // of an account, and of its AI bot
	AliasMost       = 40
	DescriptionMost = 250
	DepartmentMost  = 64
	WindowTitleMost = 12
	WebPageMost     = 1024 // bytes
	PushTextMost    = 2048 // bytes of one text message

	KeywordMost  = 20 // of one that hands over
	KeywordsMost = 50 // of them

	ReasonMost       = 17 // of one why somebody is not satisfied
	ReasonsMost      = 20 // of them
	SurveyTitleMost  = 36 // of the card, and of the one that asks why
	SurveyBodyMost   = 100
	SurveyButtonMost = 10
	SurveyThanksMost = 200
)

// What may be typed, in an account file as on a page.
var (
	keyForm    = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	corpForm   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	userForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$`)
	tokenForm  = regexp.MustCompile(`^[A-Za-z0-9]{1,32}$`)
	aesKeyForm = regexp.MustCompile(`^[A-Za-z0-9]{43}$`)
	landline   = regexp.MustCompile(`^[0-9-]{1,32}$`)
	botForm    = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`)
)

// IsAccountKey reports whether text can be the key of an account.
func IsAccountKey(text string) bool { return keyForm.MatchString(text) }

// IsCorpID reports whether text can be a 企业ID.
func IsCorpID(text string) bool { return corpForm.MatchString(text) }

// IsUserID reports whether text is what WeCom allows a userid to be.
func IsUserID(text string) bool { return userForm.MatchString(text) }

// IsCallbackToken reports whether text can be the Token of a callback.
func IsCallbackToken(text string) bool { return tokenForm.MatchString(text) }

// IsAESKey reports whether text can be the EncodingAESKey of a callback.
func IsAESKey(text string) bool { return aesKeyForm.MatchString(text) }

// IsBotID reports whether text can be the BotID of an AI bot (智能机器人).
func IsBotID(text string) bool { return botForm.MatchString(text) }

// IsSecret reports whether text can be a secret that WeCom made: it has neither blanks nor
// characters beyond ASCII, which come along when it is copied badly.
func IsSecret(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r > unicode.MaxASCII
	})
}

// IsLandline reports whether text can be a profile's 座机.
func IsLandline(text string) bool { return landline.MatchString(text) }

// IsLine reports whether text is one line of at most n characters; "" is one.
func IsLine(text string, n int) bool {
	return utf8.RuneCountInString(text) <= n && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// IsText reports whether text has at most n characters, and of control characters only line ends
// and tabs.
func IsText(text string, n int) bool {
	return utf8.RuneCountInString(text) <= n && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// IsPushText reports whether text fits into one text message of WeCom.
func IsPushText(text string) bool { return len(text) <= PushTextMost && IsText(text, PushTextMost) }

// IsWebPage reports whether text is the absolute address of a page.
func IsWebPage(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(text) <= WebPageMost
}
