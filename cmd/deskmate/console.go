package main

import (
	"net/url"
	"strings"
)

// consoleAt gives the address of an account's console; nil where there is none.
func consoleAt(public string) func(key string) string {
	if public == "" {
		return nil
	}
	return func(key string) string { return strings.TrimSuffix(public, "/") + "/a/" + url.PathEscape(key) }
}
