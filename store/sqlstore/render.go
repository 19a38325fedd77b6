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

// columnWord matches {{column table name definition}};, which adds a column to a table that
// has it not yet.
var columnWord = regexp.MustCompile(`(?m)^\{\{column (\w+) (\w+) (.*)\}\};$`)

// addIndexWord matches {{addindex table name (columns)}};, which adds an index to a table that is
// there already.
var addIndexWord = regexp.MustCompile(`(?m)^\{\{addindex (\w+) (\w+) (\([^)]*\))\}\};$`)

// dropIndexWord matches {{dropindex table name}};, which takes an index away that no query uses
// any more.
var dropIndexWord = regexp.MustCompile(`(?m)^\{\{dropindex (\w+) (\w+)\}\};$`)

// textDefault matches the empty default of a column of long text, which MySQL takes as an
// expression only.
var textDefault = regexp.MustCompile(`(\{\{(?:json|text)\}\} NOT NULL) DEFAULT ''`)

// createTable matches one CREATE TABLE statement with its name.
var createTable = regexp.MustCompile("(?s)CREATE TABLE IF NOT EXISTS (`\\w+`).*?\\{\\{opts\\}\\};")

// words are what the placeholders of the migrations mean on a dialect.
func words(dialect string) *strings.Replacer {
	if dialect == sqliteDriver {
		return strings.NewReplacer(
			"{{pk}}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{{bool}}", "INTEGER",
			"{{json}}", "TEXT", "{{text}}", "TEXT", "{{blob}}", "BLOB", "{{opts}}", "",
		)
	}
	return strings.NewReplacer(
		"{{pk}}", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY", "{{bool}}", "TINYINT(1)",
		"{{json}}", "MEDIUMTEXT", "{{text}}", "TEXT", "{{blob}}", "MEDIUMBLOB",
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
	source = columnWord.ReplaceAllStringFunc(source, func(statement string) string {
		m := columnWord.FindStringSubmatch(statement)
		return addColumn(dialect, m[1], m[2], m[3])
	})
	source = addIndexWord.ReplaceAllStringFunc(source, func(statement string) string {
		m := addIndexWord.FindStringSubmatch(statement)
		return addIndex(dialect, m[1], m[2], m[3])
	})
	source = dropIndexWord.ReplaceAllStringFunc(source, func(statement string) string {
		m := dropIndexWord.FindStringSubmatch(statement)
		return dropIndex(dialect, m[1], m[2])
	})
	return words(dialect).Replace(source)
}

// addIndex adds an index to a table, unless it has it; see addColumn.
func addIndex(dialect, table, name, columns string) string {
	if dialect == sqliteDriver {
		return "CREATE INDEX IF NOT EXISTS " + name + " ON `" + table + "` " + columns + ";"
	}
	return onlyIfNone("CREATE INDEX "+name+" ON `"+table+"` "+columns,
		"statistics WHERE table_schema = DATABASE() AND table_name = '"+table+"' AND index_name = '"+name+"'")
}

// dropIndex takes an index away, if it is there.
func dropIndex(dialect, table, name string) string {
	if dialect == sqliteDriver {
		return "DROP INDEX IF EXISTS " + name + ";"
	}
	return changeIf("COUNT(*) > 0", "DROP INDEX "+name+" ON `"+table+"`",
		"statistics WHERE table_schema = DATABASE() AND table_name = '"+table+"' AND index_name = '"+name+"'")
}

// onlyIfNone runs a statement on MySQL where information_schema has no row of this kind.
func onlyIfNone(statement, rows string) string { return changeIf("COUNT(*) = 0", statement, rows) }

// changeIf runs a statement on MySQL where a condition on rows of information_schema holds.
func changeIf(condition, statement, rows string) string {
	return "SET @change = (SELECT IF(" + condition + ", \"" + statement + "\", 'DO 0') FROM information_schema." + rows + ");\n" +
		"PREPARE change_schema FROM @change;\nEXECUTE change_schema;\nDEALLOCATE PREPARE change_schema;"
}

// addColumn adds a column with a default for the rows that are there. SQLite runs a
// migration in one transaction, so it never meets a column that it has added before; MySQL
// has to ask, and knows no IF outside of procedures.
func addColumn(dialect, table, name, definition string) string {
	add := "ALTER TABLE `" + table + "` ADD COLUMN `" + name + "` " + definition
	if dialect == sqliteDriver {
		return add + ";"
	}
	add = textDefault.ReplaceAllString(add, "$1 DEFAULT ('')")
	return onlyIfNone(add, "columns WHERE table_schema = DATABASE() AND table_name = '"+table+"' AND column_name = '"+name+"'")
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
