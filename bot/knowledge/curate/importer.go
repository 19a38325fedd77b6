package curate

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// ImporterConfig is what an [Importer] needs.
type ImporterConfig struct {
	// All up to Log are required.
	Imports  ImportStore
	Entries  EntryImporter
	Blobs    BlobStore
	Accounts Accounts
	Base     Base
	Examiner *Examiner
	Log      *slog.Logger

	Location *time.Location // of dates in files; nil: UTC
	// Owner tells this process from its replicas in leases, ≤ 64 bytes; "": a random name.
	Owner string
	Lease time.Duration    // after which a silent worker counts as dead; 0: 15 s
	Poll  time.Duration    // how often other replicas' work is looked for; 0: 1 s
	Now   func() time.Time // nil: time.Now
}

// Importer brings knowledge files in: a file is stored and checked against the base, its
// report is read by a person, and then it is applied, and perhaps undone. The work is done by
// [Importer.Run] on whatever replica comes first; one that dies is taken over, and nothing is
// done twice. Its methods may be called by any number of goroutines.
type Importer struct {
	imports  ImportStore
	entries  EntryImporter
	blobs    BlobStore
	accounts Accounts
	base     Base
	exam     *Examiner
	log      *slog.Logger
	layout   sheet.Layout
	owner    string
	lease    time.Duration
	poll     time.Duration
	now      func() time.Time
	wake     chan struct{} // there is something to do
}

// NewImporter makes an importer.
func NewImporter(cfg ImporterConfig) (*Importer, error) {
	if cfg.Imports == nil || cfg.Entries == nil || cfg.Blobs == nil || cfg.Accounts == nil || cfg.Base == nil ||
		cfg.Examiner == nil || cfg.Log == nil {
		return nil, errors.New("curate: an importer needs all its parts")
	}
	im := &Importer{
		imports: cfg.Imports, entries: cfg.Entries, blobs: cfg.Blobs, accounts: cfg.Accounts, base: cfg.Base,
		exam: cfg.Examiner, log: cfg.Log.With(slog.String("component", "importer")), layout: sheet.Layout{Location: cfg.Location},
		owner: cfg.Owner, lease: cmp.Or(max(cfg.Lease, 0), 15*time.Second), poll: cmp.Or(max(cfg.Poll, 0), time.Second),
		now: cfg.Now, wake: make(chan struct{}, 1),
	}
	if im.owner == "" {
		im.owner = rand.Text()
	}
	if im.now == nil {
		im.now = time.Now
	}
	return im, nil
}

// Start stores a knowledge file and has it checked in the background. With replace the file
// is to be the whole base: what it lacks will be removed. A file that is too long is of class
// invalid; one that can't be read fails later, and [model.Import.Err] says why.
func (im *Importer) Start(ctx context.Context, accountID uint64, name string, file io.Reader, replace bool, author string) (model.Import, error) {
	name = fileName(name)
	blob, err := im.blobs.PutBlob(ctx, model.Blob{AccountID: accountID, Kind: model.BlobFile, Name: name, Type: fileType(name)}, &limited{from: file, left: sheet.MaxFileBytes})
	if err != nil {
		return model.Import{}, fmt.Errorf("store the knowledge file: %w", err)
	}
	now := im.now()
	imp := model.Import{
		ID: model.NewID(now), AccountID: accountID, FileName: name, Replace: replace, State: model.ImportChecking,
		Author: author, FileBlob: blob.ID, Total: checkSteps, CreatedMS: model.MS(now), UpdatedMS: model.MS(now),
	}
	if err := im.imports.CreateImport(ctx, imp); err != nil {
		return model.Import{}, fmt.Errorf("begin import: %w", err)
	}
	im.nudge()
	return imp, nil
}

// Import gives an import as it is now, or [model.ErrNotFound].
func (im *Importer) Import(ctx context.Context, accountID, id uint64) (model.Import, error) {
	imp, err := im.imports.Import(ctx, accountID, id)
	return imp, told(err, thisImport)
}

// List lists an account's imports, the newest first; before is the ID of the last one of the
// page before, 0 for the first page.
func (im *Importer) List(ctx context.Context, accountID, before uint64, limit int) ([]model.Import, error) {
	return im.imports.Imports(ctx, accountID, before, limit)
}

// Apply has a checked file brought in, in the background. Without skipBad a file with bad
// rows is refused, class invalid with the reason import_bad_rows; one without a good row
// always is (import_empty). In any other state than ready it is a conflict with the reason
// import_state.
func (im *Importer) Apply(ctx context.Context, accountID, id uint64, skipBad bool, author string) (model.Import, error) {
	imp, err := im.in(ctx, accountID, id, model.ImportReady)
	if err != nil {
		return imp, err
	}
	head, err := im.head(ctx, imp)
	switch {
	case err != nil:
		return imp, err
	case head.Bad > 0 && !skipBad:
		return imp, badRows(head.Bad)
	case head.Good == 0:
		return imp, model.Invalid("import_empty", "文件里没有可以导入的问答")
	}
	imp.SkipBad, imp.Total = skipBad, head.Good
	return im.begin(ctx, imp, model.ImportApplying, author)
}

