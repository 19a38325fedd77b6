package config_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/config"
)

// documented is what example.env says of one setting.
type documented struct {
	name, kind, fallback, example, assigned string
}

// readExampleEnv reads the setting blocks of example.env.
func readExampleEnv(t testing.TB) []documented {
	t.Helper()
	data, err := os.ReadFile("example.env")
	if err != nil {
		t.Fatal(err)
	}
	var all []documented
	for block := range strings.SplitSeq(string(data), "\n\n") {
		var d documented
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			for label, to := range map[string]*string{"# Type:": &d.kind, "# Default:": &d.fallback, "# Example:": &d.example} {
				if v, ok := strings.CutPrefix(line, label); ok {
					*to = strings.TrimSpace(v)
				}
			}
			if v, ok := strings.CutPrefix(line, "#DESKMATE_"); ok {
				d.name, d.assigned, _ = strings.Cut(v, "=")
			}
		}
		if d.name != "" {
			all = append(all, d)
		}
	}
	return all
}

// company is an environment in which every setting may be given, with one setting of
// one's own.
func company(name, value string) []string {
	settings := map[string]string{
		"DATABASE_URL": "sqlite://x", "BLOB_URL": "file://x", "REDIS_URL": "redis://r", "SECRET_KEY": strings.Repeat("A", 43) + "=",
		"LLM_BASE_URL": "http://l", "OTLP_ENDPOINT": "http://c", "LLM_MODEL": "m", "EMBEDDING_MODEL": "e",
	}
	settings[name] = value
	var environ []string
	for n, v := range settings {
		if v != "" {
			environ = append(environ, "DESKMATE_"+n+"="+v)
		}
	}
	return environ
}

// changedField is the one field in which two configurations differ, in upper case; ""
// where not exactly one does.
func changedField(a, b config.Config) string {
	var changed []string
	va, vb := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range va.NumField() {
		if !reflect.DeepEqual(va.Field(i).Interface(), vb.Field(i).Interface()) {
			changed = append(changed, strings.ToUpper(va.Type().Field(i).Name))
		}
	}
	if len(changed) != 1 {
		return ""
	}
	return changed[0]
}

func TestExampleEnvListsEveryField(t *testing.T) {
	t.Parallel()
	var fields, names []string
	for f := range reflect.TypeFor[config.Config]().Fields() {
		fields = append(fields, strings.ToUpper(f.Name))
	}
	for _, d := range readExampleEnv(t) {
		names = append(names, strings.ReplaceAll(d.name, "_", ""))
	}
	if d := cmp.Diff(fields, names); d != "" {
		t.Errorf("fields of Config and keys of example.env (-fields +keys):\n%s", d)
	}
}

func TestExampleEnvIsTrue(t *testing.T) {
	t.Parallel()
	for _, d := range readExampleEnv(t) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			if d.kind == "" || d.example == "" {
				t.Errorf("type %q, example %q: one is missing", d.kind, d.example)
			}
			if d.assigned != d.fallback {
				t.Errorf("the commented line sets %q, the default is said to be %q", d.assigned, d.fallback)
			}
			documented := config.Source{Environ: []string{"DESKMATE_" + d.name + "=" + d.fallback}}
			if diff := diff(config.Default(), mustLoad(t, documented)); diff != "" {
				t.Errorf("with the documented default (-Default +Load):\n%s", diff)
			}

			before := mustLoad(t, config.Source{Environ: company("", "")})
			after := mustLoad(t, config.Source{Environ: company(d.name, d.example)})
			if field := changedField(before, after); field != strings.ReplaceAll(d.name, "_", "") {
				t.Errorf("the example changes field %q", field)
			}
			fromYAML := mustLoad(t, config.Source{
				File:     "x.yaml",
				ReadFile: files{"x.yaml": strings.ToLower(d.name) + ": " + d.example + "\n"}.read,
				Environ:  company(d.name, ""),
			})
			if diff := diff(after, fromYAML); diff != "" {
				t.Errorf("the example in a YAML file (-environment +file):\n%s", diff)
			}
		})
	}
}
