package match

import (
	"maps"
	"math"
)

// embeddings are the vectors of an embedding service, by the hash of the variant's text.
type embeddings map[uint64]embedded

// embedded is a vector of length one in bytes.
type embedded struct {
	part  []int8
	scale float32
}

// WithEmbeddings is the index with further vectors of an embedding service, by variant text
// as written; those it has stay. They are used for a question that comes with a vector of
// the same length.
func (x *Index) WithEmbeddings(vectors map[string][]float32) *Index {
	next := *x
	next.embeddings = make(embeddings, len(x.embeddings)+len(vectors))
	if len(x.embeddings) > 2*x.live {
		for _, text := range x.Texts() { // most are of texts that are gone
			if key := hashText(text); x.embeddings[key].part != nil {
				next.embeddings[key] = x.embeddings[key]
			}
		}
	} else {
		maps.Copy(next.embeddings, x.embeddings)
	}
	for text, v := range vectors {
		next.embeddings[hashText(text)] = embed(v)
	}
	return &next
}

func embed(v []float32) embedded {
	var squares, top float64
	for _, f := range v {
		squares += float64(f) * float64(f)
		top = max(top, math.Abs(float64(f)))
	}
	if top == 0 || math.IsInf(squares, 0) || math.IsNaN(squares) {
		return embedded{}
	}
	e := embedded{part: make([]int8, len(v)), scale: float32(top / 127 / math.Sqrt(squares))}
	for i, f := range v {
		e.part[i] = int8(math.Round(float64(f) / top * 127))
	}
	return e
}

// cosine of two vectors; ok is false where they can't be compared.
func (e embedded) cosine(o embedded) (cosine float64, ok bool) {
	if len(e.part) == 0 || len(e.part) != len(o.part) {
		return 0, false
	}
	sum := int32(0)
	for i, f := range e.part {
		sum += int32(f) * int32(o.part[i])
	}
	return float64(sum) * float64(e.scale) * float64(o.scale), true
}

// What an embedding may do to a rank, in logits, and how sharply its cosines are told
// apart. There was nothing to fit them on: they are small on purpose.
const (
	embeddingSharp = 0.05
	embeddingSay   = 0.5
	embeddingUp    = 1.0
	embeddingDown  = -2.0
)

// consult lets the embedding of the question have its say in the ranks.
func (e embeddings) consult(question []float32, found []*candidate) {
	asked := embed(question)
	if len(asked.part) == 0 || len(e) == 0 {
		return
	}
	top, sum := math.Inf(-1), 0.0
	known := make([]*candidate, 0, len(found))
	for _, c := range found {
		best, compared := -1.0, false
		for _, v := range c.near {
			if cosine, ok := e[hashText(v.v.text())].cosine(asked); ok {
				best, compared = max(best, cosine), true
			}
		}
		if compared {
			c.facts[featEmbedding] = best
			known = append(known, c)
			top = max(top, best)
		}
	}
	for _, c := range known {
		sum += math.Exp((c.facts[featEmbedding] - top) / embeddingSharp)
	}
	for _, c := range known {
		const even = 0.02 // keeps one among many from counting for everything
		share := math.Exp((c.facts[featEmbedding]-top)/embeddingSharp) / sum
		say := embeddingSay * math.Log((share+even)/(1/float64(len(known))+even))
		c.rank = logistic(logit(c.rank) + min(max(say, embeddingDown), embeddingUp))
	}
}
