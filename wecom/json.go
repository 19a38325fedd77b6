package wecom

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// encodeJSON writes v the way WeCom reads it: without a single \uXXXX, which it refuses
// (errcode 40033, doc path/90313). Characters stand as themselves, and control characters,
// which have no other form, are left out.
func encodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return unescape(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// unescape resolves the escapes that encoding/json can't be told to leave out: control
// characters, U+2028, U+2029 and broken UTF-8. Surrogates are never among them.
func unescape(text []byte) []byte {
	const escape = 6 // of \uXXXX
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 >= len(text) {
			out = append(out, text[i])
			continue
		}
		if text[i+1] != 'u' || i+escape > len(text) {
			out = append(out, text[i], text[i+1])
			i++
			continue
		}
		if r, _, _, err := strconv.UnquoteChar(string(text[i:i+escape]), '"'); err == nil && r >= ' ' {
			out = utf8.AppendRune(out, r)
		}
		i += escape - 1
	}
	return out
}
