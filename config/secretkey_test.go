package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"deskmate/config"
)

func TestEnsureSecretKeyMakesOne(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "yet")
	first, err := config.EnsureSecretKey(config.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(first.SecretKeyBytes()); n != 32 {
		t.Errorf("the key has %d bytes, want 32", n)
	}
	info, err := os.Stat(filepath.Join(dir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode(); mode != 0o600 {
		t.Errorf("secret.key has mode %v, want -rw-------", mode)
	}
	again, err := config.EnsureSecretKey(config.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if again.SecretKey != first.SecretKey {
		t.Error("the second start got another key")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("the data folder holds %v, want secret.key alone", entries)
	}
}

func TestEnsureSecretKeyIsOneForAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keys := make([]string, 16)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			c, err := config.EnsureSecretKey(config.Config{DataDir: dir})
			if err != nil {
				t.Error(err)
			}
			keys[i] = c.SecretKey.Reveal()
		})
	}
	wg.Wait()
	for _, key := range keys {
		if key == "" || key != keys[0] {
			t.Fatal("processes that start together got different keys")
		}
	}
}

func TestEnsureSecretKeyKeepsTheGivenOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := config.EnsureSecretKey(config.Config{DataDir: dir, SecretKey: goodKey})
	if err != nil {
		t.Fatal(err)
	}
	if c.SecretKey != goodKey {
		t.Error("the given key was replaced")
	}
	if _, err := os.Stat(filepath.Join(dir, "secret.key")); err == nil {
		t.Error("a key was made beside the given one")
	}
}

func TestEnsureSecretKeyRefuses(t *testing.T) {
	t.Parallel()
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "secret.key"), []byte("s3cret!\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		cfg  config.Config
		want string
	}{
		{"mysql", config.Config{DatabaseURL: "mysql://h/d", DataDir: t.TempDir()}, "DESKMATE_SECRET_KEY: is needed"},
		{"damaged key", config.Config{DataDir: damaged}, "this is not base64"},
		{"data folder is a file", config.Config{DataDir: file}, "not a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.EnsureSecretKey(tt.cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want one with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Error("the error shows the key")
			}
		})
	}
}
