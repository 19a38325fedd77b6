package curate

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// wording is a way of asking, and the questions that were put so.
type wording struct {
	folded string
	text   string // as first written
	asked  []model.Question
	grams  []gram // sorted by id
}

// gram is a piece of a text and what it says about the meaning, the squares of a text's
// weights adding up to 1.
type gram struct {
	id     uint64
	weight float64
}

// cluster puts questions together that ask the same: first those that are equal letter for
// letter after folding, then those whose pieces are the same for a good part, where pieces that
// are rare among the questions count for more, unless the matcher sees a difference. The most
// frequent wording of a cluster gathers the others; the most central one is put first. The same
// questions give the same clusters in any order.
func cluster(questions []model.Question) [][]wording {
	list := wordings(questions)
	weigh(list)
	like := newNeighbours(list)
	taken := make([]bool, len(list))
	var clusters [][]wording
	for i := range list {
		if taken[i] {
			continue
		}
		taken[i] = true
		members := []wording{list[i]}
		near := slices.DeleteFunc(like.of(i), func(other int) bool { return taken[other] })
		for _, other := range confirmed(list, i, near) {
			taken[other] = true
			members = append(members, list[other])
		}
		clusters = append(clusters, central(members))
	}
	return clusters
}

const (
	alikeFrom     = 0.45 // cosine from which two wordings may ask the same
	confirmedFrom = 0.6  // what the matcher must give one as the answer to the other
)

// confirmed keeps the wordings that the matcher, too, takes for what the ith asks: it knows
// that 入职 and 离职 are not the same.
func confirmed(list []wording, i int, near []int) []int {
	if len(near) == 0 {
		return nil
	}
	x := match.NewIndex([]model.Entry{{ID: 1, Question: list[i].text, State: model.EntryOn}}, match.Options{})
	return slices.DeleteFunc(near, func(other int) bool {
		hits := x.Search(match.Query{Text: list[other].text}, 1).Hits
		return len(hits) == 0 || hits[0].Score < confirmedFrom
	})
}

// neighbours finds the wordings that are alike.
type neighbours struct {
	list    []wording
	holding map[uint64][]int32 // by gram: the wordings that have it
	seen    []bool             // by wording; all false between searches
}

func newNeighbours(list []wording) *neighbours {
	n := &neighbours{list: list, holding: map[uint64][]int32{}, seen: make([]bool, len(list))}
	for i := range list {
		for _, g := range list[i].grams {
			n.holding[g.id] = append(n.holding[g.id], int32(i))
		}
	}
	return n
}

// of lists the wordings that ask what the ith asks, in order. Only those are compared that
// share a gram which says something: all the others together can't make two alike.
func (n *neighbours) of(i int) []int {
	w := &n.list[i]
	telling := slices.Clone(w.grams)
	slices.SortFunc(telling, func(a, b gram) int { return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(a.id, b.id)) })
	for sum := 0.0; len(telling) > 0; telling = telling[1:] {
		if sum += telling[0].weight * telling[0].weight; sum >= alikeFrom*alikeFrom {
			break
		}
	}
	n.seen[i] = true
	touched := []int{i}
	var found []int
	for _, g := range telling {
		for _, other := range n.holding[g.id] {
			if n.seen[other] {
				continue
			}
			n.seen[other] = true
			touched = append(touched, int(other))
			if cosine(w, &n.list[other]) >= alikeFrom {
				found = append(found, int(other))
			}
		}
	}
	for _, other := range touched {
		n.seen[other] = false
	}
	slices.Sort(found)
	return found
}

// wordings gathers the questions that are equal after folding, the most frequent first.
func wordings(questions []model.Question) []wording {
	questions = slices.Clone(questions)
	slices.SortFunc(questions, func(a, b model.Question) int { return cmp.Compare(a.ID, b.ID) })
	at := map[string]int{}
	var list []wording
	for _, q := range questions {
		folded := q.Folded
		if folded == "" {
			folded = match.Fold(q.Text)
		}
		i, ok := at[folded]
		if !ok {
			i = len(list)
			at[folded] = i
			list = append(list, wording{folded: folded, text: line(q.Text)})
		}
		list[i].asked = append(list[i].asked, q)
	}
	slices.SortFunc(list, func(a, b wording) int {
		return cmp.Or(cmp.Compare(len(b.asked), len(a.asked)), cmp.Compare(a.folded, b.folded))
	})
	return list
}

// weigh cuts the wordings into grams and weighs those by how rare they are.
func weigh(list []wording) {
	holding := map[uint64]int{}
	for i := range list {
		list[i].grams = cut(list[i].folded)
		for _, g := range list[i].grams {
			holding[g.id]++
		}
	}
	for i := range list {
		sum := 0.0
		for n := range list[i].grams {
			g := &list[i].grams[n]
			g.weight *= math.Log(float64(len(list)+rareOf) / (float64(holding[g.id]) + 0.5))
			sum += g.weight * g.weight
		}
		for n := range list[i].grams {
			list[i].grams[n].weight /= math.Sqrt(max(sum, math.SmallestNonzeroFloat64))
		}
	}
}

// rareOf is how many more questions are thought of, so that few of them don't make a chance
// look like a rule.
const rareOf = 200

// cut gives the grams of a text, sorted, each once: runs of one to three units, a unit being
// a Latin word, a number or a single other character, which says little by itself.
func cut(text string) []gram {
	units := words(text)
	units = slices.DeleteFunc(units, func(u string) bool { return u == " " })
	var list []gram
	for i := range units {
		id := fnv.New64a()
		for n, unit := range units[i:min(i+3, len(units))] {
			_, _ = id.Write([]byte(unit)) // never fails
			_, _ = id.Write([]byte{0})
			worth := [...]float64{0.4, 1, 0.8}[n]
			if n == 0 && len(unit) > 1 && unit[0] < utf8.RuneSelf {
				worth = 1
			}
			list = append(list, gram{id.Sum64(), worth})
		}
	}
	slices.SortFunc(list, func(a, b gram) int { return cmp.Compare(a.id, b.id) })
	return slices.CompactFunc(list, func(a, b gram) bool { return a.id == b.id })
}

// votersMax is how many wordings say which one is central: the most frequent.
const votersMax = 100

// central puts the wording first that is most like all the others, each as often as it was
// asked.
func central(members []wording) []wording {
	best, most := 0, -1.0
	voters := members[:min(len(members), votersMax)]
	for i := range members {
		sum := 0.0
		for k := range voters {
			sum += float64(len(voters[k].asked)) * cosine(&members[i], &voters[k])
		}
		if sum > most+1e-9 {
			best, most = i, sum
		}
	}
	members[0], members[best] = members[best], members[0]
	return members
}

func cosine(a, b *wording) float64 {
	sum := 0.0
	for i, k := 0, 0; i < len(a.grams) && k < len(b.grams); {
		switch ga, gb := a.grams[i], b.grams[k]; {
		case ga.id < gb.id:
			i++
		case ga.id > gb.id:
			k++
		default:
			sum += ga.weight * gb.weight
			i, k = i+1, k+1
		}
	}
	return sum
}
