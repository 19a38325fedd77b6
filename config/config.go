// Package config turns what an operator writes into checked values: the settings of
// the program ([Load]) and the file that describes an account ([ParseAccount]).
// It knows names, defaults, units and what is allowed, and reports everything that is
// wrong at once. It starts nothing, and the values of secrets are in none of its errors.
package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"deskmate/model"
)

// ShutdownGrace is how long the work in hand may take once the program is told to
// stop. It is no setting: container platforms kill after 30 s, so more would be a promise
// that isn't kept.
const ShutdownGrace = 20 * time.Second

// Config is every setting of the program, checked. A field's setting has its name in
// upper snake case behind DESKMATE_ (DatabaseURL: DESKMATE_DATABASE_URL); example.env
// documents them all.
type Config struct {
	Listen          string         // host:port to serve on; the host may be empty, port 0 takes a free one
	PublicURL       string         // where browsers and WeCom reach the program: http(s), no slash at the end; empty: unknown
	TrustedProxies  []string       // addresses and networks whose word for a client's address is taken; none: nobody's
	WebhookNetworks []string       // addresses and networks that are not public and that webhooks may call all the same; none: none
	DatabaseURL     model.Secret   // sqlite://path or mysql://user:password@host:port/name; it may hold a password
	RedisURL        model.Secret   // redis:// or rediss://; empty: the one inside this process
	WeComAPI        string         // WeCom's API server: http(s), no slash at the end
	WeComAIBotWS    string         // WeCom's server of long connections to AI bots: ws(s)
	SecretKey       model.Secret   // 32 bytes in base64 that encrypt secrets at rest; empty before [EnsureSecretKey]
	DataDir         string         // folder of the database file, the generated key and the kept files
	BlobURL         model.Secret   // where files are kept: file:///folder or s3://…; it may hold a secret
	LLMBaseURL      string         // an OpenAI-compatible endpoint; empty: no model
	LLMAPIKey       model.Secret   // for LLMBaseURL; empty where it wants none
	LLMModel        string         // the model that rephrases answers; empty: answers go out as they are
	EmbeddingModel  string         // the model that embeds questions; empty: none
	APIRate         int            // calls of the API that a token may make in a minute; 0: any number
	OTLPEndpoint    string         // a collector of traces: http(s), no slash at the end; empty: nothing is traced
	TraceShare      float64        // of the messages and API calls that are traced, from 0 to 1
	LogLevel        slog.Level     // debug, info, warn or error
	TimeZone        *time.Location // the business's own: days of the statistics, session numbers
}

// Source says where settings are read from.
type Source struct {
	File     string                       // the --config option; empty: DESKMATE_CONFIG, and without it no file
	Environ  []string                     // NAME=value, as os.Environ gives it
	ReadFile func(string) ([]byte, error) // nil: os.ReadFile
}

// Default is what holds where nothing is set.
func Default() Config {
	c := Config{
		Listen:       ":8080",
		WeComAIBotWS: "wss://openws.work.weixin.qq.com",
		WeComAPI:     "https://qyapi.weixin.qq.com",
		DataDir:      "./data",
		APIRate:      600,
		TraceShare:   1,
		LogLevel:     slog.LevelInfo,
	}
	// A zone that a Go program carries or its machine has; UTC is better than a crash.
	c.TimeZone, _ = time.LoadLocation("Asia/Shanghai")
	if c.TimeZone == nil {
		c.TimeZone = time.UTC
	}
	c.fill()
	return c
}

