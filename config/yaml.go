package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// section is one mapping of a YAML document. Its methods overlay what is given on what
// they are handed, leave the rest as it is (a null counts as not given), and note
// every problem with its line. After all keys were asked for, done names those that nobody
// asked for. Problems never quote a value, for it may be a secret.
type section struct {
	prefix   string // of its keys: "bot." for what is inside bot, empty at the top
	fields   []field
	asked    []string // keys, in the order in which they were asked for
	problems *problems
}

// field is one key of a section with its value.
type field struct {
	key  string
	line int
	node ast.Node
}

// parseYAML reads a document whose top is a mapping; nothing at all is an empty one.
// Anchors, aliases and tags are refused where they are met: the files are too short to
// need them.
func parseYAML(data []byte, p *problems) *section {
	top := &section{problems: p}
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if err != nil {
		p.add("%s", syntaxProblem(err))
		return top
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch len(bodies) {
	case 0:
	case 1:
		top.open(bodies[0])
	default:
		p.add("line %d: one document only", lineOf(bodies[1]))
	}
	return top
}

// syntaxProblem says what the parser found wrong and where, without the lines around it
// that its own message quotes.
func syntaxProblem(err error) string {
	var e yaml.Error
	if !errors.As(err, &e) || e.GetToken() == nil {
		return "this is not YAML"
	}
	return fmt.Sprintf("line %d: this is not YAML: %s", e.GetToken().Position.Line, e.GetMessage())
}

// open takes the fields of a mapping.
func (s *section) open(node ast.Node) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		s.problems.add("line %d: %smust be keys with values", lineOf(node), s.label())
		return
	}
	for _, v := range mapping.Values {
		key, plain := v.Key.(ast.ScalarNode)
		if !plain || v.Key.IsMergeKey() {
			s.problems.add("line %d: %skeys must be plain words", lineOf(v.Key), s.label())
			continue
		}
		s.fields = append(s.fields, field{key: key.GetToken().Value, line: lineOf(key), node: v.Value})
	}
}

// label names the section at the start of a problem; the top has no name.
func (s *section) label() string {
	if s.prefix == "" {
		return ""
	}
	return strings.TrimSuffix(s.prefix, ".") + ": "
}

// find gives the field, and remembers that it was asked for.
func (s *section) find(key string) (field, bool) {
	if !slices.Contains(s.asked, key) {
		s.asked = append(s.asked, key)
	}
	for _, f := range s.fields {
		if f.key == key {
			_, null := f.node.(*ast.NullNode)
			return f, !null
		}
	}
	return field{}, false
}

// has reports whether the key is there with a value.
func (s *section) has(key string) bool {
	_, ok := s.find(key)
	return ok
}

// mentions reports whether the key is there, be it without a value.
func (s *section) mentions(key string) bool {
	return slices.ContainsFunc(s.fields, func(f field) bool { return f.key == key })
}

// at names a key and its line, for problems.
func (s *section) at(key string) string {
	for _, f := range s.fields {
		if f.key == key {
			return fmt.Sprintf("line %d: %s%s", f.line, s.prefix, key)
		}
	}
	return s.prefix + key
}

// problem notes what is wrong with a key.
func (s *section) problem(key, format string, args ...any) {
	s.problems.add("%s: %w", s.at(key), fmt.Errorf(format, args...))
}

// done notes the keys that nobody asked for.
func (s *section) done() {
	for _, f := range s.fields {
		if !slices.Contains(s.asked, f.key) {
			s.problem(f.key, "is no known key; the nearest one is %s", nearest(f.key, s.asked))
		}
	}
}

// section gives the mapping under key, empty where it is not there.
func (s *section) section(key string) *section {
	sub := &section{prefix: s.prefix + key + ".", problems: s.problems}
	if f, ok := s.find(key); ok {
		sub.open(f.node)
	}
	return sub
}

// text takes a text, without the white space around it; check may be nil.
func (s *section) text(key string, to *string, check func(string) error) {
	f, ok := s.find(key)
	if !ok {
		return
	}
	text, ok := scalar(f.node)
	if !ok {
		s.problem(key, "must be a text")
		return
	}
	if check != nil {
		if err := check(text); err != nil {
			s.problem(key, "%w", err)
			return
		}
	}
	*to = text
}

// flag takes true or false.
func (s *section) flag(key string, to *bool) {
	f, ok := s.find(key)
	if !ok {
		return
	}
	switch text, _ := scalar(f.node); text {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		s.problem(key, "must be true or false")
	}
}

// whole takes a whole number between least and most.
func (s *section) whole(key string, to *int, least, most int) {
	s.text(key, new(string), func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			return fmt.Errorf("must be a whole number from %d to %d", least, most)
		}
		*to = n
		return nil
	})
}

// share takes a number above 0 and at most 1.
func (s *section) share(key string, to *float64) {
	s.text(key, new(string), func(text string) error {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || !(x > 0 && x <= 1) { // false for NaN, too
			return errors.New("must be a number above 0 and at most 1")
		}
		*to = x
		return nil
	})
}

// length takes a duration; zero, where it isn't empty, says what 0 means.
func (s *section) length(key string, to *time.Duration, zero string) {
	s.text(key, new(string), func(text string) error {
		d, ok := length(text)
		if !ok && (zero == "" || text != "0" && text != "0s") {
			return badLength(zero)
		}
		*to = d
		return nil
	})
}

// length reads a duration from 1s to 720h; ok is false for anything else, and it is 0 then.
func length(text string) (d time.Duration, ok bool) {
	const longest = 720 * time.Hour
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second || d > longest {
		return 0, false
	}
	return d, true
}

// badLength says what a duration must be; besides, what else it may be.
func badLength(besides string) error {
	return fmt.Errorf("must be a duration such as 10m, from 1s to 720h%s", besides)
}

// texts takes a list of texts, each of which check must take; a bad one is noted and
// stays in the list, so that its length is right.
func (s *section) texts(key string, to *[]string, check func(string) error) {
	f, ok := s.find(key)
	if !ok {
		return
	}
	list, ok := f.node.(*ast.SequenceNode)
	if !ok {
		s.problem(key, "must be a list")
		return
	}
	items := make([]string, 0, len(list.Values))
	for i, node := range list.Values {
		text, ok := scalar(node)
		err := errors.New("must be a text")
		if ok {
			err = check(text)
		}
		if err != nil {
			s.problems.add("line %d: %s%s[%d]: %w", lineOf(node), s.prefix, key, i+1, err)
		}
		items = append(items, text)
	}
	*to = items
}

// scalar is the text of a single value as it was written, quotes and the white space
// around it taken off; numbers and the like are texts, too, for a userid may be 0012.
func scalar(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.LiteralNode: // "|" and ">" blocks
		return strings.TrimSpace(n.Value.Value), true
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return strings.TrimSpace(n.GetToken().Value), true
	default:
		return "", false
	}
}

// lineOf is the line of a node, counted from 1.
func lineOf(node ast.Node) int {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}
