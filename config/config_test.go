package config_test

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/config"
	"deskmate/model"
)

const (
	goodKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	mysql   = "DESKMATE_DATABASE_URL=mysql://desk:s3cret@db:3306/desk"
)

// files is a disk for settings: content by name.
type files map[string]string

func (f files) read(name string) ([]byte, error) {
	content, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(content), nil
}

func mustLoad(t testing.TB, src config.Source) config.Config {
	t.Helper()
	c, err := config.Load(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// diff compares configurations, secrets by what they hide.
func diff(want, got config.Config) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }))
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	got := mustLoad(t, config.Source{})
	want := config.Config{
		Listen:       ":8080",
		DatabaseURL:  "sqlite://./data/deskmate.db",
		WeComAIBotWS: "wss://openws.work.weixin.qq.com",
		WeComAPI:     "https://qyapi.weixin.qq.com",
		DataDir:      "./data",
		BlobURL:      "file://./data/blobs",
		LogLevel:     slog.LevelInfo,
		APIRate:      600,
		TraceShare:   1,
		TimeZone:     time.FixedZone("Asia/Shanghai", 8*60*60),
	}
	if d := diff(want, got); d != "" {
		t.Errorf("Load without settings (-want +got):\n%s", d)
	}
	if d := diff(want, config.Default()); d != "" {
		t.Errorf("Default (-want +got):\n%s", d)
	}
	if got.MySQL() {
		t.Error("MySQL() of the default is true")
	}
}

func TestLoadPrecedence(t *testing.T) {
	t.Parallel()
	disk := files{
		"desk.yaml":  "listen: :1\nllm_base_url: http://file/v1\nllm_model: file\nllm_api_key_file: key\nlog_level:\n",
		"other.yaml": "listen: :2\n",
		"key":        " sk-1\n",
		"empty":      "\n",
	}
	tests := []struct {
		name    string
		file    string
		environ []string
		want    func(*config.Config)
	}{
		{"environment wins over file", "desk.yaml", []string{"DESKMATE_LISTEN=:3"}, func(c *config.Config) { c.Listen = ":3" }},
		{"file from the environment", "", []string{"DESKMATE_CONFIG=desk.yaml"}, func(*config.Config) {}},
		{"option wins over DESKMATE_CONFIG", "desk.yaml", []string{"DESKMATE_CONFIG=absent.yaml"}, func(*config.Config) {}},
		{"empty counts as not set", "desk.yaml", []string{"DESKMATE_LISTEN=", "DESKMATE_LLM_MODEL= "}, func(*config.Config) {}},
		{"empty file counts as not set", "desk.yaml", []string{"DESKMATE_LISTEN_FILE=empty"}, func(*config.Config) {}},
		{
			"environment's own wins over the file's _file", "desk.yaml",
			[]string{"DESKMATE_LLM_API_KEY=sk-2"},
			func(c *config.Config) { c.LLMAPIKey = "sk-2" },
		},
		{
			"foreign names are left alone", "desk.yaml",
			[]string{
				"LISTEN=:9", "DESKMATE=1", "DESKMATE_TEST_MYSQL_URL=mysql://x", "DESKMATE_SERVICE_HOST=10.0.0.1",
				"DESKMATE_PORT=tcp://10.0.0.1:80", "DESKMATE_PORT_80_TCP_ADDR=10.0.0.1", "DESKMATE_REDIS_SERVICE_PORT_TCP=6379",
			},
			func(*config.Config) {},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := config.Default()
			want.Listen, want.LLMBaseURL, want.LLMModel, want.LLMAPIKey = ":1", "http://file/v1", "file", "sk-1"
			tt.want(&want)
			got := mustLoad(t, config.Source{File: tt.file, Environ: tt.environ, ReadFile: disk.read})
			if d := diff(want, got); d != "" {
				t.Errorf("Load (-want +got):\n%s", d)
			}
		})
	}
}

