package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// auditWord matches what audit actions look like.
var auditWord = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)

// auditActions finds every action that the program writes into the audit log: what is given to
// a field or a variable of that name, or to a function of the audit.
func auditActions(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && (entry.Name() == "web" || strings.HasPrefix(entry.Name(), ".") && path != root) {
				return fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range auditWords(n) {
				if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if word, err := strconv.Unquote(lit.Value); err == nil && auditWord.MatchString(word) {
						found[word] = path
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// auditWords are the expressions in which an action may stand.
func auditWords(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Action" {
			return []ast.Expr{n.Value}
		}
	case *ast.AssignStmt:
		if to, ok := n.Lhs[0].(*ast.Ident); ok && strings.EqualFold(to.Name, "action") {
			return n.Rhs
		}
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if name = strings.ToLower(name); strings.Contains(name, "audit") || name == "note" || strings.HasSuffix(name, "entry") {
			return n.Args
		}
	}
	return nil
}

// The console has words for every action of the audit log, in every language.
func TestAuditLabels(t *testing.T) {
	t.Parallel()
	actions := auditActions(t, "../..")
	for _, known := range []string{"seat.added", "seat.left", "session.taken_over", "record.read", "calendar.changed", "deadletter.retried", "token.created"} {
		if actions[known] == "" {
			t.Errorf("the action %s was not found in the code", known)
		}
	}
	for _, locale := range []string{"zh-CN", "en"} {
		data, err := os.ReadFile("../../web/src/features/audit/locales/" + locale + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var texts struct {
			Audit struct {
				Action map[string]map[string]string `json:"action"`
			} `json:"audit"`
		}
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatal(err)
		}
		for action, path := range actions {
			group, word, _ := strings.Cut(action, ".")
			if texts.Audit.Action[group][word] == "" {
				t.Errorf("%s: no words for %s, which %s writes", locale, action, path)
			}
		}
	}
}
