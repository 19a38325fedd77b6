package sqlstore

import (
	"context"
	"encoding/json"
	"strconv"

	"gorm.io/gorm"

	"deskmate/model"
)

// calendarRow says that a year is stored.
type calendarRow struct {
	Year      int `gorm:"primaryKey;autoIncrement:false"`
	Version   uint64
	UpdatedMS int64
}

// TableName implements gorm's Tabler.
func (calendarRow) TableName() string { return "calendar_year" }

// calendarDayRow is one day of a stored year.
type calendarDayRow struct {
	Day  int `gorm:"primaryKey;autoIncrement:false"`
	Year int
	Work bool
	Name string
}

// TableName implements gorm's Tabler.
func (calendarDayRow) TableName() string { return "calendar_day" }

// calendarRevision counts the changes of the calendar.
const calendarRevision = "calendar"

// CalendarVersion is a number that grows whenever the calendar changes; 0 before that. It
// costs one row and may be asked several times a second.
func (s *Store) CalendarVersion(ctx context.Context) (uint64, error) {
	row, _, err := find[revisionRow](s.reader(ctx).Where("name = ?", calendarRevision))
	return row.Value, s.wrap(err, "read calendar version")
}

// CalendarYears lists the stored years, each in full, by year.
func (s *Store) CalendarYears(ctx context.Context) ([]model.CalendarYear, error) {
	var years []calendarRow
	if err := s.reader(ctx).Order("year").Find(&years).Error; err != nil {
		return nil, s.wrap(err, "read the calendar")
	}
	var days []calendarDayRow
	if err := s.reader(ctx).Order("day").Find(&days).Error; err != nil {
		return nil, s.wrap(err, "read the calendar")
	}
	list := make([]model.CalendarYear, len(years))
	for i, y := range years {
		list[i] = model.CalendarYear{Year: y.Year, Version: y.Version}
		for _, d := range days {
			if d.Year == y.Year {
				list[i].Days = append(list[i].Days, model.CalendarDay{Day: d.Day, Work: d.Work, Name: d.Name})
			}
		}
	}
	return list, nil
}

// CalendarYear reads one stored year; ErrNotFound where it isn't stored.
func (s *Store) CalendarYear(ctx context.Context, year int) (model.CalendarYear, error) {
	y, ok, err := findYear(s.reader(ctx), year)
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return y, s.wrap(err, "read calendar of %d", year)
}

func findYear(q *gorm.DB, year int) (model.CalendarYear, bool, error) {
	row, ok, err := find[calendarRow](q.Where("year = ?", year))
	if err != nil || !ok {
		return model.CalendarYear{}, false, err
	}
	y := model.CalendarYear{Year: year, Version: row.Version}
	var days []calendarDayRow
	err = q.Where("year = ?", year).Order("day").Find(&days).Error
	for _, d := range days {
		y.Days = append(y.Days, model.CalendarDay{Day: d.Day, Work: d.Work, Name: d.Name})
	}
	return y, true, err
}

// SaveCalendarYear makes a year what y says, in full, notes who did that in the audit log, and
// returns its new version. y.Version is the one that the caller saw, 0 where the year was not
// stored: ErrStale where that is so no more.
func (s *Store) SaveCalendarYear(ctx context.Context, y model.CalendarYear, actor string) (version uint64, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		before, _, err := findYear(tx, y.Year)
		if err != nil {
			return err
		}
		version = y.Version + 1
		row := calendarRow{Year: y.Year, Version: version, UpdatedMS: s.nowMS()}
		if y.Version == 0 {
			err = tx.Create(&row).Error
		} else {
			err = one(tx.Model(&calendarRow{}).Where("year = ? AND version = ?", y.Year, y.Version).
				Updates(map[string]any{"version": row.Version, "updated_ms": row.UpdatedMS}), model.ErrStale)
		}
		if err != nil {
			return err
		}
		if err := tx.Where("year = ?", y.Year).Delete(&calendarDayRow{}).Error; err != nil {
			return err
		}
		rows := make([]calendarDayRow, len(y.Days))
		for i, d := range y.Days {
			rows[i] = calendarDayRow{Day: d.Day, Year: y.Year, Work: d.Work, Name: d.Name}
		}
		if err := create(tx, rows); err != nil {
			return err
		}
		err = saveAudits(tx, []model.Audit{{
			Actor: actor, Action: "calendar.changed", Target: strconv.Itoa(y.Year),
			Before: daysJSON(before.Days), After: daysJSON(y.Days),
		}}, s.nowMS())
		if err != nil {
			return err
		}
		return bumpRevision(tx, calendarRevision)
	})
	if model.CodeOf(s.translate(err)) == model.CodeConflict {
		err = model.ErrStale // somebody stored it first
	}
	return version, s.wrap(err, "save calendar of %d", y.Year)
}

func daysJSON(days []model.CalendarDay) string {
	if len(days) == 0 {
		return ""
	}
	text, _ := json.Marshal(days) // nothing in it can fail
	return string(text)
}
