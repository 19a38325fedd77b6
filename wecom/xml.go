package wecom

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// What a document may have. WeCom's deepest nests five levels, its largest lists a member's
// attributes.
const (
	maxDepth    = 32
	maxElements = 10_000
)

// element is an XML element as WeCom uses them: a name, text, or elements inside, in any
// order and some of them repeated.
type element struct {
	name  string
	data  []byte
	inner []element
}

var (
	errDirective = errors.New("the XML has a document type")
	errSize      = errors.New("the XML nests too deep or has too many elements")
	errTrailing  = errors.New("the XML has more than one document")
)

// parseXML reads one document. Document types are refused and no entities but XML's own
// five are known, so nothing in it can be expanded or fetched.
func parseXML(data []byte) (element, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	var root element
	stack := []*element{&root}
	for count := 0; ; {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return element{}, err
		}
		top := stack[len(stack)-1]
		switch t := tok.(type) {
		case xml.StartElement:
			if count++; len(stack) > maxDepth || count > maxElements {
				return element{}, errSize
			}
			top.inner = append(top.inner, element{name: t.Name.Local})
			stack = append(stack, &top.inner[len(top.inner)-1])
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) > 1 {
				top.data = append(top.data, t...)
			}
		case xml.Directive:
			return element{}, errDirective
		}
	}
	if len(root.inner) != 1 {
		return element{}, errTrailing
	}
	return root.inner[0], nil
}

// printable drops what XML can't hold, control characters that people paste, so that one
// of them doesn't make a whole message unreadable.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// find is the first element of that name right inside e; the zero element where there is
// none.
func (e element) find(name string) element {
	for _, in := range e.inner {
		if in.name == name {
			return in
		}
	}
	return element{}
}

// all are the elements of these names right inside e.
func (e element) all(names ...string) []element {
	var found []element
	for _, in := range e.inner {
		if slices.Contains(names, in.name) {
			found = append(found, in)
		}
	}
	return found
}

// text is what stands right inside the element, exactly as it was sent.
func (e element) text() string { return string(e.data) }

// value is the text of the element of that name.
func (e element) value(name string) string { return e.find(name).text() }

// word is a value without the space around it.
func (e element) word(name string) string { return strings.TrimSpace(e.value(name)) }

// number is a value as an integer; 0 where it is none.
func (e element) number(name string) int64 {
	n, err := strconv.ParseInt(e.word(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// degrees is a value as a coordinate; 0 where it is none.
func (e element) degrees(name string) float64 {
	f, err := strconv.ParseFloat(e.word(name), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

// milliseconds is a value in whole seconds as epoch milliseconds; 0 where it is no time.
func (e element) milliseconds(name string) int64 {
	const maxSeconds = 1 << 40 // far past any date, and far from overflowing
	n := e.number(name)
	if n < 0 || n > maxSeconds {
		return 0
	}
	return n * 1000
}
