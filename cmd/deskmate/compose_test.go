package main

import (
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"deskmate/config"
	"deskmate/store/storetest"
)

// composeFile is compose.yaml, as far as we write such files; another key is a mistake.
type composeFile struct {
	Name     string
	Common   any `yaml:"x-common"`
	Program  any `yaml:"x-program"`
	Services map[string]composeService
	Networks map[string]struct{ Internal bool }
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

type composeService struct {
	Image       string
	Build       any
	Profiles    []string
	Restart     string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	CapAdd      []string `yaml:"cap_add"`
	SecurityOpt []string `yaml:"security_opt"`
	User        string
	Command     []string
	Environment map[string]string
	Secrets     []string
	Ports       []string
	Volumes     []string
	Tmpfs       []string
	Networks    []string
	NetworkMode string `yaml:"network_mode"`
	Logging     any
	Deploy      struct{ Replicas int }
	StopGrace   string                                `yaml:"stop_grace_period"`
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct {
		Test              []string
		Interval, Timeout string
		Retries           int
		StartPeriod       string `yaml:"start_period"`
	}
}

func readCompose(t testing.TB) composeFile {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file composeFile
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestComposeServices holds what every container of compose.yaml must be.
func TestComposeServices(t *testing.T) {
	t.Parallel()
	file := readCompose(t)
	profiles := map[string]string{}
	for name, s := range file.Services {
		profiles[name] = strings.Join(s.Profiles, ",")
		if !s.ReadOnly || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) {
			t.Errorf("%s has more rights than it needs: %+v", name, s)
		}
		if (s.Restart == "unless-stopped") == (len(s.Profiles) > 0) {
			t.Errorf("%s: what serves comes back after a failure, the demo does not: %q", name, s.Restart)
		}
		if own := strings.HasPrefix(s.Image, "deskmate:"); own == (len(s.Healthcheck.Test) > 0) {
			t.Errorf("%s: the health check of our image is in the image, others' are here", name)
		}
		if len(s.Ports) > 0 && name != "proxy" {
			t.Errorf("%s is reachable past the proxy: %q", name, s.Ports)
		}
		for _, secret := range s.Secrets {
			if file.Secrets[secret].File == "" {
				t.Errorf("%s: the secret %s has no file", name, secret)
			}
		}
		for dependency, on := range s.DependsOn {
			if on.Condition != "service_healthy" || file.Services[dependency].Image == "" {
				t.Errorf("%s does not wait until %s is healthy", name, dependency)
			}
		}
	}
	want := map[string]string{"deskmate": "", "proxy": "", "mysql": "", "redis": "", "demo": "demo"}
	if d := cmp.Diff(want, profiles); d != "" {
		t.Errorf("services and their profiles (-want +got):\n%s", d)
	}
	if !file.Networks["back"].Internal || !slices.Equal(file.Services["mysql"].Networks, []string{"back"}) ||
		!slices.Equal(file.Services["redis"].Networks, []string{"back"}) {
		t.Error("MySQL and Redis must be on the inner network alone")
	}
	desk := file.Services["deskmate"]
	if !slices.Equal(desk.Volumes, []string{"files:/data"}) {
		t.Errorf("the servers must keep files in one place: %q", desk.Volumes)
	}
	if grace, err := time.ParseDuration(desk.StopGrace); err != nil || grace <= config.ShutdownGrace {
		t.Errorf("the servers get %s to stop, and may take %s", desk.StopGrace, config.ShutdownGrace)
	}
	if desk.Deploy.Replicas < 2 || len(desk.DependsOn) != 2 || len(file.Services["proxy"].DependsOn) != 1 {
		t.Errorf("two servers after MySQL and Redis, the proxy after them: %+v", desk)
	}
}

// TestComposeSettings holds that the program takes the settings and the command lines that
// compose.yaml gives it, and that no secret stands in the file.
func TestComposeSettings(t *testing.T) {
	t.Parallel()
	file := readCompose(t)
	variable := regexp.MustCompile(`\$\{([A-Z_]+)(:[-?])([^}]*)\}`)
	secrets := map[string]string{
		"/run/secrets/database_url": "mysql://deskmate:pass@mysql:3306/deskmate",
		"/run/secrets/secret_key":   base64.StdEncoding.EncodeToString(storetest.Key()),
	}
	for _, name := range []string{"deskmate", "demo"} {
		var environ []string
		for key, value := range file.Services[name].Environment {
			value = variable.ReplaceAllStringFunc(value, func(found string) string {
				if parts := variable.FindStringSubmatch(found); parts[2] == ":-" {
					return parts[3]
				}
				return "https://desk.example.com"
			})
			environ = append(environ, key+"="+value)
		}
		cfg, err := config.Load(config.Source{Environ: environ, ReadFile: func(path string) ([]byte, error) {
			if text := secrets[path]; text != "" && slices.Contains(file.Services[name].Secrets, filepath.Base(path)) {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name == "deskmate" && (!cfg.MySQL() || cfg.RedisURL == "" || cfg.PublicURL != "https://desk.example.com") {
			t.Errorf("deskmate is set to %+v", cfg)
		}
	}
	cmd, rest, err := find(file.Services["demo"].Command)
	if err != nil {
		t.Fatal(err)
	}
	p := program{stdout: io.Discard, stderr: io.Discard, now: time.Now}
	if err := p.runCommand(t.Context(), cmd, append(rest, "--help")); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("the command line of the demo: %v", err)
	}
}