// Load reads the settings: the environment wins over the file, the file over the
// default, and an empty value counts as not set. Its error names every problem, one a
// line.
func Load(src Source) (Config, error) {
	if src.ReadFile == nil {
		src.ReadFile = os.ReadFile
	}
	c := Default()
	c.DatabaseURL, c.BlobURL = "", ""
	settings := c.settings()

	var p problems
	given := src.values(settings, &p)
	for _, s := range settings {
		v, ok := given[s.name]
		if !ok {
			continue
		}
		if err := s.set(v.text); err != nil {
			p.add("%s: %w", v.origin, err)
		}
	}
	c.fill()
	c.checkTogether(given, &p)
	if err := p.err(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// MySQL reports whether the database is a MySQL or MariaDB server; otherwise it is the
// SQLite file of this one process.
func (c Config) MySQL() bool {
	return strings.HasPrefix(c.DatabaseURL.Reveal(), mysqlScheme)
}

// BlobFolder reports whether files are kept in a folder; otherwise they are with a service
// that every replica reaches.
func (c Config) BlobFolder() bool {
	return strings.HasPrefix(c.BlobURL.Reveal(), folderScheme)
}

// fill sets what depends on other settings.
func (c *Config) fill() {
	dir := strings.TrimSuffix(filepath.ToSlash(c.DataDir), "/")
	if c.DatabaseURL == "" {
		c.DatabaseURL = model.Secret(sqliteScheme + dir + "/deskmate.db")
	}
	if c.BlobURL == "" {
		c.BlobURL = model.Secret(folderScheme + dir + "/blobs")
	}
}

// setting is one setting: its name without the prefix, and what takes its text.
type setting struct {
	name string
	set  func(string) error
}

// settings lists every setting of c, in the order in which problems are reported.
func (c *Config) settings() []setting {
	return []setting{
		{"LISTEN", address(&c.Listen)},
		{"PUBLIC_URL", webURL(&c.PublicURL)},
		{"TRUSTED_PROXIES", networks(&c.TrustedProxies)},
		{"WEBHOOK_NETWORKS", networks(&c.WebhookNetworks)},
		{"DATABASE_URL", databaseURL(&c.DatabaseURL)},
		{"REDIS_URL", redisURL(&c.RedisURL)},
		{"WECOM_API", webURL(&c.WeComAPI)},
		{"WECOM_AIBOT_WS", wsURL(&c.WeComAIBotWS)},
		{"SECRET_KEY", secretKey(&c.SecretKey)},
		{"DATA_DIR", text(&c.DataDir)},
		{"BLOB_URL", blobURL(&c.BlobURL)},
		{"LLM_BASE_URL", webURL(&c.LLMBaseURL)},
		{"LLM_API_KEY", text(&c.LLMAPIKey)},
		{"LLM_MODEL", text(&c.LLMModel)},
		{"EMBEDDING_MODEL", text(&c.EmbeddingModel)},
		{"API_RATE", whole(&c.APIRate, 100_000)},
		{"OTLP_ENDPOINT", webURL(&c.OTLPEndpoint)},
		{"TRACE_SHARE", share(&c.TraceShare)},
		{"LOG_LEVEL", logLevel(&c.LogLevel)},
		{"TIME_ZONE", timeZone(&c.TimeZone)},
	}
}

// checkTogether finds settings that are right by themselves and wrong together.
func (c *Config) checkTogether(given map[string]value, p *problems) {
	has := func(name string) bool { return given[name].text != "" }
	if c.MySQL() && !has("REDIS_URL") {
		p.add("%sREDIS_URL: is needed with a MySQL database: replicas meet there", prefix)
	}
	if c.MySQL() && !has("SECRET_KEY") {
		p.add("%sSECRET_KEY: is needed with a MySQL database, the same for every replica: %s", prefix, makeKey)
	}
	if c.TraceShare != 1 && !has("OTLP_ENDPOINT") {
		p.add("%s: has no effect without %sOTLP_ENDPOINT", given["TRACE_SHARE"].origin, prefix)
	}
	if !has("LLM_BASE_URL") {
		for _, name := range []string{"LLM_API_KEY", "LLM_MODEL", "EMBEDDING_MODEL"} {
			if has(name) {
				p.add("%s: has no effect without %sLLM_BASE_URL", given[name].origin, prefix)
			}
		}
	} else if !has("LLM_MODEL") && !has("EMBEDDING_MODEL") {
		p.add("%s: has no effect without %sLLM_MODEL or %sEMBEDDING_MODEL", given["LLM_BASE_URL"].origin, prefix, prefix)
	}
}
