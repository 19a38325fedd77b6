// Package wecom is the edge to WeCom (企业微信): it turns callbacks into [model.Inbound] and
// [model.Push] into calls, and it knows WeCom's envelopes, tokens, limits of form, error
// codes and directory. Everything WeCom spells in its own way ends here.
//
// It must not know why a message is sent or what a callback leads to, nor how anything is
// stored: it has no session, no queue and no rate budget, and repeats a call only where
// WeCom asked for a fresh access token. The facts it rests on are cited by page number
// (doc path/…) of WeCom's developer site.
//
// [Receive] and [Echo] are for WeCom → us, [Client] for us → WeCom. Secrets, tokens and
// message text are never part of an error or a log line.
package wecom
