package llm

import (
	"context"
	"errors"
	"math"

	"github.com/sashabaranov/go-openai"

	"deskmate/model"
)

// embedBatch is how many texts are sent at once until the endpoint minds: some take 10, some
// thousands.
const embedBatch = 64

// Embed gives a vector for each text, all of one length, in the texts' order. They are sent
// in batches; one that fails, fails all.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	if c.cfg.EmbeddingModel == "" {
		return nil, model.Invalid("embedding_model", "no embedding model is named")
	}
	vectors := make([][]float32, 0, len(texts))
	for len(vectors) < len(texts) {
		rest := texts[len(vectors):]
		batch := rest[:min(len(rest), int(c.batch.Load()))]
		some, err := c.embed(ctx, batch)
		if refused(err) && len(batch) > 1 {
			c.batch.Store(max(1, int64(len(batch))/2))
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(vectors) > 0 && len(some[0]) != len(vectors[0]) {
			return nil, errVectors
		}
		vectors = append(vectors, some...)
	}
	return vectors, nil
}

func refused(err error) bool {
	e, ok := errors.AsType[*model.Error](err)
	return ok && e.Reason == ReasonRefused
}

// embed sends one batch.
func (c *Client) embed(ctx context.Context, texts []string) ([][]float32, error) {
	var vectors [][]float32
	err := c.call(ctx, c.embedding, func(ctx context.Context) error {
		res, err := c.embedding.api.CreateEmbeddings(ctx, openai.EmbeddingRequestStrings{
			Input: texts, Model: openai.EmbeddingModel(c.cfg.EmbeddingModel),
		})
		if err != nil {
			return err
		}
		vectors, err = inOrder(res.Data, len(texts))
		return err
	})
	return vectors, err
}

var errVectors = unavailable(ReasonUnavailable, "the embeddings don't fit the texts", nil)

// inOrder puts embeddings at the places of their texts: services may answer in any order.
func inOrder(data []openai.Embedding, n int) ([][]float32, error) {
	if len(data) != n {
		return nil, errVectors
	}
	vectors := make([][]float32, n)
	for _, d := range data {
		if d.Index < 0 || d.Index >= n || vectors[d.Index] != nil || !sound(d.Embedding) || len(d.Embedding) != len(data[0].Embedding) {
			return nil, errVectors
		}
		vectors[d.Index] = d.Embedding
	}
	return vectors, nil
}

// sound reports whether a vector has a direction.
func sound(vector []float32) bool {
	var sum float64
	for _, v := range vector {
		sum += float64(v) * float64(v)
	}
	return sum > 0 && !math.IsInf(sum, 0) && !math.IsNaN(sum)
}
