package wecomsim

import "time"

const (
	ticketLife   = 2 * time.Hour
	ticketLength = 86
)

// ticket signs pages for the JS-SDK. The zero value has ended.
type ticket struct {
	value string
	ends  time.Time
}

// fresh gives the ticket's fields, making a new one when it has ended. As with an
// access_token, expires_in stays the same until then. The state is locked.
func (s *Server) fresh(t *ticket, now time.Time) map[string]any {
	if !now.Before(t.ends) {
		*t = ticket{value: s.opaque(ticketLength), ends: now.Add(ticketLife)}
	}
	return map[string]any{"ticket": t.value, "expires_in": int64(ticketLife / time.Second)}
}

// getCorpTicket is get_jsapi_ticket (doc path/90506).
func (s *Server) getCorpTicket(c *call) (answer, *apiError) {
	return with(s.fresh(&s.corpTicket, c.now)), nil
}

// getAppTicket is ticket/get, whose only type is agent_config.
func (s *Server) getAppTicket(c *call) (answer, *apiError) {
	if c.query.Get("type") != "agent_config" {
		return answer{}, refuse(codeTicketType, "invalid ticket type")
	}
	return with(s.fresh(&c.app.ticket, c.now)), nil
}

// getCallbackIP lists addresses in both forms that WeCom uses (doc path/92521).
func (s *Server) getCallbackIP(*call) (answer, *apiError) {
	return with(map[string]any{"ip_list": []string{"127.0.0.1", "::1", "101.226.103.*"}}), nil
}