func TestLoadProblems(t *testing.T) {
	t.Parallel()
	const (
		notKey  = "must be 32 bytes in base64, and this is not base64: make one with: openssl rand -base64 32"
		notWeb  = "must be an absolute http:// or https:// address without user, query or fragment"
		notDB   = "must be sqlite:///path/deskmate.db or mysql://user:password@host:3306/name"
		notSQL  = "must be mysql://user:password@host:3306/name, special characters of the password as %XX"
		notHost = "must be host:port with a port number, such as :8080 or 127.0.0.1:8080"
		notRed  = "must be redis://host:6379/0 or rediss://…, special characters of the password as %XX"
		notBlob = "must be file:///folder or s3://KEY:SECRET@host/bucket"
		notS3   = "must be s3://KEY:SECRET@host/bucket, special characters of the secret as %XX"
		notZone = "must be the name of a time zone, such as Asia/Shanghai or UTC"
	)
	tests := []struct {
		name    string
		file    string // content of desk.yaml; empty: none is named
		environ []string
		want    []string
	}{
		{"unknown name", "", []string{"DESKMATE_LISTN=:1"}, []string{"DESKMATE_LISTN: is no setting; the nearest one is DESKMATE_LISTEN"}},
		{"unknown file name", "", []string{"DESKMATE_SECRET_FILE=x"}, []string{"DESKMATE_SECRET_FILE: is no setting; the nearest one is DESKMATE_SECRET_KEY"}},
		{"a port of one's own", "", []string{"DESKMATE_PORT=8080"}, []string{"DESKMATE_PORT: is no setting; the nearest one is DESKMATE_LISTEN"}},
		{"listen without port", "", []string{"DESKMATE_LISTEN=localhost"}, []string{"DESKMATE_LISTEN: " + notHost}},
		{"listen with a named port", "", []string{"DESKMATE_LISTEN=:http"}, []string{"DESKMATE_LISTEN: " + notHost}},
		{"relative address", "", []string{"DESKMATE_PUBLIC_URL=desk.example.com"}, []string{"DESKMATE_PUBLIC_URL: " + notWeb}},
		{"other scheme", "", []string{"DESKMATE_WECOM_API=ftp://x"}, []string{"DESKMATE_WECOM_API: " + notWeb}},
		{"address with query", "", []string{"DESKMATE_PUBLIC_URL=https://x/?a=1"}, []string{"DESKMATE_PUBLIC_URL: " + notWeb}},
		{"database of another kind", "", []string{"DESKMATE_DATABASE_URL=postgres://u:s3cret@h/d"}, []string{"DESKMATE_DATABASE_URL: " + notDB}},
		{"database without path", "", []string{"DESKMATE_DATABASE_URL=sqlite://"}, []string{"DESKMATE_DATABASE_URL: " + notDB}},
		{
			"database password unescaped", "",
			[]string{"DESKMATE_DATABASE_URL=mysql://u:s3cret/x@h/d"},
			[]string{"DESKMATE_DATABASE_URL: " + notSQL},
		},
		{
			"database without name", "",
			[]string{"DESKMATE_DATABASE_URL=mysql://u:s3cret@h:3306/"},
			[]string{"DESKMATE_DATABASE_URL: " + notSQL},
		},
		{"redis password unescaped", "", []string{"DESKMATE_REDIS_URL=redis://:s3cret/@h"}, []string{"DESKMATE_REDIS_URL: " + notRed}},
		{"redis of another scheme", "", []string{"DESKMATE_REDIS_URL=h:6379"}, []string{"DESKMATE_REDIS_URL: " + notRed}},
		{"files nowhere", "", []string{"DESKMATE_BLOB_URL=file://"}, []string{"DESKMATE_BLOB_URL: " + notBlob}},
		{"files elsewhere", "", []string{"DESKMATE_BLOB_URL=ftp://u:s3cret@h/d"}, []string{"DESKMATE_BLOB_URL: " + notBlob}},
		{"bucket's secret unescaped", "", []string{"DESKMATE_BLOB_URL=s3://u:s3cret/x@h/b"}, []string{"DESKMATE_BLOB_URL: " + notS3}},
		{"bucket without name", "", []string{"DESKMATE_BLOB_URL=s3://u:s3cret@h/"}, []string{"DESKMATE_BLOB_URL: " + notS3}},
		{"key not base64", "", []string{"DESKMATE_SECRET_KEY=s3cret!"}, []string{"DESKMATE_SECRET_KEY: " + notKey}},
		{
			"key too short", "",
			[]string{"DESKMATE_SECRET_KEY=czNjcmV0"},
			[]string{"DESKMATE_SECRET_KEY: must be 32 bytes in base64, and these are 6: make one with: openssl rand -base64 32"},
		},
		{"log level", "", []string{"DESKMATE_LOG_LEVEL=loud"}, []string{"DESKMATE_LOG_LEVEL: must be debug, info, warn or error"}},
		{"calls in words", "", []string{"DESKMATE_API_RATE=many"}, []string{"DESKMATE_API_RATE: must be a whole number from 0 to 100000"}},
		{"calls below none", "", []string{"DESKMATE_API_RATE=-1"}, []string{"DESKMATE_API_RATE: must be a whole number from 0 to 100000"}},
		{"a share in words", "", []string{"DESKMATE_OTLP_ENDPOINT=http://c:4318", "DESKMATE_TRACE_SHARE=some"}, []string{"DESKMATE_TRACE_SHARE: must be a number from 0 to 1, such as 0.1"}},
		{"a share beyond all", "", []string{"DESKMATE_OTLP_ENDPOINT=http://c:4318", "DESKMATE_TRACE_SHARE=1.1"}, []string{"DESKMATE_TRACE_SHARE: must be a number from 0 to 1, such as 0.1"}},
		{"a share of nothing", "", []string{"DESKMATE_TRACE_SHARE=0.1"}, []string{"DESKMATE_TRACE_SHARE: has no effect without DESKMATE_OTLP_ENDPOINT"}},
		{"a collector without a scheme", "", []string{"DESKMATE_OTLP_ENDPOINT=collector:4318"}, []string{"DESKMATE_OTLP_ENDPOINT: must be an absolute http:// or https:// address without user, query or fragment"}},
		{"time zone", "", []string{"DESKMATE_TIME_ZONE=Mars/Base"}, []string{"DESKMATE_TIME_ZONE: " + notZone}},
		{"the machine's own time zone", "", []string{"DESKMATE_TIME_ZONE=Local"}, []string{"DESKMATE_TIME_ZONE: " + notZone}},
		{
			"mysql alone", "",
			[]string{mysql},
			[]string{
				"DESKMATE_REDIS_URL: is needed with a MySQL database: replicas meet there",
				"DESKMATE_SECRET_KEY: is needed with a MySQL database, the same for every replica: make one with: openssl rand -base64 32",
			},
		},
		{
			"model without endpoint", "",
			[]string{"DESKMATE_LLM_MODEL=m", "DESKMATE_LLM_API_KEY=s3cret"},
			[]string{
				"DESKMATE_LLM_API_KEY: has no effect without DESKMATE_LLM_BASE_URL",
				"DESKMATE_LLM_MODEL: has no effect without DESKMATE_LLM_BASE_URL",
			},
		},
		{
			"endpoint without model", "",
			[]string{"DESKMATE_LLM_BASE_URL=http://llm"},
			[]string{"DESKMATE_LLM_BASE_URL: has no effect without DESKMATE_LLM_MODEL or DESKMATE_EMBEDDING_MODEL"},
		},
		{
			"both forms", "",
			[]string{"DESKMATE_SECRET_KEY=" + goodKey, "DESKMATE_SECRET_KEY_FILE=key"},
			[]string{"DESKMATE_SECRET_KEY_FILE: can't be given beside DESKMATE_SECRET_KEY"},
		},
		{"absent file of a value", "", []string{"DESKMATE_SECRET_KEY_FILE=absent"}, []string{"DESKMATE_SECRET_KEY_FILE: open absent: file does not exist"}},
		{"absent settings file", "", []string{"DESKMATE_CONFIG=absent"}, []string{"DESKMATE_CONFIG: open absent: file does not exist"}},
		{
			"all at once, the file's in its own words", "secret_key: s3cret!\nlistn: x\npublic_url: desk\n",
			[]string{"DESKMATE_LISTEN=8080"},
			[]string{
				"desk.yaml: line 2: listn: is no known key; the nearest one is listen",
				"DESKMATE_LISTEN: " + notHost,
				"desk.yaml: line 3: public_url: " + notWeb,
				"desk.yaml: line 1: secret_key: " + notKey,
			},
		},
		{"names in upper case in the file", "LISTEN: :1", nil, []string{"desk.yaml: line 1: LISTEN: is no known key; the nearest one is listen"}},
		{"file that is a list", "- listen", nil, []string{"desk.yaml: line 1: must be keys with values"}},
		{
			"file that is not YAML", "secret_key: \"s3cret\nlisten: :1\n", nil,
			[]string{"desk.yaml: line 1: this is not YAML: could not find end character of double-quoted text"},
		},
		{"value that is a list", "listen: [1]", nil, []string{"desk.yaml: line 1: listen: must be a text"}},
		{"two documents", "listen: :1\n---\nlisten: :2\n", nil, []string{"desk.yaml: line 3: one document only"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			src := config.Source{Environ: tt.environ, ReadFile: files{"conf/desk.yaml": tt.file, "key": goodKey}.read}
			if tt.file != "" {
				src.File = "conf/desk.yaml"
			}
			got, err := config.Load(src)
			if err == nil {
				t.Fatal("Load took it")
			}
			if d := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Error("the error shows a secret")
			}
			if d := diff(config.Config{TimeZone: time.UTC}, withZone(got)); d != "" {
				t.Errorf("Load gave a configuration beside its error:\n%s", d)
			}
		})
	}
}

