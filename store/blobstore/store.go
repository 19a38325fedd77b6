package blobstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"strconv"
	"strings"

	"deskmate/model"
)

// Store keeps files. It is safe for concurrent use, also by several processes.
type Store interface {
	// Put stores what data has until its end, as a file of the account. Nobody sees it before
	// it is whole. An error of data is in the error's chain; data ends with its own context.
	Put(ctx context.Context, accountID uint64, data io.Reader) (model.StoredFile, error)
	// Open opens a file, which is read as long as ctx lasts; [model.ErrNotFound] where there
	// is none. The caller closes it.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, key string) error
}

const (
	folderScheme = "file://"
	s3Scheme     = "s3://"
)

// Open makes the store that a URL names: file:///folder, or
// s3://KEY:SECRET@host:port/bucket/prefix?region=…&tls=false&path_style=true. It reaches
// nothing yet: see [Check]. No error shows the URL.
func Open(url model.Secret) (Store, error) {
	raw := url.Reveal()
	switch path, isFolder := strings.CutPrefix(raw, folderScheme); {
	case isFolder && path != "":
		return folder{path: path}, nil
	case strings.HasPrefix(raw, s3Scheme):
		return openS3(raw)
	}
	return nil, model.Invalid("blob_url", "the blob URL must begin with %s/ or %s", folderScheme, s3Scheme)
}

// Check writes a small file, reads it and removes it.
func Check(ctx context.Context, s Store) error {
	probe := rand.Text()
	file, err := s.Put(ctx, 0, strings.NewReader(probe))
	if err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	got, err := readAll(ctx, s, file.Key)
	if err == nil && !bytes.Equal(got, []byte(probe)) {
		err = errors.New("it is not what was written")
	}
	if err != nil {
		return fmt.Errorf("read a file: %w", errors.Join(err, s.Delete(ctx, file.Key)))
	}
	if err := s.Delete(ctx, file.Key); err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	return nil
}

func readAll(ctx context.Context, s Store, key string) ([]byte, error) {
	file, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(file)
}

// keyForm is the form of every key: account, two digits of the checksum, the checksum.
var keyForm = regexp.MustCompile(`^[0-9]{1,20}/[0-9a-f]{2}/[0-9a-f]{64}$`)

// checkKey refuses what no Put has given.
func checkKey(key string) error {
	if !keyForm.MatchString(key) {
		return model.Invalid("blob_key", "this is no key of a stored file")
	}
	return nil
}

// summing counts and sums up what is written through it.
type summing struct {
	to   io.Writer
	hash hash.Hash
	size int64
}

func newSumming(to io.Writer) *summing { return &summing{to: to, hash: sha256.New()} }

// Write implements [io.Writer].
func (s *summing) Write(p []byte) (int, error) {
	n, err := s.to.Write(p)
	_, _ = s.hash.Write(p[:n]) // never fails
	s.size += int64(n)
	return n, err
}

// file is what was written, as a file of an account.
func (s *summing) file(accountID uint64) model.StoredFile {
	sum := hex.EncodeToString(s.hash.Sum(nil))
	return model.StoredFile{Key: strconv.FormatUint(accountID, 10) + "/" + sum[:2] + "/" + sum, Size: s.size, Sum: sum}
}