func badRows(n int) error {
	return model.Invalid("import_bad_rows", "有 %d 行不能导入：请改好后重新上传，或者选择跳过这些行", n)
}

// Undo has an import taken back, in the background. Entries that have been edited since stay
// as they are; [model.ImportCounts.Kept] counts them. What is not done, or made no version,
// is a conflict with the reason import_state.
func (im *Importer) Undo(ctx context.Context, accountID, id uint64, author string) (model.Import, error) {
	imp, err := im.in(ctx, accountID, id, model.ImportDone)
	switch {
	case err != nil:
		return imp, err
	case imp.Version == 0:
		return imp, conflict("import_state", "这次导入没有改动任何问答，不需要撤销")
	}
	imp.Total = imp.Counts.New + imp.Counts.Changed + imp.Counts.Removed
	return im.begin(ctx, imp, model.ImportUndoing, author)
}

// in gives an import that must be in a state.
func (im *Importer) in(ctx context.Context, accountID, id uint64, state model.ImportState) (model.Import, error) {
	imp, err := im.Import(ctx, accountID, id)
	if err != nil {
		return imp, fmt.Errorf("read import %d: %w", id, err)
	}
	if imp.State != state {
		return imp, conflict("import_state", thisImport+stateWord(imp.State)+"，现在不能这样做")
	}
	return imp, nil
}

// stateWord says a state to people.
func stateWord(s model.ImportState) string {
	switch s {
	case model.ImportChecking:
		return "正在检查"
	case model.ImportReady:
		return "已检查，还没有导入"
	case model.ImportApplying:
		return "正在导入"
	case model.ImportDone:
		return "已经完成"
	case model.ImportUndoing:
		return "正在撤销"
	case model.ImportUndone:
		return "已经撤销"
	case model.ImportFailed:
		return "没有成功"
	}
	return "状态不明"
}

// begin gives an import to the workers. Its Author is from now on who set it going.
func (im *Importer) begin(ctx context.Context, imp model.Import, state model.ImportState, author string) (model.Import, error) {
	from := imp.State
	imp.State, imp.Author, imp.Done, imp.Err = state, author, 0, ""
	imp.Owner, imp.UntilMS, imp.UpdatedMS = "", 0, model.MS(im.now())
	err := im.imports.MoveImport(ctx, imp, from)
	if errors.Is(err, model.ErrStale) {
		return imp, conflict("import_state", "这次导入刚被别人处理，请刷新")
	}
	if err != nil {
		return imp, fmt.Errorf("set import %d going: %w", imp.ID, err)
	}
	im.nudge()
	return imp, nil
}

// nudge lets this replica's worker look at once.
func (im *Importer) nudge() {
	select {
	case im.wake <- struct{}{}:
	default:
	}
}

// Template writes an empty knowledge file (xlsx) to fill in.
func (im *Importer) Template(w io.Writer) error { return sheet.Template(w) }

// Export writes an account's knowledge base as a file that [Importer.Start] takes back as it
// was; the ending of name tells whether it is xlsx, csv or jsonl.
func (im *Importer) Export(ctx context.Context, accountID uint64, name string, w io.Writer) error {
	entries, _, err := im.entries.Entries(ctx, accountID)
	if err != nil {
		return fmt.Errorf("read entries to export: %w", err)
	}
	return im.layout.Write(name, w, entries)
}

// maxFileName is how long a file's name may be, in characters.
const maxFileName = 191

// fileName takes folders and characters that nobody sees off a name, and shortens it before
// its ending.
func fileName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if forbidden(r) || r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, name)
	ext := filepath.Ext(name)
	if n := utf8.RuneCountInString(name); n > maxFileName && len(ext) < maxFileName {
		stem := []rune(strings.TrimSuffix(name, ext))
		name = string(stem[:max(maxFileName-utf8.RuneCountInString(ext), 1)]) + ext
	}
	return clip(name, maxFileName)
}

func fileType(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case ".csv":
		return "text/csv"
	case ".jsonl":
		return "application/jsonl"
	}
	return "application/octet-stream"
}

// limited reads a file that must not be longer than what is left.
type limited struct {
	from io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.from.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		return 0, model.Invalid("kb_file_too_long", "文件超过 %d MB", sheet.MaxFileBytes>>20)
	}
	return n, err
}
