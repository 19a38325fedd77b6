package sqlstore

import (
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// people reads the names of the colleagues that a decision may mention.
func (l *loading) people() error {
	who := sendersOf(l.c.Recent, model.FromNote)
	if l.event.By != "" || l.event.Kind == model.EventSeatClaim {
		who = append(who, l.event.By, l.event.Seat)
		if l.c.Target != nil {
			who = append(who, l.c.Target.Seat)
		}
	}
	for known := range l.c.Names { // read before, for the event
		who = append(who, known)
	}
	names, err := namesOf(l.q, l.c.Account.CorpID, who)
	l.c.Names = names
	return err
}

// sendersOf are the people who wrote lines of these kinds.
func sendersOf(lines []model.Message, kinds ...model.SenderKind) []string {
	var who []string
	for _, m := range lines {
		if slices.Contains(kinds, m.From) {
			who = append(who, m.Sender)
		}
	}
	return who
}

// namesOf are the short names of people, by userid; nil for nobody.
func namesOf(q *gorm.DB, corpID string, who []string) (map[string]string, error) {
	slices.Sort(who)
	who = slices.DeleteFunc(slices.Compact(who), func(id string) bool { return id == "" })
	if len(who) == 0 {
		return nil, nil //nolint:nilnil // nobody has no names
	}
	found, err := findMembers(q, corpID, who)
	names := make(map[string]string, len(found))
	for id, m := range found {
		names[id] = m.ShortName()
	}
	return names, err
}
