package model

// CheckState is what a check found.
type CheckState string

// The states.
const (
	CheckOK      CheckState = "ok"
	CheckWarn    CheckState = "warn"    // it works, though not as well as it could
	CheckFailed  CheckState = "failed"  // something must be done
	CheckUnknown CheckState = "unknown" // it can't be told yet, often because of another check
)

// Check is what one check of an installation or an account found.
type Check struct {
	ID     string // what was checked: token, trusted_ip, callback …
	State  CheckState
	Reason string            // a word for why it isn't ok, or for what kind of ok it is; "" where there is nothing to say
	Facts  map[string]string // what the sentence for Reason names; no secrets
	Detail string            // what was found, in English, for operators; no secrets
	Advice string            // what to do about it, in English; "" where all is well
	Screen string            // the screen of WeCom's console where it is done; "" for none
}

// The screens of WeCom's console that a [Check] may name.
const (
	ScreenApp          = "app"           // 应用管理 → the app
	ScreenSecret       = "secret"        // … → Secret
	ScreenCorp         = "corp"          // 我的企业 → 企业信息
	ScreenTrustedIP    = "trusted_ip"    // 应用管理 → the app → 企业可信IP
	ScreenCallback     = "callback"      // … → 接收消息 → 设置API接收
	ScreenVisibleRange = "visible_range" // … → 可见范围
	ScreenDomain       = "domain"        // … → 网页授权及JS-SDK
)
