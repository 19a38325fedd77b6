package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"deskmate/model"
)

// maxSeats is how many seats an account has at most, as with the native feature.
const maxSeats = 200

// AccountFile is what an account file says. Applying it sets the whole account: what
// the file leaves out is set to its default, and seats and owners it doesn't name are
// seats and owners no longer.
type AccountFile struct {
	Account model.Account     // without ID, Version and times
	Seats   []model.SeatSetup // in the order of the file, at most 200
	Owners  []string          // folded userids in the order of the file
}

// ReadAccount reads the account file at path.
func ReadAccount(path string) (AccountFile, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return AccountFile{}, fmt.Errorf("read the account file: %w", err)
	}
	dir := filepath.Dir(path)
	file, err := ParseAccount(data, func(name string) ([]byte, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return os.ReadFile(name) //nolint:gosec // the operator names the file
	})
	if err != nil {
		return AccountFile{}, fmt.Errorf("%s:\n%w", path, err)
	}
	return file, nil
}

// ParseAccount reads an account file; account.example.yaml documents its keys and their
// defaults. Files named in it (secret_file and the like) are read with readFile. Its error
// names every problem, one a line, with the line in the file.
func ParseAccount(data []byte, readFile func(name string) ([]byte, error)) (AccountFile, error) {
	var p problems
	top := parseYAML(data, &p)
	if err := p.err(); err != nil {
		return AccountFile{}, err // without its structure every key would count as missing
	}
	r := accountReader{top: top, readFile: readFile}
	r.file.Account = model.Account{Enabled: true, Policy: model.DefaultPolicy()}
	r.identity()
	r.people()
	r.profile()
	r.policy()
	r.group()
	top.done()
	if err := p.err(); err != nil {
		return AccountFile{}, err
	}
	return r.file, nil
}

// accountReader fills an AccountFile from the top of an account file.
type accountReader struct {
	top      *section
	readFile func(string) ([]byte, error)
	file     AccountFile
}

// identity reads which app of which corp the account is.
func (r *accountReader) identity() {
	a := &r.file.Account
	r.required("key", &a.Key, "1 to 40 of a-z, 0-9 and -", model.IsAccountKey)
	r.required("name", &a.Name, "1 to 40 characters", func(s string) bool { return s != "" && model.IsLine(s, model.NameMost) })
	r.top.flag("enabled", &a.Enabled)
	r.required("corp_id", &a.CorpID, "the corp's ID (企业ID), such as ww0123456789abcdef", model.IsCorpID)
	var agent string
	r.required("agent_id", &agent, "the app's AgentId, a positive whole number", func(s string) bool {
		id, err := strconv.ParseInt(s, 10, 64)
		a.AgentID = id
		return err == nil && id > 0
	})
	r.secret("secret", &a.Secret, "the app's Secret, without white space", model.IsSecret)
	r.secret("token", &a.Token, "the callback's Token, 1 to 32 letters and digits", model.IsCallbackToken)
	r.secret("encoding_aes_key", &a.EncodingAESKey,
		"the callback's EncodingAESKey, exactly 43 letters and digits", model.IsAESKey)
}

// required reads a text that must be there; allowed says what valid takes.
func (r *accountReader) required(key string, to *string, allowed string, valid func(string) bool) {
	requiredIn(r.top, key, to, allowed, valid)
}

func requiredIn(s *section, key string, to *string, allowed string, valid func(string) bool) {
	if !s.has(key) {
		s.problem(key, "is missing: %s", allowed)
		return
	}
	s.text(key, to, must(allowed, valid))
}

// secret reads a required secret, given itself or as the file that holds it.
func (r *accountReader) secret(key string, to *model.Secret, allowed string, valid func(string) bool) {
	r.secretIn(r.top, key, to, allowed, valid)
}

func (r *accountReader) secretIn(s *section, key string, to *model.Secret, allowed string, valid func(string) bool) {
	var text, name string
	fileKey := key + "_file"
	switch here, elsewhere := s.has(key), s.has(fileKey); {
	case here && elsewhere:
		s.problem(fileKey, "can't be given beside %s", key)
	case elsewhere:
		s.text(fileKey, &name, func(name string) error {
			if r.readFile == nil {
				return errors.New("no other file can be read from here")
			}
			data, err := r.readFile(name)
			if err != nil {
				return err
			}
			text = strings.TrimSpace(string(data))
			return must(allowed, valid)(text)
		})
	default:
		requiredIn(s, key, &text, allowed, valid)
	}
	*to = model.Secret(text)
}

// people reads seats and owners.
func (r *accountReader) people() {
	r.seats()
	r.top.texts("owners", &r.file.Owners, userIDs())
	fold(r.file.Owners)
}

// profile reads what people see of the account.
func (r *accountReader) profile() {
	p := &r.file.Account.Profile
	r.top.text("alias", &p.Alias, lineUpTo(model.AliasMost))
	r.top.text("gender", &p.Gender, must("male or female", func(s string) bool {
		return s == "male" || s == "female" || s == ""
	}))
	r.top.text("landline", &p.Landline, must("1 to 32 of 0-9 and -", func(s string) bool {
		return s == "" || model.IsLandline(s)
	}))
	r.top.text("description", &p.Description, must("at most 250 characters", func(s string) bool {
		return model.IsText(s, model.DescriptionMost)
	}))
	r.top.text("department", &p.Department, lineUpTo(model.DepartmentMost))

	w := r.top.section("service_window")
	before := len(*w.problems)
	w.text("title", &p.ServiceWindow.Title, lineUpTo(model.WindowTitleMost))
	w.text("url", &p.ServiceWindow.URL, must("an absolute http:// or https:// address of at most 1024 bytes", webPage))
	w.done()
	if len(*w.problems) == before && (p.ServiceWindow.Title == "") != (p.ServiceWindow.URL == "") {
		r.top.problem("service_window", "needs both title and url")
	}
}
