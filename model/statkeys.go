package model

// The keys of figures. What each counts is said, in words and in code, by package bot/stats.
// Figures by something, such as a reason, have keys of the form key:reason.
const (
	StatSent       = "sent"
	StatCompleted  = "completed"
	StatCompletion = "completion_rate"
	StatGood       = "good"
	StatFair       = "fair"
	StatBad        = "bad"
	StatGoodShare  = "good_share"
	StatFairShare  = "fair_share"
	StatBadShare   = "bad_share"
	StatReasoned   = "reasoned"
	StatCommented  = "commented"
	StatReason     = "survey_reason"
	StatPart       = "part_" // before a survey's figure: of the sessions that the seat had a part in

	StatOpened    = "sessions"
	StatAsked     = "asked"
	StatHelped    = "answered_sessions"
	StatTook      = "accepted_sessions"
	StatUpSess    = "up_sessions"
	StatDownSess  = "down_sessions"
	StatMissSess  = "missed_sessions"
	StatSelf      = "self_service"
	StatHandoffs  = "handoffs"
	StatWaited    = "waited"
	StatServed    = "served"
	StatReplied   = "replied"
	StatEnded     = "ended"
	StatRated     = "rated"
	StatUnserved  = "unserved"
	StatTransfers = "transferred"
	StatIdleEnds  = "idle_ends"
	StatTakes     = "taken"
	StatHandoff   = "handoff_reason"
	StatClose     = "close_reason"

	StatQuestions  = "questions"
	StatHits       = "hits"
	StatSuggested  = "suggestions"
	StatAccepted   = "accepted"
	StatMissed     = "misses"
	StatUp         = "up"
	StatDown       = "down"
	StatHitRate    = "hit_rate"
	StatAcceptRate = "accept_rate"
	StatMissRate   = "miss_rate"
	StatSelfRate   = "self_service_rate"
	StatHandRate   = "handoff_rate"
	StatEntry      = "entry"

	StatWait     = "wait"        // and StatWait+".median", ".p90", ".avg", ".count"
	StatFirst    = "first_reply" // likewise
	StatHandling = "handling"    // likewise

	StatOnlineTime  = "online"       // ms; in StatReport.Online, not among the figures
	StatOnlineSeats = "online_seats" // likewise

	StatHeat     = "heat"      // heat:weekday:hour, sessions
	StatHeatHand = "heat_hand" // sessions that were handed off
)
