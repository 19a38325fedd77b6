package wecomsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	apiPrefix   = "/cgi-bin/"
	maxJSONBody = 8 << 20
	maxUpload   = 24 << 20
)

// endpoint is one path of the API.
type endpoint struct {
	method    string
	open      bool           // takes no access_token
	upload    bool           // takes a file instead of JSON
	assistant assistantRight // what the contact assistant's token may do with it
	empty     map[string]any // fields that an error reply carries all the same
	serve     func(*Server, *call) (answer, *apiError)
}

// call is one request as an endpoint sees it; app owns the access_token.
type call struct {
	app     *app
	query   url.Values
	body    []byte
	header  http.Header
	now     time.Time
	quoted  bool   // Config.QuotedAgentID
	warned  bool   // the body has a wrong type that was taken
	unknown string // what of the body WeCom passes over
}

// answer is a success: fields beside errcode and errmsg, or a file instead.
type answer struct {
	fields map[string]any
	file   *media
}

// with is an answer of the given fields.
func with(fields map[string]any) answer { return answer{fields: fields} }

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, apiPrefix)
	route, known := s.routes[path]
	if !ok || !known {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, route.bodyLimit()))
	if err != nil {
		s.refuseBody(w, r, err)
		return
	}
	if !s.delay(r.Context()) {
		return
	}
	c := &call{query: r.URL.Query(), body: body, header: r.Header, now: s.clock(), quoted: s.quoted}
	out := s.work(route, path, r.Method, c)
	switch {
	case out.cut:
		hangUp(w)
	case out.status != http.StatusOK:
		http.Error(w, http.StatusText(out.status), out.status)
	case out.fault != nil:
		writeReply(w, out.fault.code, out.fault.text(out.hint, remoteIP(r)), route.empty)
	case out.file != nil:
		writeFile(w, r, out.file)
	case c.warned:
		writeReply(w, 0, "ok. Warning: wrong json format.", out.fields)
	default:
		writeReply(w, 0, "ok", out.fields)
	}
}

// refuseBody answers a call whose body could not be read.
func (s *Server) refuseBody(w http.ResponseWriter, r *http.Request, err error) {
	if tooLarge := (*http.MaxBytesError)(nil); !errors.As(err, &tooLarge) {
		http.Error(w, "body cut short", http.StatusBadRequest)
		return
	}
	fault := refuse(codeTooLarge, "media size out of limit")
	writeReply(w, fault.code, fault.text("body", remoteIP(r)), nil)
}

// outcome is what became of a call.
type outcome struct {
	answer
	fault  *apiError
	status int    // HTTP
	cut    bool   // the answer gets lost
	hint   string // finds the call again
}

// work answers a call, or lets it fail as the faults say, and records it.
func (s *Server) work(route endpoint, path, method string, c *call) outcome {
	var out outcome
	s.locked(func() {
		out.hint = strconv.FormatInt(c.now.Unix(), 10) + "_" + s.opaque(8)
		if out.status = s.statusFault(path); out.status == http.StatusOK {
			out.answer, out.fault = s.handle(route, path, method, c)
			out.cut = out.fault == nil && s.answerFault(path)
		}
		s.recordCall(route, path, c, out.fault, out.status)
	})
	return out
}

// handle checks what every call has in common and calls the endpoint. The state is locked.
func (s *Server) handle(route endpoint, path, method string, c *call) (answer, *apiError) {
	if fault := s.codeFault(path); fault != nil {
		return answer{}, fault
	}
	if method != route.method {
		if route.method == http.MethodPost {
			return answer{}, refuse(codeWantPOST, "require POST method")
		}
		return answer{}, refuse(codeWantGET, "require GET method")
	}
	if !route.open {
		app, fault := s.appOfToken(c.query, c.now)
		if fault != nil {
			return answer{}, fault
		}
		if fault := s.assistantFault(app, route.assistant); fault != nil {
			return answer{}, fault
		}
		c.app = app
	}
	return route.serve(s, c)
}

func (e endpoint) bodyLimit() int64 {
	if e.upload {
		return maxUpload
	}
	return maxJSONBody
}

func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// hangUp breaks the connection: the caller never learns what came of its call.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's own way to break off where a connection can't be taken over
	}
	_ = conn.Close()
}

func writeReply(w http.ResponseWriter, code int, msg string, fields map[string]any) {
	reply := map[string]any{"errcode": code, "errmsg": msg}
	maps.Copy(reply, fields)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(reply); err != nil {
		http.Error(w, "reply can't be encoded", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(buf.Bytes())
}
