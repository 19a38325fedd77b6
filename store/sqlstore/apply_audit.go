package sqlstore

import "slices"

// audits adds to the audit log what the step says of who did what.
func (a *applying) audits() error {
	rows := slices.Clone(a.step.Audits)
	for i := range rows {
		rows[i].ID, rows[i].AccountID = 0, a.accountID
		if rows[i].AtMS == 0 {
			rows[i].AtMS = a.step.At
		}
	}
	return create(a.tx, rows)
}
