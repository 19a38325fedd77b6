// Package privacy deletes what was said: all that is older than an account keeps it, and all of
// one employee on request. It decides what goes when; it doesn't know how any of it is stored.
package privacy
