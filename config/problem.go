package config

import (
	"errors"
	"fmt"
)

// problems collects everything that is wrong, so that one run shows it all.
type problems []error

// add notes a problem; it formats like fmt.Errorf.
func (p *problems) add(format string, args ...any) {
	*p = append(*p, fmt.Errorf(format, args...))
}

// err is all problems as one error, nil for none.
func (p *problems) err() error {
	return errors.Join(*p...)
}

// nearest is the name of known that takes the fewest changed, added or left-out
// characters to become name; the first of several. It is empty where nothing is known.
func nearest(name string, known []string) string {
	best, least := "", 0
	for _, k := range known {
		if d := distance(name, k); best == "" || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two names, in bytes: names are ASCII.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
