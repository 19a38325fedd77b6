package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
)

const (
	sqliteScheme = "sqlite://"
	mysqlScheme  = "mysql://"
	folderScheme = "file://"
	s3Scheme     = "s3://"
	keyBytes     = 32
	makeKey      = "make one with: openssl rand -base64 32"
)

// text takes any text.
func text[T ~string](to *T) func(string) error {
	return func(s string) error {
		*to = T(s)
		return nil
	}
}

// address takes host:port.
func address(to *string) func(string) error {
	return func(s string) error {
		_, port, err := net.SplitHostPort(s)
		if err == nil {
			_, err = strconv.ParseUint(port, 10, 16)
		}
		if err != nil {
			return errors.New("must be host:port with a port number, such as :8080 or 127.0.0.1:8080")
		}
		*to = s
		return nil
	}
}

// networks takes addresses and networks, parted by commas.
func networks(to *[]string) func(string) error {
	return func(s string) error {
		var list []string
		for part := range strings.SplitSeq(s, ",") {
			part = strings.TrimSpace(part)
			if part == "" {
				continue
			}
			if _, err := netip.ParsePrefix(part); err != nil {
				if _, err := netip.ParseAddr(part); err != nil {
					return fmt.Errorf("%q is no address such as 10.0.0.5 and no network such as 10.0.0.0/8", part)
				}
			}
			list = append(list, part)
		}
		*to = list
		return nil
	}
}

// webURL takes the address of a web server; slashes at its end are cut.
func webURL(to *string) func(string) error {
	return func(s string) error {
		u, err := url.Parse(s)
		if err != nil || !isWeb(u) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("must be an absolute http:// or https:// address without user, query or fragment")
		}
		*to = strings.TrimRight(s, "/")
		return nil
	}
}

// wsURL takes the address of a WebSocket server.
func wsURL(to *string) func(string) error {
	return func(s string) error {
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "ws" && u.Scheme != "wss") || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("must be an absolute ws:// or wss:// address without user, query or fragment")
		}
		*to = s
		return nil
	}
}

// isWeb reports whether u is an absolute http(s) address.
func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// databaseURL takes an SQLite path or a MySQL address. What net/url says of a wrong one
// is not passed on: it quotes the password.
func databaseURL(to *model.Secret) func(string) error {
	return func(s string) error {
		path, sqlite := strings.CutPrefix(s, sqliteScheme)
		switch {
		case sqlite && path != "" && !strings.HasSuffix(path, "/"):
		case strings.HasPrefix(s, mysqlScheme):
			u, err := url.Parse(s)
			if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") == "" {
				return errors.New("must be mysql://user:password@host:3306/name, special characters of the password as %XX")
			}
		default:
			return errors.New("must be sqlite:///path/deskmate.db or mysql://user:password@host:3306/name")
		}
		*to = model.Secret(s)
		return nil
	}
}

// blobURL takes a folder or a bucket; the latter's address holds a secret, like databaseURL.
func blobURL(to *model.Secret) func(string) error {
	return func(s string) error {
		path, folder := strings.CutPrefix(s, folderScheme)
		switch {
		case folder && path != "":
		case strings.HasPrefix(s, s3Scheme):
			u, err := url.Parse(s)
			if err != nil || u.Hostname() == "" || u.User == nil || strings.Trim(u.Path, "/") == "" {
				return errors.New("must be s3://KEY:SECRET@host/bucket, special characters of the secret as %XX")
			}
		default:
			return errors.New("must be file:///folder or s3://KEY:SECRET@host/bucket")
		}
		*to = model.Secret(s)
		return nil
	}
}

// redisURL takes a Redis address; it may hold a password, like databaseURL.
func redisURL(to *model.Secret) func(string) error {
	return func(s string) error {
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "redis" && u.Scheme != "rediss") || u.Hostname() == "" {
			return errors.New("must be redis://host:6379/0 or rediss://…, special characters of the password as %XX")
		}
		*to = model.Secret(s)
		return nil
	}
}

// secretKey takes the key of secrets at rest.
func secretKey(to *model.Secret) func(string) error {
	return func(s string) error {
		if err := checkSecretKey(s); err != nil {
			return err
		}
		*to = model.Secret(s)
		return nil
	}
}

// checkSecretKey says what is wrong with a key without showing any of it.
func checkSecretKey(s string) error {
	key, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return fmt.Errorf("must be %d bytes in base64, and this is not base64: %s", keyBytes, makeKey)
	}
	if len(key) != keyBytes {
		return fmt.Errorf("must be %d bytes in base64, and these are %d: %s", keyBytes, len(key), makeKey)
	}
	return nil
}

// logLevel takes the name of a level.
func logLevel(to *slog.Level) func(string) error {
	return func(s string) error {
		switch strings.ToLower(s) {
		case "debug", "info", "warn", "error":
			return to.UnmarshalText([]byte(s))
		default:
			return errors.New("must be debug, info, warn or error")
		}
	}
}

// whole reads a number from 0 to most.
func whole(to *int, most int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || n > most {
			return fmt.Errorf("must be a whole number from 0 to %d", most)
		}
		*to = n
		return nil
	}
}

// share reads a part of a whole.
func share(to *float64) func(string) error {
	return func(s string) error {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !(f >= 0 && f <= 1) {
			return errors.New("must be a number from 0 to 1, such as 0.1")
		}
		*to = f
		return nil
	}
}

// timeZone takes a name of the IANA database. Local is none: replicas would disagree.
func timeZone(to **time.Location) func(string) error {
	return func(s string) error {
		loc, err := time.LoadLocation(s)
		if err != nil || s == "Local" {
			return errors.New("must be the name of a time zone, such as Asia/Shanghai or UTC")
		}
		*to = loc
		return nil
	}
}
