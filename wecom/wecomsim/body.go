package wecomsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// decode reads the call's JSON body as WeCom does: no \uXXXX escapes (40033), keys in
// their exact spelling, types as documented (47001). What WeCom passes over goes into
// the record of the call.
func (c *call) decode(into any) *apiError {
	if hasUnicodeEscape(c.body) {
		return refuse(codeEscapes, "invalid character, should not be encoded as \\uxxxx")
	}
	if !utf8.Valid(c.body) {
		return refuse(codeBadJSON, "data format error, not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.UseNumber()
	var tree map[string]any
	if err := dec.Decode(&tree); err != nil || tree == nil {
		return refuse(codeBadJSON, "data format error")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return refuse(codeBadJSON, "data format error, more than one value")
	}
	c.unknown = dropMisspelt(tree)
	exact, err := json.Marshal(tree)
	if err != nil {
		return refuse(codeBadJSON, "data format error")
	}
	if err := json.Unmarshal(exact, into); err != nil {
		return refuse(codeBadJSON, "data format error, wrong type")
	}
	if c.unknown == "" {
		c.unknown = unknownField(exact, into)
	}
	return nil
}

// hasUnicodeEscape reports whether a JSON text holds a \uXXXX escape; an escaped
// backslash before a u is none.
func hasUnicodeEscape(b []byte) bool {
	for i := 0; i+1 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] == 'u' {
			return true
		}
		i++
	}
	return false
}

// dropMisspelt removes the keys that only Go's JSON decoder would take, for it ignores
// case. It names one of them.
func dropMisspelt(v any) string {
	found := ""
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			if key != strings.ToLower(key) {
				delete(v, key)
				found = key
				continue
			}
			if name := dropMisspelt(child); name != "" {
				found = name
			}
		}
	case []any:
		for _, child := range v {
			if name := dropMisspelt(child); name != "" {
				found = name
			}
		}
	}
	return found
}

// unknownField names a field of body that the type of known lacks; it overwrites what
// known points to with the same values.
func unknownField(body []byte, known any) string {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(known)
	if err == nil {
		return ""
	}
	name, ok := strings.CutPrefix(err.Error(), "json: unknown field ")
	if !ok {
		return ""
	}
	return strings.Trim(name, `"`)
}

// ownAgent checks an agentid from a body: a bare integer, and the app that owns the token.
// An integer in quotes passes where the configuration says so, with a warning.
func (c *call) ownAgent(raw json.RawMessage) *apiError {
	text := string(raw)
	if inside, ok := strings.CutPrefix(text, `"`); ok && c.quoted {
		text, c.warned = strings.TrimSuffix(inside, `"`), true
	}
	if text == "" || text == "null" {
		return refuse(codeNoAgent, "missing agentid")
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return refuse(codeBadAgent, "invalid agentid")
	}
	if id != c.app.AgentID {
		return refuse(codeNotOwnAgent, "not allow operate another agent with this accesstoken")
	}
	return nil
}

// ownAgentQuery checks an agentid from the query.
func (c *call) ownAgentQuery() *apiError {
	return c.ownAgent(json.RawMessage(c.query.Get("agentid")))
}

// cutBytes shortens text to at most limit bytes, never inside a character.
func cutBytes(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
