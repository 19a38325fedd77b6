// Package handler answers HTTP: it reads a request, calls what does the work, and
// renders the outcome. It decides nothing about service; what it needs of the rest it
// declares as small interfaces in terms of [deskmate/model].
package handler
