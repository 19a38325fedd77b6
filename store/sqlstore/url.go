package sqlstore

import (
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"

	"deskmate/model"
)

const (
	sqliteScheme = "sqlite://"
	mysqlScheme  = "mysql://"
)

// parseURL finds the dialect for a database URL. No error shows any part of a URL
// that could hold a password.
func parseURL(raw string) (dialect, error) {
	switch {
	case strings.HasPrefix(raw, sqliteScheme):
		return parseSQLite(strings.TrimPrefix(raw, sqliteScheme))
	case strings.HasPrefix(raw, mysqlScheme):
		return parseMySQL(raw)
	}
	return nil, model.Invalid("database_url", "the database URL must begin with %s or %s", sqliteScheme, mysqlScheme)
}

func parseSQLite(path string) (dialect, error) {
	if path == "" || strings.HasSuffix(path, "/") {
		return nil, model.Invalid("database_url", "the database URL must name a file, as in sqlite:///var/lib/deskmate.db")
	}
	return sqliteDialect{path: path}, nil
}

func parseMySQL(raw string) (dialect, error) {
	bad := model.Invalid("database_url", "the database URL must read mysql://user:password@host:3306/database "+
		"(special characters in the password are written as %%40 for @, and so on)")
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, bad // the cause would show the password
	}
	name := strings.TrimPrefix(u.Path, "/")
	if name == "" || strings.Contains(name, "/") {
		return nil, bad
	}
	cfg, err := mysql.ParseDSN("/?" + u.RawQuery)
	if err != nil {
		return nil, model.Invalid("database_url", "the database URL has an option that the driver doesn't know")
	}
	cfg.Net, cfg.DBName = "tcp", name
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Addr = u.Host
	if u.Port() == "" {
		const defaultPort = "3306"
		cfg.Addr = u.Host + ":" + defaultPort
	}
	return newMySQLDialect(cfg), nil
}
