package match_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

func mustTrain(t testing.TB, entries []model.Entry, cfg match.TrainConfig) *match.Encoder {
	t.Helper()
	e, err := match.Train(t.Context(), entries, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func mustMarshal(t testing.TB, e *match.Encoder) []byte {
	t.Helper()
	data, err := e.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// score is that of an entry among the hits; 0 where it isn't there.
func score(x *match.Index, question string, id uint64) float64 {
	for _, h := range x.Search(match.Query{Text: question}, 10).Hits {
		if h.EntryID == id {
			return h.Score
		}
	}
	return 0
}

// helpdesk has words that mean the same only to this base.
func helpdesk() []model.Entry {
	return []model.Entry{
		entry(1, "工牌丢了怎么补办", "胸卡不见了去哪补", "门卡遗失", "工卡掉了重新做一张"),
		entry(2, "打印机卡纸怎么处理", "打印机里纸夹住了", "打印到一半停了说卡纸"),
		entry(3, "怎么申请远程办公", "在家上班要走什么流程", "居家办公怎么提", "想远程干活"),
		entry(4, "食堂充值在哪里", "饭卡没钱了怎么充", "饭卡充钱"),
		entry(5, "显示器不亮怎么办", "屏幕黑了", "电脑屏没反应"),
	}
}

func TestTrain_learns_the_words_of_the_base(t *testing.T) {
	t.Parallel()
	plain := match.NewIndex(helpdesk(), match.Options{})
	learned := plain.WithEncoder(mustTrain(t, helpdesk(), match.TrainConfig{}))
	feature := featureOf(t, "encoder")
	for question, want := range map[string]uint64{"胸卡掉了": 1, "屏没反应了": 5, "居家上班": 3, "饭卡没钱": 4} {
		hits := learned.Search(match.Query{Text: question}, 5).Hits
		if len(hits) == 0 || hits[0].EntryID != want {
			t.Errorf("Search(%q) = %+v, want entry %d", question, hits, want)
			continue
		}
		for _, h := range hits[1:] {
			if h.Features[feature] >= hits[0].Features[feature] {
				t.Errorf("%q: the encoder puts entry %d above %d", question, h.EntryID, want)
			}
		}
	}
}

func featureOf(t testing.TB, name string) int {
	t.Helper()
	for i, n := range match.FeatureNames() {
		if n == name {
			return i
		}
	}
	t.Fatalf("no feature %q", name)
	return 0
}

func TestTrain_is_repeatable(t *testing.T) {
	t.Parallel()
	one := mustMarshal(t, mustTrain(t, helpdesk(), match.TrainConfig{Seed: 3}))
	if diff := cmp.Diff(one, mustMarshal(t, mustTrain(t, helpdesk(), match.TrainConfig{Seed: 3, Threads: 3}))); diff != "" {
		t.Error("the same seed on three threads gives another encoder")
	}
	if cmp.Equal(one, mustMarshal(t, mustTrain(t, helpdesk(), match.TrainConfig{Seed: 4}))) {
		t.Error("another seed gives the same encoder")
	}
}

func TestTrain_believes_people(t *testing.T) {
	t.Parallel()
	pairs := []model.TrainingPair{
		{Question: "小黄卡没了", EntryID: 1},
		{Question: "小黄卡没了", EntryID: 4, Wrong: true},
		{Question: "没有这样的问答", EntryID: 99},
	}
	x := match.NewIndex(helpdesk(), match.Options{})
	before := score(x.WithEncoder(mustTrain(t, helpdesk(), match.TrainConfig{})), "小黄卡没了", 1)
	after := score(x.WithEncoder(mustTrain(t, helpdesk(), match.TrainConfig{Pairs: pairs})), "小黄卡没了", 1)
	if after <= before {
		t.Errorf("a confirmed question scores %.3f, before %.3f", after, before)
	}
}

func TestTrain_goes_on_from_a_warm_start(t *testing.T) {
	t.Parallel()
	first := mustTrain(t, helpdesk(), match.TrainConfig{})
	grown := append(helpdesk(), entry(6, "会议室投影没画面", "投影仪不出图", "投屏失败"))
	x := match.NewIndex(grown, match.Options{}).WithEncoder(mustTrain(t, grown, match.TrainConfig{Warm: first}))
	for question, want := range map[string]uint64{"投影不出画面": 6, "胸卡掉了": 1} {
		if hits := x.Search(match.Query{Text: question}, 1).Hits; len(hits) == 0 || hits[0].EntryID != want {
			t.Errorf("Search(%q) = %+v, want entry %d", question, hits, want)
		}
	}
}

func TestTrain_stops_with_its_context(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := match.Train(ctx, helpdesk(), match.TrainConfig{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

func TestTrain_takes_what_there_is(t *testing.T) {
	t.Parallel()
	off := entry(2, "停用的")
	off.State = model.EntryOff
	for name, entries := range map[string][]model.Entry{
		"nothing": nil, "one": {entry(1, "年假")}, "off": {off, off}, "blank": {entry(1, "？"), entry(2, "。")},
		"twice the same": {entry(1, "年假", "年假"), entry(2, "年假")},
	} {
		x := match.NewIndex(entries, match.Options{}).WithEncoder(mustTrain(t, entries, match.TrainConfig{}))
		for _, h := range x.Search(match.Query{Text: "年假几天"}, 3).Hits {
			if math.IsNaN(h.Score) {
				t.Errorf("%s: score isn't a number", name)
			}
		}
	}
}

func TestEncoder_round_trip(t *testing.T) {
	t.Parallel()
	e := mustTrain(t, helpdesk(), match.TrainConfig{})
	data := mustMarshal(t, e)
	back, err := match.UnmarshalEncoder(data)
	if err != nil {
		t.Fatal(err)
	}
	x := match.NewIndex(helpdesk(), match.Options{})
	if diff := cmp.Diff(x.WithEncoder(e).Search(match.Query{Text: "胸卡掉了"}, 5), x.WithEncoder(back).Search(match.Query{Text: "胸卡掉了"}, 5)); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	for _, broken := range [][]byte{nil, data[:3], data[:len(data)-1], append(slices.Clip(data), 0), []byte("dme1 something else")} {
		if _, err := match.UnmarshalEncoder(broken); err == nil {
			t.Errorf("%d of %d bytes are read as an encoder", len(broken), len(data))
		}
	}
}

func FuzzUnmarshalEncoder(f *testing.F) {
	e, err := match.Train(f.Context(), helpdesk(), match.TrainConfig{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(mustMarshal(f, e)[:200])
	f.Add([]byte("dme1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := match.UnmarshalEncoder(data)
		if err != nil {
			return
		}
		for _, h := range match.NewIndex(helpdesk(), match.Options{}).WithEncoder(e).Search(match.Query{Text: "工牌"}, 3).Hits {
			if math.IsNaN(h.Score) {
				t.Error("score isn't a number")
			}
		}
	})
}

func TestIndex_WithEncoder_follows_changes(t *testing.T) {
	t.Parallel()
	e := mustTrain(t, helpdesk(), match.TrainConfig{})
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 2))
		stored := map[uint64]model.Entry{}
		x := match.NewIndex(nil, match.Options{}).WithEncoder(e)
		for range 10 {
			changed := entry(1+rng.Uint64N(30), phrase(rng), phrase(rng))
			gone := 1 + rng.Uint64N(30)
			x = x.With([]model.Entry{changed}, []uint64{gone})
			delete(stored, gone)
			stored[changed.ID] = changed
		}
		var entries []model.Entry
		for _, e := range stored {
			entries = append(entries, e)
		}
		rebuilt := match.NewIndex(entries, match.Options{}).WithEncoder(e)
		for range 20 {
			q := match.Query{Text: phrase(rng)}
			if diff := cmp.Diff(rebuilt.Search(q, 10), x.Search(q, 10)); diff != "" {
				t.Fatalf("seed %d, %q (-rebuilt +changed):\n%s", seed, q.Text, diff)
			}
		}
		if diff := cmp.Diff(rebuilt.WithEncoder(nil).Search(match.Query{Text: "工牌"}, 10), match.NewIndex(entries, match.Options{}).Search(match.Query{Text: "工牌"}, 10)); diff != "" {
			t.Fatalf("seed %d: an encoder taken off leaves something behind:\n%s", seed, diff)
		}
	}
}

func TestIndex_With_fills_an_emptied_base(t *testing.T) {
	t.Parallel()
	e := mustTrain(t, helpdesk(), match.TrainConfig{})
	x := match.NewIndex(helpdesk(), match.Options{}).With(nil, []uint64{1, 2, 3, 4, 5}).WithEncoder(e)
	if hits := x.Search(match.Query{Text: "工牌丢了"}, 3).Hits; len(hits) != 0 {
		t.Errorf("an emptied base finds %+v", hits)
	}
	got := x.With(helpdesk(), nil).Search(match.Query{Text: "胸卡掉了"}, 3)
	if diff := cmp.Diff(match.NewIndex(helpdesk(), match.Options{}).WithEncoder(e).Search(match.Query{Text: "胸卡掉了"}, 3), got); diff != "" {
		t.Errorf("filled again (-new +filled):\n%s", diff)
	}
}

func TestIndex_Features_are_numbers(t *testing.T) {
	t.Parallel()
	x := match.NewIndex(append(office(), helpdesk()[4]), match.Options{})
	for _, x := range []*match.Index{x, x.WithEncoder(mustTrain(t, office(), match.TrainConfig{}))} {
		for _, question := range []string{"年假", "a", "1", "VPN SAP OA 2024", "怎么", "显示器的屏幕黑了好几天没人管" + "啊这", "ñandú"} {
			hits := x.Search(match.Query{Text: question}, 30).Hits
			for i, h := range hits {
				if !h.Exact && len(h.Features) != len(match.FeatureNames()) {
					t.Errorf("%q: %d features, %d names", question, len(h.Features), len(match.FeatureNames()))
				}
				for k, f := range h.Features {
					if math.IsNaN(f) || math.IsInf(f, 0) {
						t.Errorf("%q: %s is %v", question, match.FeatureNames()[k], f)
					}
				}
				if !(h.Score >= 0 && h.Score <= 1) || i > 0 && h.Score > hits[i-1].Score {
					t.Errorf("%q: score %v at %d", question, h.Score, i)
				}
			}
		}
	}
}

func TestIndex_LeaveOneOut(t *testing.T) {
	t.Parallel()
	x := match.NewIndex(helpdesk(), match.Options{})
	for _, x := range []*match.Index{x, x.WithEncoder(mustTrain(t, helpdesk(), match.TrainConfig{}))} {
		trials, err := x.LeaveOneOut(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		if len(trials) != 4 {
			t.Errorf("%d trials, want 4", len(trials))
		}
		for _, trial := range trials {
			if trial.Score < 0 || trial.Score >= 1 {
				t.Errorf("trial %+v: the variant itself was found", trial)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.LeaveOneOut(ctx, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	if trials, err := match.NewIndex(nil, match.Options{}).LeaveOneOut(t.Context(), 4); len(trials) != 0 || err != nil {
		t.Errorf("an empty base: %v, %v", trials, err)
	}
}

func TestLoadWeights(t *testing.T) {
	t.Parallel()
	if match.WeightsVersion() == "" {
		t.Error("the weights that ship have no version")
	}
	for name, text := range map[string]string{
		"no JSON":        "{",
		"other features": `{"Features":["cosine"]}`,
		"nothing":        `{}`,
	} {
		if _, err := match.LoadWeights(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
