// Package hours tells when an account or a seat is open: the hours of each weekday, the
// official Chinese calendar with its make-up workdays, and exceptions. It reads no clock.
package hours
