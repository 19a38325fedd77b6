package main

import (
	"fmt"

	"deskmate/bot/knowledge"
	"deskmate/bot/mask"
	"deskmate/bot/rephrase"
	"deskmate/config"
	"deskmate/llm"
)

// newModel connects to the language model of the settings; nil where there is none.
func newModel(cfg config.Config, s *server, m *metrics) (*llm.Client, error) {
	if cfg.LLMBaseURL == "" {
		return nil, nil //nolint:nilnil // no model is a choice, not a failure
	}
	client, err := llm.New(llm.Config{
		BaseURL: cfg.LLMBaseURL, APIKey: cfg.LLMAPIKey, Model: cfg.LLMModel, EmbeddingModel: cfg.EmbeddingModel,
		Log: s.log, Observe: m.modelCall,
	})
	if err != nil {
		return nil, fmt.Errorf("connect to the language model: %w", err)
	}
	return client, nil
}

// wireKnowledge makes the knowledge bases, and what says their answers.
func (s *server) wireKnowledge(p program, m *metrics) error {
	client, err := newModel(s.cfg, s, m)
	if err != nil {
		return err
	}
	s.model = client
	base := knowledge.Config{
		Source: s.store, Encoders: s.store, Owner: ownerName(), Mask: mask.Text, Log: s.log, Now: p.now, Poll: changePoll,
	}
	if client != nil && s.cfg.EmbeddingModel != "" {
		base.Embedder, base.Vectors = client, s.store
	}
	if s.knowledge, err = knowledge.New(base); err != nil {
		return err
	}
	words := rephrase.Config{
		Usage: s.store, Mask: mask.Text, Location: s.cfg.TimeZone, Now: p.now, Log: s.log, Observe: m.phrase,
		InFlight: workers / 2, // the others never wait for a model
	}
	if client != nil && s.cfg.LLMModel != "" {
		words.Model = client
	}
	s.phraser, err = rephrase.New(words)
	return err
}
