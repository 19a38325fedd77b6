package blobstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"deskmate/model"
)

// folder keeps files in a folder of the file system, which is made when it is needed.
type folder struct{ path string }

const (
	incoming     = "incoming" // where files are that are still being written
	incomingLife = 24 * time.Hour
	sweepFiles   = 100
	ownFolder    = 0o700
	ownFile      = 0o600
	newFile      = os.O_WRONLY | os.O_CREATE | os.O_EXCL
)

// Put implements [Store].
func (f folder) Put(_ context.Context, accountID uint64, data io.Reader) (model.StoredFile, error) {
	file, err := f.put(accountID, data)
	if err != nil {
		return model.StoredFile{}, fmt.Errorf("store a file: %w", err)
	}
	return file, nil
}

func (f folder) put(accountID uint64, data io.Reader) (file model.StoredFile, err error) {
	if err := os.MkdirAll(f.path, ownFolder); err != nil {
		return file, err
	}
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return file, err
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(incoming, ownFolder); err != nil {
		return file, err
	}
	sweep(root)
	part := path.Join(incoming, rand.Text())
	defer func() {
		if err != nil {
			_ = root.Remove(part) // gone already where it was moved
		}
	}()
	if file, err = write(root, part, accountID, data); err != nil {
		return file, err
	}
	dir := path.Dir(file.Key)
	if err := root.MkdirAll(dir, ownFolder); err != nil {
		return file, err
	}
	if err := root.Rename(part, file.Key); err != nil {
		return file, err
	}
	return file, syncFolders(root, dir)
}

// write writes a file so that it outlives a power cut.
func write(root *os.Root, name string, accountID uint64, data io.Reader) (model.StoredFile, error) {
	out, err := root.OpenFile(name, newFile, ownFile)
	if err != nil {
		return model.StoredFile{}, err
	}
	sums := newSumming(out)
	_, err = io.Copy(sums, data)
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return model.StoredFile{}, err
	}
	return sums.file(accountID), nil
}

// syncFolders makes the names in a folder, and in those above it, outlive a power cut.
func syncFolders(root *os.Root, dir string) error {
	for {
		d, err := root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// sweep removes some of what was begun long ago and never finished.
func sweep(root *os.Root) {
	dir, err := root.Open(incoming)
	if err != nil {
		return
	}
	defer func() { _ = dir.Close() }()
	list, _ := dir.ReadDir(sweepFiles)
	for _, entry := range list {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > incomingLife {
			_ = root.Remove(path.Join(incoming, entry.Name()))
		}
	}
}

// Open implements [Store].
func (f folder) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	file, err := f.open(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, model.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("open a stored file: %w", err)
	}
	return file, nil
}

func (f folder) open(key string) (*os.File, error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return root.Open(key)
}

// Delete implements [Store].
func (f folder) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	root, err := os.OpenRoot(f.path)
	if err == nil {
		defer func() { _ = root.Close() }()
		err = root.Remove(key)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a stored file: %w", err)
	}
	return nil
}
