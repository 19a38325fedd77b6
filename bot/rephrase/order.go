package rephrase

import "slices"

// pair is a thing that stands in both texts, by its token in each; at tells apart things
// within one token.
type pair struct {
	a, p   int
	ia, ip int
}

// same reports whether two tokens mean the same.
func same(a, p token) bool {
	if a.kind != p.kind {
		return false
	}
	if a.kind == word {
		return alike(a.class, p.class)
	}
	return a.value == p.value
}

// align pairs the tokens of one kind in their order. All must find a partner but those that
// may come and go.
func align(ta, tp []token, k kind, d Doubt) ([]pair, error) {
	as, ps := indexes(ta, k), indexes(tp, k)
	best := make([][]int, len(as)+1) // best[i][j]: most pairs of as[i:] and ps[j:]; -1: impossible
	for i := range best {
		best[i] = make([]int, len(ps)+1)
	}
	for i := len(as); i >= 0; i-- {
		for j := len(ps); j >= 0; j-- {
			best[i][j] = step(ta, tp, as[i:], ps[j:], best, i, j)
		}
	}
	if best[0][0] < 0 {
		return nil, difference(ta, tp, as, ps, d)
	}
	var pairs []pair
	for i, j := 0, 0; i < len(as) && j < len(ps); {
		switch {
		case same(ta[as[i]], tp[ps[j]]) && best[i+1][j+1]+1 == best[i][j]:
			pairs = append(pairs, pair{a: as[i], p: ps[j]})
			i, j = i+1, j+1
		case ta[as[i]].mayDrop && best[i+1][j] == best[i][j]:
			i++
		default:
			j++
		}
	}
	return pairs, nil
}

// step gives the most pairs of what is left.
func step(ta, tp []token, as, ps []int, best [][]int, i, j int) int {
	if len(as) == 0 && len(ps) == 0 {
		return 0
	}
	most := -1
	if len(as) > 0 && len(ps) > 0 && same(ta[as[0]], tp[ps[0]]) && best[i+1][j+1] >= 0 {
		most = best[i+1][j+1] + 1
	}
	if len(as) > 0 && ta[as[0]].mayDrop {
		most = max(most, best[i+1][j])
	}
	if len(ps) > 0 && tp[ps[0]].mayAdd {
		most = max(most, best[i][j+1])
	}
	return most
}

func indexes(tokens []token, k kind) []int {
	var out []int
	for i, t := range tokens {
		if t.kind == k {
			out = append(out, i)
		}
	}
	return out
}

// difference says what made an alignment impossible.
func difference(ta, tp []token, as, ps []int, d Doubt) error {
	for _, i := range as {
		if !ta[i].mayDrop && !slices.ContainsFunc(ps, func(j int) bool { return same(ta[i], tp[j]) }) {
			return doubt(d, "missing: %s%s", ta[i].value, ta[i].class)
		}
	}
	for _, j := range ps {
		if !tp[j].mayAdd && !slices.ContainsFunc(as, func(i int) bool { return same(ta[i], tp[j]) }) {
			return doubt(d, "new: %s%s", tp[j].value, tp[j].class)
		}
	}
	return doubt(d, "order or number")
}

// sameOrder looks for things that changed places. They may within a clause that stays one,
// as 年假5天 and 5天年假, unless something stands between them both before and after that
// gives each its part: 病假3天事假5天, 先审批再打款, 由甲方交给乙方, 主管通知员工;
// nor may anything leave or enter what an 仅 limits.
func sameOrder(ta, tp []token, marks, contents []pair) error {
	items := slices.DeleteFunc(slices.Concat(marks, contents), func(m pair) bool {
		c := ta[m.a].class
		return c == ask || c == sequence || c == condition
	})
	rigid := slices.ContainsFunc(ta, func(t token) bool { return t.class == strict })
	slices.SortFunc(items, func(x, y pair) int { return compare(x.a, x.ia, y.a, y.ia) })
	for i, x := range items {
		for _, y := range items[i+1:] {
			if compare(x.p, x.ip, y.p, y.ip) <= 0 {
				continue
			}
			if rigid || ta[x.a].class == only || ta[y.a].class == only || ta[x.a].clause != ta[y.a].clause || tp[x.p].clause != tp[y.p].clause ||
				hinged(ta[x.a:y.a+1], tp[y.p:x.p+1]) || turned(items[i+1:], x, y) {
				return doubt(DoubtOrder, "%s%s and %s%s", ta[x.a].value, ta[x.a].class, ta[y.a].value, ta[y.a].class)
			}
		}
	}
	return nil
}

