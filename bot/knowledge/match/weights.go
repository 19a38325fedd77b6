package match

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
)

// Weights are the fitted numbers that turn what speaks for an entry into a probability.
// The program in scripts/weights makes them.
type Weights struct {
	Version  string // changes whenever scores may
	Features []string
	Learned  Model // for a base with an encoder
	Plain    Model // for one without
	Prior    Prior // how common grams are anywhere
}

// Model is one way from evidence to probability: Rank looks at one entry, Decide at the
// first among the others.
type Model struct {
	Rank   Linear
	Decide Forest
}

// Linear is a logistic regression.
type Linear struct {
	Bias   float64
	Weight []float64 // by feature
}

// Chance is the probability for one entry.
func (l *Linear) Chance(features []float64) float64 {
	z := l.Bias
	for i, w := range l.Weight {
		z += w * features[i]
	}
	return logistic(z)
}

// Forest is a sum of small trees.
type Forest struct {
	Bias  float64
	Trees []Tree
}

// Tree is a decision tree, node by node, the root first. A leaf has feature -1 and a value;
// another node goes on at Next where the feature is at most Value, else at the node after.
type Tree struct {
	Feature []int16
	Value   []float32
	Next    []int16
}

// Chance is the probability for one list of features.
func (f *Forest) Chance(features []float64) float64 { return logistic(f.Sum(features)) }

// Sum is what the trees say together: the logit of [Forest.Chance].
func (f *Forest) Sum(features []float64) float64 {
	z := f.Bias
	for i := range f.Trees {
		z += f.Trees[i].at(features)
	}
	return z
}

func (t *Tree) at(features []float64) float64 {
	i := int16(0)
	for t.Feature[i] >= 0 {
		if float32(features[t.Feature[i]]) <= t.Value[i] {
			i = t.Next[i]
		} else {
			i = t.Next[i] + 1
		}
	}
	return float64(t.Value[i])
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func logit(p float64) float64 {
	const edge = 1e-5
	p = min(max(p, edge), 1-edge)
	return math.Log(p / (1 - p))
}

//go:embed data/weights.json
var shippedWeights []byte

// shipped gives the weights that ship. They are read once and shared: they are large, and
// nobody changes them.
var shipped = sync.OnceValue(func() *Weights { //nolint:gochecknoglobals // a constant, in effect
	w, err := LoadWeights(bytes.NewReader(shippedWeights))
	if err != nil {
		panic(err) // a test reads the same file
	}
	return w
})

// WeightsVersion names the weights that ship; it changes whenever scores may.
func WeightsVersion() string { return shipped().Version }

// UnfittedWeights are what fitting starts with: they find candidates and rank them somehow.
func UnfittedWeights(version string) *Weights {
	w := &Weights{Version: version, Features: FeatureNames()}
	m := Model{Rank: Linear{Bias: -6, Weight: make([]float64, featureCount)}}
	for _, f := range [...]feature{featCosine, featUnion, featEncoder} {
		m.Rank.Weight[f] = 5
	}
	w.Learned, w.Plain = m, m
	return w
}

// LoadWeights reads weights as the program that fits them writes them.
func LoadWeights(r io.Reader) (*Weights, error) {
	var w Weights
	if err := json.NewDecoder(r).Decode(&w); err != nil {
		return nil, fmt.Errorf("read weights: %w", err)
	}
	if err := w.check(); err != nil {
		return nil, fmt.Errorf("read weights %q: %w", w.Version, err)
	}
	return &w, nil
}

// check makes sure that no lookup can go astray.
func (w *Weights) check() error {
	if !slices.Equal(w.Features, FeatureNames()) {
		return fmt.Errorf("fitted for other features: %q", w.Features)
	}
	for _, m := range []*Model{&w.Learned, &w.Plain} {
		if n := len(m.Rank.Weight); n != int(featureCount) {
			return fmt.Errorf("%d features, want %d", n, featureCount)
		}
		for i := range m.Decide.Trees {
			if err := m.Decide.Trees[i].check(decisionCount); err != nil {
				return fmt.Errorf("tree %d: %w", i, err)
			}
		}
	}
	return nil
}

func (t *Tree) check(features int) error {
	n := len(t.Feature)
	if n == 0 || len(t.Value) != n || len(t.Next) != n {
		return fmt.Errorf("%d nodes, %d values, %d branches", n, len(t.Value), len(t.Next))
	}
	for i, f := range t.Feature {
		if int(f) >= features || f >= 0 && (int(t.Next[i]) <= i || int(t.Next[i])+1 >= n) {
			return fmt.Errorf("node %d goes nowhere", i)
		}
	}
	return nil
}

// Prior tells how common grams are in questions anywhere. Its zero value takes all for
// rare.
type Prior struct {
	keys   []gram // hashed into place; 0 where nothing is
	values []uint8
}

// priorScale is the weight of one step of a value.
const priorScale = 1.0 / 255

// NewPrior makes one of grams and their weights: 0 for the most common, 255 for rare ones.
func NewPrior(weights map[uint32]uint8) Prior {
	size := 1
	for size < 2*len(weights) {
		size *= 2
	}
	p := Prior{keys: make([]gram, size), values: make([]uint8, size)}
	for key, value := range weights {
		p.put(gram(key), value)
	}
	return p
}

func (p *Prior) put(g gram, value uint8) {
	i := int(g) & (len(p.keys) - 1)
	for p.keys[i] != 0 && p.keys[i] != g {
		i = (i + 1) & (len(p.keys) - 1)
	}
	p.keys[i], p.values[i] = g, value
}

// weight tells how much a gram says by itself, in (0, 1].
func (p *Prior) weight(g gram) float32 {
	if len(p.keys) == 0 {
		return 1
	}
	for i := int(g) & (len(p.keys) - 1); p.keys[i] != 0; i = (i + 1) & (len(p.keys) - 1) {
		if p.keys[i] == g {
			return float32(p.values[i]) * priorScale
		}
	}
	return 1
}

const priorRow = 5 // bytes of a gram and its weight

// MarshalText writes the table as base64.
func (p *Prior) MarshalText() ([]byte, error) {
	var rows [][]byte
	for i, g := range p.keys {
		if g != 0 {
			rows = append(rows, append(binary.BigEndian.AppendUint32(nil, uint32(g)), p.values[i]))
		}
	}
	slices.SortFunc(rows, bytes.Compare)
	return base64.StdEncoding.AppendEncode(nil, bytes.Join(rows, nil)), nil
}

// UnmarshalText reads what [Prior.MarshalText] wrote.
func (p *Prior) UnmarshalText(text []byte) error {
	data, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil || len(data)%priorRow != 0 {
		return fmt.Errorf("read prior of %d bytes: %w", len(data), err)
	}
	weights := make(map[uint32]uint8, len(data)/priorRow)
	for ; len(data) > 0; data = data[priorRow:] {
		weights[binary.BigEndian.Uint32(data)] = data[4]
	}
	*p = NewPrior(weights)
	return nil
}
