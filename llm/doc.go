// Package llm asks a language model through any endpoint that speaks OpenAI's protocol:
// chat completions and embeddings, one attempt each, bounded in time and size, behind a
// circuit breaker. It is the only user of go-openai. It does not know what is asked or why,
// and nothing that was said, nor the key, ever stands in one of its errors or logs.
package llm
