package blobstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"deskmate/model"
)

// How long S3 may take before it counts as away. A call is tried s3Tries times in all.
const (
	s3Dial   = 5 * time.Second
	s3Answer = 20 * time.Second // from the end of a request to the first byte of its answer
	s3Tries  = 3
)

// s3 keeps files in a bucket.
type s3 struct {
	client *minio.Client
	bucket string
	prefix string // of every key; "" or ends with a slash
}

// openS3 reads an S3 URL. The cause of a bad one is not passed on: it would show the secret.
func openS3(raw string) (Store, error) {
	bad := model.Invalid("blob_url", "the blob URL must read s3://KEY:SECRET@host:port/bucket or s3://…/bucket/prefix "+
		"(special characters of the secret are written as %%2F for /, and so on)")
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.User == nil {
		return nil, bad
	}
	secret, given := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if !given || u.User.Username() == "" || secret == "" || bucket == "" {
		return nil, bad
	}
	options, err := s3Options(u.Query())
	if err != nil {
		return nil, err
	}
	options.Creds = credentials.NewStaticV4(u.User.Username(), secret, "")
	client, err := minio.New(u.Host, &options)
	if err != nil {
		return nil, bad
	}
	s := s3{client: client, bucket: bucket, prefix: prefix}
	if prefix != "" {
		s.prefix += "/"
	}
	return s, nil
}

// s3Options reads the options of an S3 URL.
func s3Options(query url.Values) (minio.Options, error) {
	options := minio.Options{Secure: true, MaxRetries: s3Tries, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: s3Dial}).DialContext,
		TLSHandshakeTimeout: s3Dial, ResponseHeaderTimeout: s3Answer, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 8,
		DisableCompression: true, // a file is what it is
	}}
	for name := range query {
		value := query.Get(name)
		yes, err := strconv.ParseBool(value)
		switch {
		case name == "region":
			options.Region = value
		case name == "tls" && err == nil:
			options.Secure = yes
		case name == "path_style" && err == nil:
			options.BucketLookup = minio.BucketLookupDNS
			if yes {
				options.BucketLookup = minio.BucketLookupPath
			}
		default:
			return options, model.Invalid("blob_url", "the blob URL's options are region=…, tls=false and path_style=true")
		}
	}
	return options, nil
}

// Put implements [Store]. The file is written to the machine's temporary folder first, for
// its key is known at its end only.
func (s s3) Put(ctx context.Context, accountID uint64, data io.Reader) (model.StoredFile, error) {
	part, err := os.CreateTemp("", "deskmate-*")
	if err != nil {
		return model.StoredFile{}, fmt.Errorf("store a file: %w", err)
	}
	defer func() { _, _ = part.Close(), os.Remove(part.Name()) }()
	sums := newSumming(part)
	if _, err = io.Copy(sums, data); err == nil {
		_, err = part.Seek(0, io.SeekStart)
	}
	if err != nil {
		return model.StoredFile{}, fmt.Errorf("store a file: %w", err)
	}
	file := sums.file(accountID)
	_, err = s.client.PutObject(ctx, s.bucket, s.name(file.Key), part, file.Size, minio.PutObjectOptions{
		ContentType: "application/octet-stream",
		// One request with a checksum in its signed head is what all makes of S3 understand.
		DisableMultipart: true, DisableContentSha256: true, SendContentMd5: true,
	})
	if err != nil {
		return model.StoredFile{}, s3Error("store a file", err)
	}
	return file, nil
}

func (s s3) name(key string) string { return s.prefix + path.Clean(key) }

// Open implements [Store].
func (s s3) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, s.name(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, s3Error("open a stored file", err)
	}
	if _, err := object.Stat(); err != nil { // nothing was asked for before
		_ = object.Close()
		return nil, s3Error("open a stored file", err)
	}
	return object, nil
}

// Delete implements [Store].
func (s s3) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := s.client.RemoveObject(ctx, s.bucket, s.name(key), minio.RemoveObjectOptions{})
	if err = s3Error("remove a stored file", err); errors.Is(err, model.ErrNotFound) {
		return nil
	}
	return err
}

// s3Error says what was attempted and classes the failure: a file that is not there, a
// service that is away, or one that refuses, which an operator must mend. nil stays nil.
func s3Error(attempt string, err error) error {
	if err == nil {
		return nil
	}
	refusal, refused := errors.AsType[minio.ErrorResponse](err)
	switch {
	case refused && refusal.Code == minio.NoSuchKey:
		return fmt.Errorf("%s: %w", attempt, model.ErrNotFound)
	case refused && refusal.StatusCode >= http.StatusBadRequest && refusal.StatusCode < http.StatusInternalServerError &&
		refusal.StatusCode != http.StatusTooManyRequests:
		return fmt.Errorf("%s: the storage refuses: %s (HTTP %d)", attempt, refusal.Code, refusal.StatusCode)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", attempt, err)
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // without the signed address
	}
	return fmt.Errorf("%s: %w", attempt, &model.Error{
		Code: model.ErrUnavailable.Code, Reason: model.ErrUnavailable.Reason, Message: "the file storage is not available now", Err: err,
	})
}
