package match

import (
	"math"
	"slices"
	"sync"
)

// side is one of the two texts of every pair in a batch.
type side struct {
	rows   [][]int32   // what is seen of each text
	class  []int32     // whose it is
	vector [][]float32 // of length one
	length []float32   // before that
	slope  [][]float32 // of the loss
}

// batch is one step of training: each text of a has to find its partner among all of b.
type batch struct {
	a, b   side
	chance [][]float32 // by text of a: the probability of each of b
}

func newBatch(size int) *batch {
	b := &batch{a: newSide(size), b: newSide(size)}
	for range size {
		b.chance = append(b.chance, make([]float32, size))
	}
	return b
}

func newSide(size int) side {
	s := side{rows: make([][]int32, size), class: make([]int32, size), length: make([]float32, size)}
	all := make([]float32, 2*size*dim)
	for i := range size {
		s.vector = append(s.vector, all[2*i*dim:(2*i+1)*dim])
		s.slope = append(s.slope, all[(2*i+1)*dim:(2*i+2)*dim])
	}
	return s
}

// load takes pairs in and lets some of their grams drop out.
func (b *batch) load(s *school, pairs []pair) {
	for i, p := range pairs {
		if s.rng.IntN(2) == 0 {
			p.a, p.b = p.b, p.a
		}
		b.a.see(s, i, p.a)
		b.b.see(s, i, p.b)
	}
}

func (d *side) see(s *school, i int, number int32) {
	t := &s.texts[number]
	seen := d.rows[i][:0]
	for _, row := range t.rows {
		if s.rng.Float32() >= dropped {
			seen = append(seen, row)
		}
	}
	if len(seen) == 0 {
		seen = append(seen, t.rows...)
	}
	d.rows[i], d.class[i] = seen, t.class
}

// sum makes the vector of text i.
func (d *side) sum(s *school, i int) {
	v := d.vector[i]
	clear(v)
	for _, row := range d.rows[i] {
		addTo(v, s.rows[int(row)*dim:int(row)*dim+dim])
	}
	d.length[i] = float32(math.Sqrt(float64(inner(v, v)))) + 1e-6
	for k := range v {
		v[k] /= d.length[i]
	}
}

// faint is the size of a slope below which it isn't followed.
const faint = 1e-3

// step moves what was learned by one batch. Threads share the work by text, so that the sums
// are the same with any number of them; only the last part, in which texts meet in their
// grams, is one thread's.
func (b *batch) step(s *school, rate float32) {
	size := len(b.chance)
	spread(s.threads, size, func(i int) {
		b.a.sum(s, i)
		b.b.sum(s, i)
	})
	spread(s.threads, size, func(i int) {
		b.line(i)
		slope := b.a.slope[i]
		clear(slope)
		for j, p := range b.chance[i] {
			if p > faint || p < -faint {
				addScaled(slope, b.b.vector[j], p/temperature)
			}
		}
		b.a.flatten(i)
	})
	spread(s.threads, size, func(j int) {
		slope := b.b.slope[j]
		clear(slope)
		for i := range size {
			if p := b.chance[i][j]; p > faint || p < -faint {
				addScaled(slope, b.a.vector[i], p/temperature)
			}
		}
		b.b.flatten(j)
	})
	b.a.learn(s, rate)
	b.b.learn(s, rate)
}

// spread does n things on some threads.
func spread(threads, n int, do func(i int)) {
	if threads == 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var group sync.WaitGroup
	for t := range threads {
		group.Go(func() {
			for i := t; i < n; i += threads {
				do(i)
			}
		})
	}
	group.Wait()
}

// line fills in how far the probability that text i of a belongs to each of b is above what
// is wanted. Others of its own entry are left out.
func (b *batch) line(i int) {
	v, chance := b.a.vector[i], b.chance[i]
	for j := range chance {
		chance[j] = inner(v, b.b.vector[j])
	}
	top := slices.Max(chance)
	sum := float32(0)
	for j, cosine := range chance {
		chance[j] = 0
		if j == i || b.b.class[j] != b.a.class[i] {
			chance[j] = float32(math.Exp(float64((cosine - top) / temperature)))
			sum += chance[j]
		}
	}
	for j := range chance {
		chance[j] /= sum
	}
	chance[i]--
}

// flatten takes out of the slope of text i what only changes the length of its vector.
func (d *side) flatten(i int) {
	v, slope := d.vector[i], d.slope[i]
	along := inner(v, slope)
	for k := range slope {
		slope[k] = (slope[k] - along*v[k]) / d.length[i]
	}
}

// learn moves the rows of each text against its slope.
func (d *side) learn(s *school, rate float32) {
	for i, slope := range d.slope {
		squares := inner(slope, slope)
		if squares == 0 {
			continue
		}
		for _, row := range d.rows[i] {
			s.moved[row] += squares / dim
			addScaled(s.rows[int(row)*dim:int(row)*dim+dim], slope, -rate/(float32(math.Sqrt(float64(s.moved[row])))+1e-6))
		}
	}
}

func addTo(to, from []float32) {
	_ = to[dim-1]
	_ = from[dim-1]
	for k := 0; k < dim; k += 4 {
		to[k] += from[k]
		to[k+1] += from[k+1]
		to[k+2] += from[k+2]
		to[k+3] += from[k+3]
	}
}

func addScaled(to, from []float32, by float32) {
	_ = to[dim-1]
	_ = from[dim-1]
	for k := 0; k < dim; k += 4 {
		to[k] += by * from[k]
		to[k+1] += by * from[k+1]
		to[k+2] += by * from[k+2]
		to[k+3] += by * from[k+3]
	}
}

func inner(a, b []float32) float32 {
	_ = a[dim-1]
	_ = b[dim-1]
	var s0, s1, s2, s3 float32
	for k := 0; k < dim; k += 4 {
		s0 += a[k] * b[k]
		s1 += a[k+1] * b[k+1]
		s2 += a[k+2] * b[k+2]
		s3 += a[k+3] * b[k+3]
	}
	return s0 + s1 + s2 + s3
}
