// Package wecomsim plays WeCom: the API under /cgi-bin/, the callbacks, the phones
// of the members and the sign-in page, in memory and on a clock that can be moved.
// It ships in the binary for `deskmate demo` and carries the end-to-end tests.
//
// It is strict in what it takes: a mistake of the caller shows as the errcode WeCom
// would give. Where WeCom's behaviour is not documented it takes the reading that is
// harder on the caller; the numbers it had to choose itself are in errors.go.
//
// Left out are the AI bot, 微信客服, and the limits that are counted by day or by API; the
// faults stand in for the latter.
//
// It knows nothing of Deskmate: it sees an app that calls an API and answers
// callbacks, as WeCom does.
package wecomsim