// turned reports whether two things changed places around a third, that stands between them
// in both texts: 主管批准员工 and 员工批准主管.
func turned(items []pair, x, y pair) bool {
	return slices.ContainsFunc(items, func(m pair) bool {
		return compare(x.a, x.ia, m.a, m.ia) < 0 && compare(m.a, m.ia, y.a, y.ia) < 0 &&
			compare(y.p, y.ip, m.p, m.ip) < 0 && compare(m.p, m.ip, x.p, x.ip) < 0
	})
}

func compare(a, ia, b, ib int) int {
	if a != b {
		return a - b
	}
	return ia - ib
}

// hinged reports whether something between two things gives each its part: a joint in either
// text, a pivot or the same mark in both.
func hinged(ta, tp []token) bool {
	ta, tp = inner(ta), inner(tp)
	if slices.ContainsFunc(ta, token.joins) || slices.ContainsFunc(tp, token.joins) {
		return true
	}
	turns := func(t token) bool { return t.class == pivot }
	if slices.ContainsFunc(ta, turns) && slices.ContainsFunc(tp, turns) {
		return true
	}
	return slices.ContainsFunc(ta, func(a token) bool {
		return (a.kind == fact || a.kind == word && a.class != ask) &&
			slices.ContainsFunc(tp, func(p token) bool { return same(a, p) })
	})
}

// joins reports whether a token says who does what to whom.
func (t token) joins() bool {
	switch t.class {
	case hinge, "to", "from", "by", "than", "instead", "become":
		return true
	default:
		return false
	}
}

// inner leaves the first and the last token out.
func inner(tokens []token) []token {
	if len(tokens) < 3 {
		return nil
	}
	return tokens[1 : len(tokens)-1]
}

// place is where two characters of content stand: the token, and how far into it.
type place struct{ token, at int }

// contentPairs pairs every two characters of content that stand together in both texts, the
// first with the first and so on. Content that one text has more often is a doubt: 病假3天，
// 事假5天 and 病假3天，事假和病假5天.
func contentPairs(ta, tp []token) ([]pair, error) {
	inA, inP := places(ta), places(tp)
	var out []pair
	for gram, as := range inA {
		ps := inP[gram]
		if len(ps) > 0 && len(ps) != len(as) {
			return nil, doubt(DoubtContent, "%d × %s, not %d", len(ps), gram, len(as))
		}
		for i := range ps {
			out = append(out, pair{a: as[i].token, ia: as[i].at, p: ps[i].token, ip: ps[i].at})
		}
	}
	return out, nil
}

func places(tokens []token) map[string][]place {
	at := map[string][]place{}
	for i, t := range tokens {
		if t.kind != content {
			continue
		}
		runes := []rune(t.value)
		for k := range max(1, len(runes)-1) {
			gram := string(runes[k:min(len(runes), k+2)])
			at[gram] = append(at[gram], place{i, k})
		}
	}
	return at
}

// sameScope looks at what a mark belongs to. What follows a negation or duty must have
// followed it in its clause before: 不享受年终奖，转正… is not 享受年终奖，不转正…. And a limit behind
// a number stays with that number.
func sameScope(ta, tp []token, marks, contents []pair) error {
	for _, m := range marks {
		if ta[m.a].kind != word {
			continue
		}
		if governs(ta[m.a].class) {
			next, ok := following(tp, m.p, contents)
			if ok && (next.a < m.a || ta[next.a].clause != ta[m.a].clause) {
				return doubt(DoubtOrder, "%s before other words", ta[m.a].class)
			}
		}
		before := neighbour(ta, m.a)
		if before < 0 || ta[before].kind != fact || !bounds(ta[m.a].class) {
			continue
		}
		if at := neighbour(tp, m.p); at < 0 || tp[at].kind != fact || !slices.Contains(marks, pair{a: before, p: at}) {
			return doubt(DoubtOrder, "%s behind another fact", ta[m.a].class)
		}
	}
	return nil
}

// following gives the first content after a token of the phrase, within its clause.
func following(tp []token, i int, contents []pair) (pair, bool) {
	for k := i + 1; k < len(tp) && tp[k].clause == tp[i].clause; k++ {
		if tp[k].kind == content {
			at := slices.IndexFunc(contents, func(c pair) bool { return c.p == k })
			if at < 0 {
				return pair{}, false
			}
			return contents[at], true
		}
	}
	return pair{}, false
}

// neighbour gives the token before one, without chatter between; -1 for none.
func neighbour(tokens []token, i int) int {
	for k := i - 1; k >= 0 && tokens[k].clause == tokens[i].clause; k-- {
		if tokens[k].kind != other {
			return k
		}
	}
	return -1
}
