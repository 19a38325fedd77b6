package wecomsim

import (
	"fmt"
	"time"
)

// Alert is an event by which WeCom tells an app that its use is watched, or changed.
type Alert string

// The alerts.
const (
	AlertInactiveSoon Alert = "inactive_alert"        // unused for long: will be stopped
	AlertClosed       Alert = "close_inactive_agent"  // stopped by WeCom
	AlertReopened     Alert = "reopen_inactive_agent" // enabled again by an administrator
	AlertLowUseSoon   Alert = "low_active_alert"      // used little: will lose customer data
	AlertLowUse       Alert = "low_active"            // has lost it
	AlertRestored     Alert = "active_restored"       // has it back
	AlertDomainIP     Alert = "change_domain_ip"      // WeCom's addresses change (doc path/100080)
)

// Alert calls an app back with an alert. effect is when AlertInactiveSoon and AlertLowUseSoon
// come true; others pass over it. AlertClosed also stops the app and AlertReopened starts
// it, as SetAppEnabled does.
func (s *Server) Alert(agentID int64, alert Alert, effect time.Time) error {
	return s.withApp(agentID, func(a *app) error {
		event := string(alert)
		switch alert {
		case AlertInactiveSoon, AlertLowUseSoon, AlertLowUse, AlertRestored, AlertClosed:
		case AlertReopened:
			a.disabled = false
		case AlertDomainIP:
			event = "security"
		default:
			return fmt.Errorf("there is no alert %q", event)
		}
		w := s.envelope("sys", "event")
		w.text("Event", event)
		switch alert { //nolint:exhaustive // the others have nothing more to say
		case AlertInactiveSoon, AlertLowUseSoon:
			w.number("EffectTime", effect.Unix())
		case AlertDomainIP:
			w.text("ChangeType", string(alert))
		}
		w.number("AgentID", a.AgentID)
		s.enqueue(a, Delivery{UserID: "sys", Kind: event}, w)
		if alert == AlertClosed {
			a.disabled = true
		}
		return nil
	})
}
