package match

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// dim is the length of a vector; half of its bits make one word of a sketch.
const (
	dim         = 128
	sketchWords = dim / 64
)

// Encoder is what was learned from one account's own questions: a vector for every gram of
// them, so that a text is the sum of its grams and texts that mean the same lie close. It
// never changes and belongs to no index: [Index.WithEncoder] puts it to use.
//
// A gram that nobody taught has a vector of its own all the same, made from its hash:
// new words match themselves and nothing else.
type Encoder struct {
	version string    // of the weights it was trained beside
	grams   []gram    // sorted
	rows    []int8    // dim for each gram
	scales  []float32 // what a row is multiplied by
}

// vector is a text as the encoder sees it: direction only, its length is one.
type vector struct {
	part   [dim]int8
	sketch [sketchWords]uint64 // the signs of part
	scale  float32             // what part is multiplied by
}

func inner8(a, b *[dim]int8) int32 {
	var s0, s1 int32
	for i := 0; i < dim; i += 2 {
		s0 += int32(a[i]) * int32(b[i])
		s1 += int32(a[i+1]) * int32(b[i+1])
	}
	return s0 + s1
}

// pack makes a vector of length one.
func pack(sum *[dim]float32) vector {
	var v vector
	squares, top := float32(0), float32(0)
	for _, f := range sum {
		squares += f * f
		top = max(top, f, -f)
	}
	if top == 0 {
		return v
	}
	for i, f := range sum {
		v.part[i] = int8(math.Round(float64(f / top * 127)))
		if f > 0 {
			v.sketch[i/64] |= 1 << (i % 64)
		}
	}
	v.scale = top / 127 / float32(math.Sqrt(float64(squares)))
	return v
}

// encode gives the vector of a variant.
func (e *Encoder) encode(w *Weights, v *variant) *vector {
	coded := v.code(nil, nil)
	grams, _ := coded.appendGrams(nil)
	sum := e.sum(w, grams)
	return &sum
}

func (e *Encoder) sum(w *Weights, grams []gram) vector {
	var sum [dim]float32
	for _, g := range grams {
		if i, found := slices.BinarySearch(e.grams, g); found {
			scale := e.scales[i]
			for k, r := range e.rows[i*dim : i*dim+dim] {
				sum[k] += scale * float32(r)
			}
			continue
		}
		addUntaught(&sum, g, untaught(w, g))
	}
	return pack(&sum)
}

// untaught is how large each part of the vector of a gram is that nobody taught.
func untaught(w *Weights, g gram) float32 { return w.Prior.weight(g) / 11.3 } // √dim

// addUntaught adds the vector of a gram that nobody taught: its signs are made from its hash.
func addUntaught(to *[dim]float32, g gram, size float32) {
	seed := uint64(g)
	for i := range sketchWords {
		signs := mix(seed + uint64(i+1)*0x9e3779b97f4a7c15)
		for k := range 64 {
			f := math.Float32frombits(math.Float32bits(size) | uint32(signs>>k&1)<<31)
			to[i*64+k] += f
		}
	}
}

// vectors holds those of the variants by slot, in chunks as [table] does; what a search
// looks at first lies together.
type vectors []*vectorChunk

type vectorChunk struct {
	sketches [chunkSize][sketchWords]uint64
	scales   [chunkSize]float32 // 0 where nobody uses the slot
	parts    [chunkSize][dim]int8
}

// near is the cosine of a vector and that of a slot.
func (t vectors) near(v *vector, slot uint32) float64 {
	return t[slot/chunkSize].near(v, slot%chunkSize)
}

func (c *vectorChunk) near(v *vector, at uint32) float64 {
	return float64(inner8(&v.part, &c.parts[at])) * float64(v.scale*c.scales[at])
}

func (t vectors) set(slot uint32, v *vector) {
	if t[slot/chunkSize] == nil {
		t[slot/chunkSize] = &vectorChunk{}
	}
	c, at := t[slot/chunkSize], slot%chunkSize
	c.sketches[at], c.scales[at], c.parts[at] = v.sketch, v.scale, v.part
}

// own makes a chunk ready to be written; fresh tells that it is already.
func (t vectors) own(number uint32, fresh bool) vectors {
	for int(number) >= len(t) {
		t = append(t, &vectorChunk{})
		fresh = true
	}
	switch {
	case t[number] == nil: // nobody used its slots when the encoder came
		t[number] = &vectorChunk{}
	case !fresh:
		copied := *t[number]
		t[number] = &copied
	}
	return t
}

// errEncoder is the error for data that is no encoder, or one of other weights.
var errEncoder = errors.New("not an encoder that fits these weights")

const encoderMagic = "dme1"

// MarshalBinary writes the encoder for [UnmarshalEncoder].
func (e *Encoder) MarshalBinary() ([]byte, error) {
	data := make([]byte, 0, len(encoderMagic)+1+len(e.version)+4+len(e.grams)*(8+dim))
	data = append(data, encoderMagic...)
	data = append(data, byte(len(e.version))) //nolint:gosec // a few letters
	data = append(data, e.version...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(e.grams))) //nolint:gosec // at most rowsMax
	for _, g := range e.grams {
		data = binary.LittleEndian.AppendUint32(data, uint32(g))
	}
	for _, s := range e.scales {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(s))
	}
	for _, r := range e.rows {
		data = append(data, byte(r)) //nolint:gosec // its bits
	}
	return data, nil
}

// UnmarshalEncoder reads what [Encoder.MarshalBinary] wrote. It fails on anything else, an
// encoder trained beside other weights included: it has to be trained anew.
func UnmarshalEncoder(data []byte) (*Encoder, error) {
	rest, ok := cutMagic(data)
	if !ok || len(rest) < 4 {
		return nil, fmt.Errorf("read encoder: %w", errEncoder)
	}
	n := int(binary.LittleEndian.Uint32(rest))
	rest = rest[4:]
	if n > rowsMax || len(rest) != n*(8+dim) {
		return nil, fmt.Errorf("read encoder of %d rows in %d bytes: %w", n, len(rest), errEncoder)
	}
	e := &Encoder{version: WeightsVersion(), grams: make([]gram, n), scales: make([]float32, n), rows: make([]int8, n*dim)}
	for i := range n {
		e.grams[i] = gram(binary.LittleEndian.Uint32(rest[4*i:]))
		scale := math.Float32frombits(binary.LittleEndian.Uint32(rest[4*(n+i):]))
		if i > 0 && e.grams[i] <= e.grams[i-1] || !(scale >= 0 && scale < 1e6) {
			return nil, fmt.Errorf("read encoder, row %d: %w", i, errEncoder)
		}
		e.scales[i] = scale
	}
	for i, b := range rest[8*n:] {
		e.rows[i] = int8(b) //nolint:gosec // its bits
	}
	return e, nil
}

func cutMagic(data []byte) (rest []byte, ok bool) {
	head := append([]byte(encoderMagic), byte(len(WeightsVersion()))) //nolint:gosec // a few letters
	head = append(head, WeightsVersion()...)
	if len(data) < len(head) || string(data[:len(head)]) != string(head) {
		return nil, false
	}
	return data[len(head):], true
}
