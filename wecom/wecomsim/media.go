package wecomsim

import (
	"bytes"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The rules of temporary media (doc path/90253); sizes in bytes.
const (
	mediaLife   = 3 * 24 * time.Hour
	minMedia    = 6 // "more than 5 bytes"
	maxImage    = 10 << 20
	maxVoice    = 2 << 20
	maxVideo    = 10 << 20
	maxFile     = 20 << 20
	maxVoiceLen = 60 * time.Second
	maxPicture  = 2 << 20 // of media/uploadimg
)

// media is a file that was uploaded, or sent by a member.
type media struct {
	id          string
	kind        string // image, voice, video, file
	name        string
	contentType string
	data        []byte
	created     time.Time
	key         string // the webhook or bot it was uploaded for; "" for what apps may send
	aesKey      string // Base64; a bot gets it encrypted with it
}

func (m *media) view() *MediaView { return &MediaView{ID: m.id, Name: m.name, Size: len(m.data)} }

// mediaUpload is media/upload.
func (s *Server) mediaUpload(c *call) (answer, *apiError) {
	kind := c.query.Get("type")
	if kind != "image" && kind != "voice" && kind != "video" && kind != "file" {
		return answer{}, refuse(codeMediaType, "invalid media type")
	}
	return s.upload(c, kind, "")
}

// upload stores the file of a call, for a webhook if key names one.
func (s *Server) upload(c *call, kind, key string) (answer, *apiError) {
	name, contentType, data, fault := uploadedFile(c)
	if fault != nil {
		return answer{}, fault
	}
	if fault := checkMedia(kind, data); fault != nil {
		return answer{}, fault
	}
	m := s.keepMedia(kind, name, data, c.now)
	m.key = key
	if contentType != "" {
		m.contentType = contentType
	}
	return with(map[string]any{
		"type": kind, "media_id": m.id, "created_at": strconv.FormatInt(c.now.Unix(), 10),
	}), nil
}

// mediaUploadImg is media/uploadimg (doc path/90256). Nothing is served at the url it
// gives.
func (s *Server) mediaUploadImg(c *call) (answer, *apiError) {
	_, _, data, fault := uploadedFile(c)
	switch {
	case fault != nil:
		return answer{}, fault
	case len(data) > maxPicture:
		return answer{}, refuse(codeImageSize, "invalid image size")
	}
	if fault := checkMedia("image", data); fault != nil {
		return answer{}, fault
	}
	return with(map[string]any{"url": "https://wework.qpic.cn/wwpic/" + s.opaque(24) + "/0"}), nil
}

// uploadedFile finds the multipart field media. The filename is taken as it was sent, with
// any path in it, as WeCom does.
func uploadedFile(c *call) (name, contentType string, data []byte, fault *apiError) {
	fault = refuse(codeEmptyFile, "empty media data")
	form, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil || form != "multipart/form-data" {
		return "", "", nil, fault
	}
	parts := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return "", "", nil, fault
		}
		if part.FormName() != "media" {
			continue
		}
		_, disposition, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil {
			return "", "", nil, fault
		}
		data, err = io.ReadAll(part)
		if err != nil || len(data) == 0 {
			return "", "", nil, fault
		}
		if disposition["filename"] == "" {
			return "", "", nil, refuse(codeEmptyFile, "empty media data, the part has no filename")
		}
		return disposition["filename"], part.Header.Get("Content-Type"), data, nil
	}
}

func checkMedia(kind string, data []byte) *apiError {
	if len(data) < minMedia {
		return refuse(codeMediaSize, "invalid media size")
	}
	switch kind {
	case "image":
		if len(data) > maxImage {
			return refuse(codeImageSize, "invalid image size")
		}
		if kind := http.DetectContentType(data); kind != "image/jpeg" && kind != "image/png" {
			return refuse(codeImageFormat, "invalid image format")
		}
	case "voice":
		return checkVoice(data)
	case "video":
		if len(data) > maxVideo {
			return refuse(codeMediaSize, "invalid media size")
		}
		if len(data) < 8 || string(data[4:8]) != "ftyp" {
			return refuse(codeFileType, "invalid file type")
		}
	case "file":
		if len(data) > maxFile {
			return refuse(codeMediaSize, "invalid media size")
		}
	}
	return nil
}

const amrHead = "#!AMR\n"

func checkVoice(data []byte) *apiError {
	if len(data) > maxVoice {
		return refuse(codeVoiceSize, "invalid voice size")
	}
	frames, ok := bytes.CutPrefix(data, []byte(amrHead))
	if !ok {
		return refuse(codeVoiceFormat, "invalid voice format")
	}
	if amrLength(frames) > maxVoiceLen {
		return refuse(codeVoiceLong, "voice time out of limit")
	}
	return nil
}

// amrLength adds up the frames of AMR narrow band, 20 ms each (RFC 4867). What is no
// frame ends it.
func amrLength(data []byte) time.Duration {
	const frame = 20 * time.Millisecond
	sizes := [16]int{13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1}
	var total time.Duration
	for len(data) > 0 {
		size := sizes[data[0]>>3&15]
		if size == 0 || size > len(data) {
			break
		}
		data = data[size:]
		total += frame
	}
	return total
}

// keepMedia stores a file for three days and forgets those that are past, and the oldest
// where there are too many. The state is locked.
func (s *Server) keepMedia(kind, name string, data []byte, now time.Time) *media {
	s.forgetMedia(now, keepMedia-len(data))
	m := &media{
		id: s.opaque(64), kind: kind, name: name, data: bytes.Clone(data), created: now,
		contentType: http.DetectContentType(data),
	}
	switch kind {
	case "voice":
		m.contentType = "audio/amr"
	case "video":
		m.contentType = "video/mp4"
	}
	s.media[m.id] = m
	return m
}

// forgetMedia drops the files that are past, and the oldest until all together have at most
// room bytes. The state is locked.
func (s *Server) forgetMedia(now time.Time, room int) {
	size := 0
	maps.DeleteFunc(s.media, func(_ string, m *media) bool {
		if !now.Before(m.created.Add(mediaLife)) {
			return true
		}
		size += len(m.data)
		return false
	})
	if size <= room {
		return
	}
	oldest := slices.SortedFunc(maps.Values(s.media), func(x, y *media) int { return x.created.Compare(y.created) })
	for _, m := range oldest {
		if size <= room {
			return
		}
		size -= len(m.data)
		delete(s.media, m.id)
	}
}

// findMedia is the file a message names; key is the webhook that sends it, "" for an app,
// kind is what the message wants, "" for any. The state is locked.
func (s *Server) findMedia(key, id, kind string, now time.Time) (*media, *apiError) {
	if id == "" {
		return nil, refuse(codeNoMedia, "missing media_id")
	}
	m, ok := s.media[id]
	if !ok || !now.Before(m.created.Add(mediaLife)) || kind != "" && kind != m.kind || m.key != key {
		return nil, refuse(codeBadMedia, "invalid media_id")
	}
	return m, nil
}

// mediaGet is media/get.
func (s *Server) mediaGet(c *call) (answer, *apiError) {
	m, fault := s.findMedia("", c.query.Get("media_id"), "", c.now)
	if fault != nil {
		return answer{}, fault
	}
	return answer{file: m}, nil
}

// writeFile sends a file, or the range of it that was asked for.
func writeFile(w http.ResponseWriter, r *http.Request, m *media) {
	name := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(m.name)
	w.Header().Set("Content-Type", m.contentType)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	http.ServeContent(w, r, "", m.created, bytes.NewReader(m.data))
}
