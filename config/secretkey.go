package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"deskmate/model"
)

// secretKeyFile is the generated key's name in the data folder.
const secretKeyFile = "secret.key"

// SecretKeyBytes is the key itself, 32 bytes; nil where none is set yet.
func (c Config) SecretKeyBytes() []byte {
	key, err := base64.StdEncoding.DecodeString(c.SecretKey.Reveal())
	if err != nil || len(key) != keyBytes {
		return nil
	}
	return key
}

// EnsureSecretKey gives a configuration whose SecretKey is set: c itself where it has
// one, else with the key in secret.key of the data folder, which is made, readable to
// its owner only, where it is absent. Of several processes that make it at once all get
// the same key. It fails with a MySQL database, whose replicas must be given one key, and
// where the file can't be read or written or holds no key.
func EnsureSecretKey(c Config) (Config, error) {
	if c.SecretKey != "" {
		return c, nil
	}
	if c.MySQL() {
		return Config{}, fmt.Errorf("%sSECRET_KEY: is needed with a MySQL database", prefix)
	}
	path := filepath.Join(c.DataDir, secretKeyFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := createSecretKey(c.DataDir, path); err != nil {
			return Config{}, fmt.Errorf("make %s: %w", path, err)
		}
	}
	data, err := os.ReadFile(path) //nolint:gosec // the operator names the data folder
	if err != nil {
		return Config{}, fmt.Errorf("read the secret key: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if err := checkSecretKey(text); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	c.SecretKey = model.Secret(text)
	return c, nil
}

// createSecretKey writes a new key to path, durably, unless another process was first. The
// file appears whole or not at all: it is written under another name and then linked,
// which, unlike a rename, never replaces a key that is already in use.
func createSecretKey(dir, path string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, secretKeyFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()

	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	_, err = tmp.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	syncDir(dir)
	return nil
}

// syncDir makes a new name in dir survive a power cut, where the platform can.
func syncDir(dir string) {
	d, err := os.Open(dir) //nolint:gosec // the operator names the data folder
	if err != nil {
		return
	}
	_ = d.Sync()
	_ = d.Close()
}
