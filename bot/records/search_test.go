package records_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/records"
	"deskmate/model"
)

// What a search finds is what reading everything finds: before, while and after sessions are
// indexed, grow, are indexed again and their segments joined.
func TestSearch_finds_what_reading_finds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("发票抬头写错电話电脑打不开a1😀，- ")
	line := func() string {
		out := make([]rune, 1+r.IntN(12))
		for i := range out {
			out[i] = alphabet[r.IntN(len(alphabet))]
		}
		return string(out)
	}
	f := newFakeStore()
	x, s := newIndexer(f, "a", 7), newSearcher(f)
	for round := range 40 {
		for range 25 {
			f.say(uint64(1+r.IntN(1500))<<22, line(), line())
		}
		for range 5 {
			query := line()
			want, ok := f.read(query)
			if !ok {
				continue
			}
			if diff := cmp.Diff(want, found(t, s, query, 1+r.IntN(30))); diff != "" {
				t.Fatalf("round %d, %q (-reading +searching):\n%s", round, query, diff)
			}
		}
		if round%3 != 0 {
			continue
		}
		if _, err := x.Index(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.segments); n == 0 || n > 21 {
		t.Errorf("%d segments", n)
	}
}

// read finds sessions by reading all of them; ok is false where nothing is asked.
func (f *fakeStore) read(query string) (ids []uint64, ok bool) {
	fold := func(text string) string { return strings.Map(simplify, text) }
	var words []string
	for w := range strings.FieldsSeq(fold(query)) {
		if strings.Trim(w, "，-") != "" {
			words = append(words, w)
		}
	}
	ids = append(ids, f.ids(func(s *fakeSession) bool {
		return !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(s.messages, func(m model.Message) bool { return strings.Contains(fold(m.Content.Text), w) })
		})
	}, 0, 0, 1<<30)...)
	return ids, len(words) > 0 && len(words) <= 10
}

func TestSearch_shapes_of_queries(t *testing.T) {
	t.Parallel()
	f := newFakeStore()
	f.say(1<<22, "ＶＰＮ 连不上，Error 619", "請问電话是多少？")
	f.say(2<<22, "一段很长很长的话需要三十个字以上才能够完整地被搜索到而且位置正确吧", "C++ 👨‍👩‍👧 ❤️ 工号000123")
	s := newSearcher(f)
	for _, indexed := range []bool{false, true} {
		if indexed {
			if _, err := newIndexer(f, "a", 9).Index(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string][]uint64{
			"vpn": {1 << 22}, "619": {1 << 22}, "电话": {1 << 22}, "電话": {1 << 22}, "连": {1 << 22}, "少": {1 << 22}, "vpn 电话": {1 << 22},
			"vpn 工号": nil, "一段很长很长的话需要三十个字以上才能够完整地被搜索到而且位置": {2 << 22}, "c++": {2 << 22}, "👧": {2 << 22}, "❤": {2 << 22},
			"❤️": {2 << 22}, "000123": {2 << 22}, "连不上，error": {1 << 22}, "连不上，": {1 << 22}, "上不": nil, "00012 3": {2 << 22},
		} {
			if diff := cmp.Diff(want, found(t, s, query, 20)); diff != "" {
				t.Errorf("%q, indexed %v (-want +got):\n%s", query, indexed, diff)
			}
		}
	}
	for query, reason := range map[string]string{"？！": "query_empty", "a b c d e f g h i j k": "query_long", strings.Repeat("长", 201): "query_long"} {
		_, err := s.Search(t.Context(), records.Search{Text: query, Limit: 1})
		if e, ok := err.(*model.Error); !ok || e.Reason != reason { //nolint:errorlint // as it is
			t.Errorf("%.9q: %v", query, err)
		}
	}
}

// A search that meets a segment whose parts are being removed, because others have taken its
// place, looks again.
func TestSearch_while_segments_are_replaced(t *testing.T) {
	t.Parallel()
	f := newFakeStore()
	var want []uint64
	for round := range uint64(2) {
		for i := uint64(1); i <= 20; i++ {
			id := (20*round + i) << 22
			f.say(id, "打印机卡纸")
			want = append([]uint64{id}, want...)
		}
		if _, err := newIndexer(f, "a", 100).Index(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.segments) != 2 {
		t.Fatalf("%d segments", len(f.segments))
	}
	f.asking = func() { // one of the two goes; its sessions are read as fresh ones
		f.asking = nil
		f.mu.Lock()
		defer f.mu.Unlock()
		for id, seg := range f.segments {
			delete(f.segments, id)
			for key, p := range f.parts {
				if p.SegmentID == id {
					delete(f.parts, key)
				}
			}
			for n, s := range f.sessions {
				if n >= seg.FirstID && n <= seg.LastID {
					s.indexed = 0
				}
			}
			return
		}
	}
	if diff := cmp.Diff(want, found(t, newSearcher(f), "卡纸", 50)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSearch_shows_where(t *testing.T) {
	t.Parallel()
	f := newFakeStore()
	f.say(1<<22, strings.Repeat("前", 100)+"ＶＰＮ和vpn"+strings.Repeat("后", 100), "vpn", "no", "vpn", "vpn", "vpn", "vpn")
	r, err := newSearcher(f).Search(t.Context(), records.Search{Filter: model.RecordFilter{AccountID: 1}, Text: "Vpn", Limit: 1})
	if err != nil || len(r.Found) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	got := r.Found[0]
	if len(got.Lines) != 5 || got.More != 1 {
		t.Errorf("%d lines and %d more", len(got.Lines), got.More)
	}
	var marked []string
	text := []rune(got.Lines[0].Excerpt)
	for _, m := range got.Lines[0].Marks {
		marked = append(marked, string(text[m.Start:m.Start+m.Length]))
	}
	if diff := cmp.Diff([]string{"ＶＰＮ", "vpn"}, marked); diff != "" || text[0] != '…' || text[len(text)-1] != '…' {
		t.Errorf("%s: (-want +got):\n%s", string(text), diff)
	}
}

// Two indexers and a message that commits while its session is read: nothing is lost, and
// everything is indexed in the end.
func TestIndexer_concurrent_and_late(t *testing.T) {
	t.Parallel()
	f := newFakeStore()
	for i := range uint64(60) {
		f.say((i+1)<<22, "发票")
	}
	var once sync.Once
	f.reading = func() { once.Do(func() { f.say(1<<22, "晚到") }) }
	var wg sync.WaitGroup
	for _, owner := range []string{"a", "b"} {
		wg.Go(func() {
			if _, err := newIndexer(f, owner, 5).Index(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	s := newSearcher(f)
	if n := len(found(t, s, "发票", 7)); n != 60 {
		t.Errorf("%d found", n)
	}
	if diff := cmp.Diff([]uint64{1 << 22}, found(t, s, "晚到", 5)); diff != "" {
		t.Errorf("the late one (-want +got):\n%s", diff)
	}
	if _, err := newIndexer(f, "c", 5).Index(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if left, _ := f.UnindexedIDs(t.Context(), 1, 0, 0, 100); len(left) != 0 {
		t.Errorf("%d are not indexed", len(left))
	}
	if diff := cmp.Diff([]uint64{1 << 22}, found(t, s, "晚到", 5)); diff != "" {
		t.Errorf("the late one, indexed (-want +got):\n%s", diff)
	}
}
