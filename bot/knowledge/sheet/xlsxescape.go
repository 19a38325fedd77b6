package sheet

import (
	"bytes"
	"fmt"
	"strconv"

	"golang.org/x/text/transform"
)

// controlEscaper writes control characters, which XML forbids as such and as references,
// in the form that spreadsheets use for them: _x000B_. So they are found and named
// instead of breaking the file.
type controlEscaper struct{ transform.NopResetter }

// escapedLen is how long that form is, referenceMax how long a reference to a control
// character may be.
const (
	escapedLen   = len("_x000B_")
	referenceMax = 16
)

// Transform implements [transform.Transformer].
func (controlEscaper) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		plain := plainLen(src[nSrc:])
		n := copy(dst[nDst:], src[nSrc:nSrc+plain])
		nDst, nSrc = nDst+n, nSrc+n
		if n < plain {
			return nDst, nSrc, transform.ErrShortDst
		}
		if nSrc == len(src) {
			break
		}
		char, size, ok := controlAt(src[nSrc:], atEOF)
		switch {
		case !ok:
			return nDst, nSrc, transform.ErrShortSrc
		case len(dst)-nDst < escapedLen:
			return nDst, nSrc, transform.ErrShortDst
		case size == 0:
			dst[nDst] = '&'
			nDst, nSrc = nDst+1, nSrc+1
		default:
			nDst += len(fmt.Appendf(dst[nDst:nDst], "_x%04X_", char))
			nSrc += size
		}
	}
	return nDst, nSrc, nil
}

// plainLen is how many bytes from the start are as XML wants them.
func plainLen(src []byte) int {
	for i, c := range src {
		if c == '&' || isControl(int64(c)) {
			return i
		}
	}
	return len(src)
}

// controlAt reads the control character or the reference at the start of src; its size
// is 0 for a reference to something else, and ok false where more has to be seen.
func controlAt(src []byte, atEOF bool) (char int64, size int, ok bool) {
	if src[0] != '&' {
		return int64(src[0]), 1, true
	}
	end := bytes.IndexByte(src[:min(len(src), referenceMax)], ';')
	if end < 0 {
		return 0, 0, atEOF || len(src) >= referenceMax
	}
	digits, found := bytes.CutPrefix(src[:end], []byte("&#"))
	if !found {
		return 0, 0, true
	}
	base := 10
	if hex, found := bytes.CutPrefix(bytes.ToLower(digits), []byte("x")); found {
		digits, base = hex, 16
	}
	n, err := strconv.ParseInt(string(digits), base, 64)
	if err != nil || !isControl(n) {
		return 0, 0, true
	}
	return n, end + 1, true
}

// isControl reports whether XML forbids the character.
func isControl(char int64) bool {
	return char >= 0 && char < ' ' && char != '\t' && char != '\n' && char != '\r'
}
