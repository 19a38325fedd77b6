package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus"
)

// The dashboard and the alerts ask for metrics that there are, by labels that they have.
func TestDashboardAndAlerts(t *testing.T) {
	t.Parallel()
	known := describedMetrics(t)
	asked := map[string]bool{}
	for where, query := range shippedQueries(t) {
		for _, problem := range queryProblems(query, known, asked) {
			t.Errorf("%s: %s", where, problem)
		}
	}
	for name := range known {
		if !asked[name] {
			t.Errorf("neither the dashboard nor an alert shows %s", name)
		}
	}
}

func TestQueryProblems(t *testing.T) {
	t.Parallel()
	known := map[string][]string{"deskmate_pushes_total": {"result"}}
	for query, want := range map[string]int{
		`sum by (result) (rate(deskmate_pushes_total{instance=~"$instance", result="dead"}[5m]))`: 0,
		`rate(deskmate_pushs_total[5m])`:                          1,
		`rate(deskmate_pushes_total{outcome="dead"}[5m])`:         1,
		`sum by (errcode) (rate(deskmate_pushes_total[5m]))`:      1,
		`sum by (errcode) (rate(deskmate_push_total{a="b"}[5m]))`: 3,
	} {
		if got := queryProblems(query, known, map[string]bool{}); len(got) != want {
			t.Errorf("%s: %q, want %d problems", query, got, want)
		}
	}
}

// queryProblems are the metrics and labels of a query that don't exist; it notes what is asked for.
func queryProblems(query string, known map[string][]string, asked map[string]bool) (problems []string) {
	labels := map[string]bool{"instance": true, "job": true, "le": true}
	selector := regexp.MustCompile(`(deskmate_[a-z_]+?)(?:_bucket|_sum|_count)?(?:\{([^}]*)\})?[^a-z_{]`)
	label := regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)`)
	for _, found := range selector.FindAllStringSubmatch(query+" ", -1) {
		name := found[1]
		own, ok := known[name]
		if asked[name] = true; !ok {
			problems = append(problems, "there is no metric "+name)
		}
		for _, one := range own {
			labels[one] = true
		}
		for _, one := range label.FindAllStringSubmatch(found[2], -1) {
			if !slices.Contains(append([]string{"instance", "job"}, own...), one[1]) {
				problems = append(problems, name+" has no label "+one[1])
			}
		}
	}
	for _, by := range regexp.MustCompile(`by \(([^)]*)\)`).FindAllStringSubmatch(query, -1) {
		for one := range strings.SplitSeq(by[1], ",") {
			if one = strings.TrimSpace(one); !labels[one] {
				problems = append(problems, "nothing in it has a label "+one)
			}
		}
	}
	return problems
}

// shippedQueries are the queries of deploy, by where they stand.
func shippedQueries(t *testing.T) map[string]string {
	t.Helper()
	read := func(parts ...string) []byte {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "deploy"}, parts...)...))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var board struct {
		Panels []struct {
			Type, Title string
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(read("grafana", "deskmate.json"), &board); err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr         string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.UnmarshalWithOptions(read("prometheus", "alerts.yaml"), &rules, yaml.AllowDuplicateMapKey()); err != nil {
		t.Fatal(err)
	}
	queries := map[string]string{}
	for _, panel := range board.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("panel %q shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			queries["panel "+panel.Title+" "+target.Expr] = target.Expr
		}
	}
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			if rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
				t.Errorf("alert %q says too little", rule.Alert)
			}
			queries["alert "+rule.Alert] = rule.Expr
		}
	}
	if len(queries) < 20 {
		t.Errorf("only %d queries: %q", len(queries), slices.Sorted(maps.Keys(queries)))
	}
	return queries
}

// describedMetrics are our own metrics with their labels.
func describedMetrics(t *testing.T) map[string][]string {
	t.Helper()
	descs := make(chan *prometheus.Desc, 1000)
	newMetrics().registry.Describe(descs)
	close(descs)
	parts := regexp.MustCompile(`fqName: "(deskmate_[a-z_]+)".*variableLabels: \{([^}]*)\}`)
	known := map[string][]string{}
	for desc := range descs {
		if found := parts.FindStringSubmatch(desc.String()); found != nil {
			known[found[1]] = strings.FieldsFunc(found[2], func(r rune) bool { return r == ',' })
		}
	}
	if len(known) < 10 {
		t.Fatalf("only %d metrics are known", len(known))
	}
	return known
}
