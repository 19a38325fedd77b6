package config

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	prefix     = "DESKMATE_"
	testPrefix = prefix + "TEST_" // where the tests find their servers
	configName = prefix + "CONFIG"
	fileSuffix = "_FILE"
)

// kubernetesLink matches what Kubernetes puts into every container's environment for a
// service named deskmate or deskmate-…; nobody wrote these.
var kubernetesLink = regexp.MustCompile(
	`^DESKMATE_(\w+_)?(SERVICE_HOST=|SERVICE_PORT(_\w+)?=|PORT=\w+://|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=)`)

// value is the text of a setting and where it was found, in the words of whoever wrote it.
type value struct {
	text   string
	origin string
}

// values gathers the settings that are given, by name without the prefix: those of the
// file, overlaid with those of the environment.
func (src Source) values(settings []setting, p *problems) map[string]value {
	env, file := src.environment(settings, p)
	origin := "--config"
	if src.File != "" {
		file = src.File
	} else {
		origin = configName
	}
	given := make(map[string]value)
	if file != "" {
		data, err := src.ReadFile(file)
		if err != nil {
			p.add("%s: %w", origin, err)
		} else {
			given = src.resolve(fileValues(data, filepath.Base(file), settings, p), p)
		}
	}
	maps.Copy(given, src.resolve(env, p))
	return given
}

// environment gathers the settings of the environment, those ending in _FILE under
// that name, and the path of the settings file.
func (src Source) environment(settings []setting, p *problems) (given map[string]value, file string) {
	known := names(settings)
	given = make(map[string]value)
	for _, pair := range slices.Sorted(slices.Values(src.Environ)) {
		name, text, _ := strings.Cut(pair, "=")
		text = strings.TrimSpace(text)
		short, ours := strings.CutPrefix(name, prefix)
		switch {
		case !ours, strings.HasPrefix(name, testPrefix), kubernetesLink.MatchString(pair):
		case name == configName:
			file = text
		case !slices.Contains(known, short):
			p.add("%s: is no setting; the nearest one is %s%s", name, prefix, nearest(short, append(known, "CONFIG")))
		case text != "":
			given[short] = value{text: text, origin: name}
		}
	}
	return given, file
}

// fileValues gathers the settings of a YAML file, by their names in the environment.
func fileValues(data []byte, file string, settings []setting, p *problems) map[string]value {
	given := make(map[string]value)
	var own problems
	top := parseYAML(data, &own)
	for _, name := range names(settings) {
		key := strings.ToLower(name)
		var text string
		top.text(key, &text, nil)
		if text != "" {
			given[name] = value{text: text, origin: file + ": " + top.at(key)}
		}
	}
	top.done()
	for _, err := range own {
		p.add("%s: %w", file, err)
	}
	return given
}

// resolve replaces each value NAME_FILE by the content of the file it names.
func (src Source) resolve(given map[string]value, p *problems) map[string]value {
	out := make(map[string]value, len(given))
	for name, v := range given {
		short, isFile := strings.CutSuffix(name, fileSuffix)
		if !isFile {
			out[name] = v
			continue
		}
		if other, both := given[short]; both {
			p.add("%s: can't be given beside %s", v.origin, other.origin)
			continue
		}
		data, err := src.ReadFile(v.text)
		if err != nil {
			p.add("%s: %w", v.origin, err)
			continue
		}
		if content := strings.TrimSpace(string(data)); content != "" {
			out[short] = value{text: content, origin: v.origin}
		}
	}
	return out
}

// names lists what may be given: each setting, and the same with _FILE.
func names(settings []setting) []string {
	out := make([]string, 0, 2*len(settings)+1)
	for _, s := range settings {
		out = append(out, s.name)
	}
	for _, s := range settings {
		out = append(out, s.name+fileSuffix)
	}
	return out
}
