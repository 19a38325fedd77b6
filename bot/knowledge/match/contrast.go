package match

import "math"

// contrast fills in the facts that say how an entry does beside the others.
func contrast(found []*candidate, encoder bool) {
	gap(found, featCosine, featCosineGap)
	gap(found, featUnion, featUnionGap)
	if encoder {
		gap(found, featEncoderNear, featEncoderGap)
		share(found)
	}
	crowd := 0
	for _, c := range found {
		if c.worth > 0.9*found[0].worth {
			crowd++
		}
	}
	for i, c := range found {
		c.facts[featPlace] = math.Log(float64(i + 1))
		c.facts[featCrowd] = math.Log(float64(crowd))
	}
}

// gap fills in how far each value is above that of the best other entry.
func gap(found []*candidate, of, to feature) {
	first, second := math.Inf(-1), math.Inf(-1)
	for _, c := range found {
		switch f := c.facts[of]; {
		case f > first:
			first, second = f, first
		case f > second:
			second = f
		}
	}
	if len(found) == 1 {
		second = 0
	}
	for _, c := range found {
		c.facts[to] = c.facts[of] - first
		if c.facts[of] == first {
			c.facts[to] = first - second
		}
	}
}

// share fills in each entry's part of the probability, as the encoder's training sees it.
func share(found []*candidate) {
	top, sum := math.Inf(-1), 0.0
	for _, c := range found {
		top = max(top, c.facts[featEncoder])
	}
	for _, c := range found {
		c.facts[featEncoderShare] = math.Exp((c.facts[featEncoder] - top) / temperature)
		sum += c.facts[featEncoderShare]
	}
	for _, c := range found {
		c.facts[featEncoderShare] /= sum
	}
}

// meanOf is the mean of the three greatest values.
func meanOf(views []view, value func(view) float64) float64 {
	var best [closestMax]float64
	n := min(len(views), closestMax)
	for i, v := range views {
		f := value(v)
		for k := range n {
			if i <= k || f > best[k] {
				copy(best[k+1:n], best[k:])
				best[k] = f
				break
			}
		}
	}
	sum := 0.0
	for _, f := range best[:n] {
		sum += f
	}
	return sum / float64(n)
}
