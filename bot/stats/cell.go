package stats

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// Cell holds counts and sums by key. Zeros are left out.
type Cell map[string]int64

// add adds n to a key.
func (c Cell) add(key string, n int64) {
	if v := c[key] + n; v != 0 {
		c[key] = v
	} else {
		delete(c, key)
	}
}

// Add adds another cell times factor.
func (c Cell) Add(other Cell, factor int64) {
	for key, n := range other {
		c.add(key, factor*n)
	}
}

// Cells are those of an account and of its seats.
type Cells struct {
	Total Cell
	Seats map[string]Cell // by folded userid; Nobody for sessions that no seat got
}

// Nobody stands for a seat where there was none.
const Nobody = "-"

// NewCells makes cells in which nothing was counted.
func NewCells() Cells { return Cells{Cell{}, map[string]Cell{}} }

func (c Cells) seat(userID string) Cell {
	if userID == "" {
		userID = Nobody
	}
	if c.Seats[userID] == nil {
		c.Seats[userID] = Cell{}
	}
	return c.Seats[userID]
}

// Add adds other cells times factor, and drops seats of which nothing is left.
func (c Cells) Add(other Cells, factor int64) {
	c.Total.Add(other.Total, factor)
	for seat, cell := range other.Seats {
		if c.seat(seat).Add(cell, factor); len(c.Seats[seat]) == 0 {
			delete(c.Seats, seat)
		}
	}
}

func (c Cells) equal(other Cells) bool {
	return maps.Equal(c.Total, other.Total) && maps.EqualFunc(c.Seats, other.Seats, maps.Equal[Cell, Cell])
}

var errPacked = errors.New("packed figures are damaged")

// Pack writes cells by name: the keys once, then of each cell its name, its length and its pairs
// of key and value. Equal cells give equal bytes.
func Pack(cells map[string]Cell) []byte {
	index := map[string]uint64{}
	for _, c := range cells {
		for key := range c {
			index[key] = 0
		}
	}
	keys := slices.Sorted(maps.Keys(index))
	out := binary.AppendUvarint(nil, uint64(len(keys)))
	for i, key := range keys {
		index[key] = uint64(i)
		out = appendText(out, key)
	}
	out = binary.AppendUvarint(out, uint64(len(cells)))
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		var pairs []byte
		for _, key := range slices.Sorted(maps.Keys(cells[name])) {
			pairs = binary.AppendVarint(binary.AppendUvarint(pairs, index[key]), cells[name][key])
		}
		out = appendText(appendText(out, name), string(pairs))
	}
	return out
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// Unpack adds packed cells to others, by name; those that into gives nil for are passed over, and
// so are keys for which want, unless it is nil, says no.
func Unpack(data []byte, into func(name string) Cell, want func(key []byte) bool) error {
	if len(data) == 0 {
		return nil
	}
	r := reader{data: data}
	keys := make([]string, r.size())
	for i := range keys {
		if key := r.bytes(); want == nil || want(key) {
			keys[i] = string(key)
		}
	}
	for range r.size() {
		cell := into(string(r.bytes()))
		pairs := reader{data: r.bytes()}
		for cell != nil && len(pairs.data) > 0 {
			key, n := pairs.uvarint(), pairs.varint()
			if pairs.bad || key >= uint64(len(keys)) {
				return errPacked
			}
			if keys[key] != "" {
				cell.add(keys[key], n)
			}
		}
	}
	if r.bad || len(r.data) > 0 {
		return errPacked
	}
	return nil
}

// reader reads what Pack wrote.
type reader struct {
	data []byte
	bad  bool
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.data)
	r.skip(n)
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.data)
	r.skip(n)
	return v
}

func (r *reader) skip(n int) {
	if n <= 0 || n > len(r.data) {
		r.bad, r.data = true, nil
		return
	}
	r.data = r.data[n:]
}

// size is a number of things that each take a byte or more.
func (r *reader) size() int {
	n := r.uvarint()
	if n > uint64(len(r.data)) {
		r.bad = true
		return 0
	}
	return int(n) //nolint:gosec // at most the length
}

// bytes are as many as the number before them says.
func (r *reader) bytes() []byte {
	n := r.size()
	if r.bad {
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}