// withZone gives the zero configuration a time zone, for diff.
func withZone(c config.Config) config.Config {
	if c.TimeZone == nil {
		c.TimeZone = time.UTC
	}
	return c
}

func TestLoadMySQL(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, config.Source{
		Environ:  []string{mysql, "DESKMATE_REDIS_URL=redis://:s3cret@redis:6379/0", "DESKMATE_SECRET_KEY_FILE=key"},
		ReadFile: files{"key": goodKey + "\n"}.read,
	})
	if !c.MySQL() {
		t.Error("MySQL() is false")
	}
	want := make([]byte, 32)
	for i := range want {
		want[i] = byte(i)
	}
	if d := cmp.Diff(want, c.SecretKeyBytes()); d != "" {
		t.Errorf("SecretKeyBytes (-want +got):\n%s", d)
	}
	for _, shown := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%#v", c)} {
		if strings.Contains(shown, "s3cret") || strings.Contains(shown, goodKey) {
			t.Errorf("printed with a secret: %s", shown)
		}
	}
}

func TestLoadDataDirMovesTheDatabaseAndFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]string{"/var/lib/desk": "/var/lib/desk", "/var/lib/desk/": "/var/lib/desk", "desk": "desk"}
	for dir, want := range maps.All(tests) {
		got := mustLoad(t, config.Source{Environ: []string{"DESKMATE_DATA_DIR=" + dir}})
		if got.DatabaseURL.Reveal() != "sqlite://"+want+"/deskmate.db" || got.BlobURL.Reveal() != "file://"+want+"/blobs" {
			t.Errorf("in %s: %s and %s", dir, got.DatabaseURL.Reveal(), got.BlobURL.Reveal())
		}
		if !got.BlobFolder() {
			t.Errorf("in %s: the files are in no folder", dir)
		}
	}
}

func TestSecretKeyBytesWithoutKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "???", base64.StdEncoding.EncodeToString([]byte("short"))} {
		if got := (config.Config{SecretKey: model.Secret(key)}).SecretKeyBytes(); got != nil {
			t.Errorf("SecretKeyBytes of %q = %d bytes, want none", key, len(got))
		}
	}
}
