// Package rephrase lets a language model say an approved answer in the account's tone, and
// makes sure that it still says the same: a guard compares the facts of both, and whatever is
// not surely right leaves the answer as it was approved, in time. It does not know the
// service, the network or the store.
package rephrase
