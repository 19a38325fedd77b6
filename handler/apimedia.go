package handler

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// BlobPutter stores files.
type BlobPutter interface {
	PutBlob(ctx context.Context, b model.Blob, data io.Reader) (model.Blob, error)
}

// Media are the pictures and files of answers.
type Media interface {
	BlobPutter
	Blob(ctx context.Context, accountID, id uint64) (model.Blob, error)
	BlobData(ctx context.Context, accountID, id uint64) ([]byte, error)
}

// mediaLeast is how many bytes WeCom takes at least (doc path/90253).
const mediaLeast = 5

// mediaView is a stored picture or file.
type mediaView struct {
	ID   ID     `json:"id"`
	Kind string `json:"kind" enum:"image,file" doc:"How employees get it: JPG and PNG up to 10 MiB as pictures, all else as files"`
	Ref  string `json:"ref" doc:"What stands for it as a message of an entry" example:"[图片:12]"`
	Name string `json:"name"`
	Type string `json:"type" doc:"MIME type, as found in its bytes"`
	Size int64  `json:"size" doc:"Bytes"`
}

func viewMedia(b model.Blob) mediaView {
	kind := b.ContentType()
	return mediaView{ID: NewID(b.ID), Kind: string(kind), Ref: model.MediaRef(kind, b.ID), Name: b.Name, Type: b.Type, Size: b.Size}
}

func (a *API) registerMedia(s surface) {
	const tag = "media"
	within(s, call(http.MethodPost, "createMedia", account+"/media", tag, "Store a picture or file for answers"), a.createMedia)
	within(s, download(call(http.MethodGet, "getMedia", account+"/media/{id}", tag, "A picture or file of an answer")),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*huma.StreamResponse, error) {
			return a.sendMedia(ctx, acc.ID, in.ID.number())
		})
}

// sendMedia gives a stored picture or file.
func (a *API) sendMedia(ctx context.Context, accountID, id uint64) (*huma.StreamResponse, error) {
	blob, data, err := a.storedMedia(ctx, accountID, id)
	if err != nil {
		return nil, err
	}
	return a.attachment(blob.Name, blob.Type, func(w io.Writer) error { //nolint:contextcheck // huma calls it with the request's
		_, err := w.Write(data)
		return err
	}), nil
}

// storedMedia reads a stored picture or file.
func (a *API) storedMedia(ctx context.Context, accountID, id uint64) (model.Blob, []byte, error) {
	blob, err := a.cfg.Media.Blob(ctx, accountID, id)
	if err == nil && blob.Kind != model.BlobMedia { // a report, an encoder
		err = model.ErrNotFound
	}
	if err != nil {
		return blob, nil, err
	}
	data, err := a.cfg.Media.BlobData(ctx, accountID, blob.ID)
	return blob, data, err
}

// MediaUpload is an upload of one picture or file.
type MediaUpload struct {
	AccountPath
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" required:"true" doc:"At most 20 MiB"`
	}]
}

// createMedia stores an upload.
func (a *API) createMedia(ctx context.Context, acc model.Account, in *MediaUpload) (*body[mediaView], error) {
	file := in.RawBody.Data().File
	blob, err := storeMedia(ctx, a.cfg.Media, acc.ID, file.Filename, file)
	return reply(viewMedia(blob), err)
}

// storeMedia stores what a file holds, as what its bytes say that it is.
func storeMedia(ctx context.Context, media BlobPutter, accountID uint64, name string, file io.Reader) (model.Blob, error) {
	blob, data, err := readMedia(name, file)
	if err != nil {
		return blob, err
	}
	blob.AccountID = accountID
	return media.PutBlob(ctx, blob, bytes.NewReader(data))
}

// readMedia reads an upload and finds out what it really is.
func readMedia(name string, file io.Reader) (model.Blob, []byte, error) {
	data, err := io.ReadAll(io.LimitReader(file, MediaBytes+1))
	switch {
	case err != nil:
		return model.Blob{}, nil, model.Invalid("media_unreadable", "文件没有传完整，请重新上传")
	case len(data) > MediaBytes:
		return model.Blob{}, nil, model.Invalid("media_too_large", "图片或文件不能超过 %d MB", MediaBytes>>20)
	case len(data) < mediaLeast:
		return model.Blob{}, nil, model.Invalid("media_too_small", "图片或文件至少要有 %d 字节", mediaLeast)
	}
	return model.Blob{Kind: model.BlobMedia, Name: mediaName(name), Type: http.DetectContentType(data)}, data, nil
}

// maxMediaName is how long a file's name may be, in characters.
const maxMediaName = 100

// mediaName takes folders and characters that nobody sees off a name, and shortens it before
// its ending. WeCom shows it to employees.
func mediaName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
	if strings.Trim(name, "./") == "" {
		return "file"
	}
	if utf8.RuneCountInString(name) <= maxMediaName {
		return name
	}
	ext := []rune(path.Ext(name))
	ext = ext[:min(len(ext), maxMediaName/2)]
	return string([]rune(name)[:maxMediaName-len(ext)]) + string(ext)
}
