package sqlstore

import (
	"embed"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

//go:embed migration/*.sql
var migrationFiles embed.FS

// indexWord matches {{index name (columns)}} with the comma and the comment before
// it: MySQL takes it inside CREATE TABLE, SQLite wants a statement of its own.
var indexWord = regexp.MustCompile(`,\s*(?:--[^\n]*\s*)*\{\{index (\w+) (\([^)]*\))\}\}`)

// createTable matches one CREATE TABLE statement with its name.
var createTable = regexp.MustCompile("(?s)CREATE TABLE IF NOT EXISTS (`\\w+`).*?\\{\\{opts\\}\\};")

// words are what the placeholders of the migrations mean on a dialect.
func words(dialect string) *strings.Replacer {
	if dialect == sqliteDriver {
		return strings.NewReplacer(
			"{{pk}}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{{bool}}", "INTEGER",
			"{{json}}", "TEXT", "{{text}}", "TEXT", "{{opts}}", "",
		)
	}
	return strings.NewReplacer(
		"{{pk}}", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "{{bool}}", "TINYINT(1)",
		"{{json}}", "MEDIUMTEXT", "{{text}}", "TEXT",
		// Binary collation for everything: keys are equal on MySQL when they are on SQLite.
		"{{opts}}", "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
	)
}

// render writes a migration for a dialect.
func render(source, dialect string) string {
	source = createTable.ReplaceAllStringFunc(source, func(statement string) string {
		if dialect != sqliteDriver {
			return indexWord.ReplaceAllString(statement, ",\n  KEY $1 $2")
		}
		table := createTable.FindStringSubmatch(statement)[1]
		var apart strings.Builder
		apart.WriteString(indexWord.ReplaceAllString(statement, ""))
		for _, m := range indexWord.FindAllStringSubmatch(statement, -1) {
			apart.WriteString("\nCREATE INDEX IF NOT EXISTS " + m[1] + " ON " + table + " " + m[2] + ";")
		}
		return apart.String()
	})
	return words(dialect).Replace(source)
}

// renderedFS shows the migrations as they read on one dialect.
type renderedFS struct {
	dialect string
}

// Open implements fs.FS.
func (r renderedFS) Open(name string) (fs.File, error) {
	f, err := migrationFiles.Open(path.Join("migration", name))
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	source, err := migrationFiles.ReadFile(path.Join("migration", name))
	if err != nil {
		return nil, err
	}
	return renderedFile{Reader: strings.NewReader(render(string(source), r.dialect)), info: info}, nil
}

// renderedFile is an open file of a renderedFS.
type renderedFile struct {
	*strings.Reader
	info fs.FileInfo
}

// Stat implements fs.File; the size is that of the source.
func (f renderedFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (renderedFile) Close() error { return nil }
