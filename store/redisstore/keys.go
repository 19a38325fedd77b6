package redisstore

import "strconv"

// keys builds every key and channel. The keys of one account share the hash tag
// {acct:<id>}, so that a Redis Cluster keeps them together and a script may use several.
type keys struct{ prefix string }

// token holds an access token. The name must not be or hold a secret itself.
func (k keys) token(name string) string { return k.prefix + ":token:" + name }

// seatLoad is a hash: seat → sessions it serves or is about to.
func (k keys) seatLoad(accountID uint64) string { return k.account(accountID) + "seat:load" }

// seatLast is a hash: seat → when it last got a session (ms).
func (k keys) seatLast(accountID uint64) string { return k.account(accountID) + "seat:last" }

// seatTurn counts the ties, so that equal seats take turns.
func (k keys) seatTurn(accountID uint64) string { return k.account(accountID) + "seat:turn" }

// seatDesk is a hash: seat → when it was last active in the workbench (ms).
func (k keys) seatDesk(accountID uint64) string { return k.account(accountID) + "seat:desk" }

// sentTo is a sorted set of the sends to one receiver within the last hour, by time (ms).
func (k keys) sentTo(accountID uint64, receiver string) string {
	return k.account(accountID) + "sent:to:" + receiver
}

// sentOn is a hash: process → what it sent on a day (yyyymmdd).
func (k keys) sentOn(accountID uint64, day string) string {
	return k.account(accountID) + "sent:on:" + day
}

// calls is what a token used of its calls. [redis_rate.Limiter] puts its own prefix before it.
func (k keys) calls(token uint64) string { return k.prefix + ":calls:" + strconv.FormatUint(token, 10) }

// wake is the channel of hints that lanes have work.
func (k keys) wake() string { return k.prefix + ":wake" }

func (k keys) account(id uint64) string {
	return k.prefix + ":{acct:" + strconv.FormatUint(id, 10) + "}:"
}
