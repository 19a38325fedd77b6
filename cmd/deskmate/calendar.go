package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"time"

	"deskmate/bot/hours"
	"deskmate/model"
	"deskmate/store/sqlstore"
)

// calendars reads and writes years of the official calendar, where a stored year hides the
// built-in one.
type calendars struct{ store *sqlstore.Store }

// CalendarYear is the year as it counts; ErrNotFound where nobody knows it.
func (c calendars) CalendarYear(ctx context.Context, year int) (model.CalendarYear, error) {
	y, err := c.store.CalendarYear(ctx, year)
	if !errors.Is(err, model.ErrNotFound) {
		return y, err
	}
	days, ok := hours.OfficialYear(year)
	if !ok {
		return model.CalendarYear{Year: year}, err
	}
	return model.CalendarYear{Year: year, Days: days}, nil
}

// SaveCalendarYear checks and stores a year in full; see [sqlstore.Store.SaveCalendarYear].
func (c calendars) SaveCalendarYear(ctx context.Context, y model.CalendarYear, actor string) (uint64, error) {
	if err := hours.CheckYear(y); err != nil {
		return 0, err
	}
	return c.store.SaveCalendarYear(ctx, y, actor)
}

func calendarShowCommand() command {
	return command{
		name: "calendar show", args: "--year N", short: "list a year's holidays and make-up workdays",
		flags: func(f *flag.FlagSet) {
			settingsFlag(f)
			f.Int("year", 0, "the year; none: this one")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			year := p.now().Year()
			if n, _ := flags.Lookup("year").Value.(flag.Getter).Get().(int); n != 0 {
				year = n
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				y, err := calendars{store}.CalendarYear(ctx, year)
				if errors.Is(err, model.ErrNotFound) {
					return fmt.Errorf("the calendar of %d is not known: 'deskmate calendar import' brings it", year)
				}
				if err != nil {
					return err
				}
				_, _ = fmt.Fprintln(p.stdout, "日期,类型,名称")
				for _, d := range y.Days {
					_, _ = fmt.Fprintf(p.stdout, "%s,%s,%s\n", dateText(d.Day), kindText(d.Work), d.Name)
				}
				return nil
			})
		},
	}
}

// dateText writes a day (yyyymmdd) as 2027-01-01.
func dateText(day int) string {
	return fmt.Sprintf("%04d-%02d-%02d", day/10_000, day/100%100, day%100)
}

func kindText(work bool) string {
	if work {
		return "班"
	}
	return "休"
}

func calendarImportCommand() command {
	return command{
		name: "calendar import", args: "FILE.csv [--replace]", short: "bring the official calendar of further years",
		long: "The file is CSV in UTF-8 with the columns 日期, 类型 (休 or 班) and 名称, a row for each day of a holiday and each\n" +
			"make-up workday; 'deskmate calendar show' prints the same form. A year in it takes the place of what was\n" +
			"known of that year as a whole, which needs --replace. A running server follows within a second.",
		flags: func(f *flag.FlagSet) {
			settingsFlag(f)
			f.Bool("replace", false, "replace years that are known already")
		},
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "FILE.csv"); err != nil {
				return err
			}
			file, err := os.Open(flags.Arg(0))
			if err != nil {
				return fmt.Errorf("open the calendar: %w", err)
			}
			defer func() { _ = file.Close() }()
			years, err := hours.ReadCSV(file)
			if err != nil {
				return err
			}
			return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
				return p.importCalendar(ctx, calendars{store}, years, flagSet(flags, "replace"))
			})
		},
	}
}

func (p program) importCalendar(ctx context.Context, c calendars, years []model.CalendarYear, replace bool) error {
	for i, y := range years {
		known, err := c.CalendarYear(ctx, y.Year)
		switch {
		case errors.Is(err, model.ErrNotFound):
		case err != nil:
			return err
		case !replace:
			return fmt.Errorf("the calendar of %d is known already; nothing was imported: --replace replaces it", y.Year)
		}
		years[i].Version = known.Version
	}
	for _, y := range years {
		if _, err := c.SaveCalendarYear(ctx, y, cliAuthor); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(p.stdout, "%d: %d days\n", y.Year, len(y.Days))
	}
	return nil
}

// flagSet reports whether a switch was given.
func flagSet(flags *flag.FlagSet, name string) bool {
	on, _ := flags.Lookup(name).Value.(flag.Getter).Get().(bool)
	return on
}

func calendarSetCommand() command {
	return command{
		name: "calendar set", args: "DAY holiday|workday NAME", short: "make one day a holiday, or a workday",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "DAY", "holiday|workday", "NAME"); err != nil {
				return err
			}
			kind := flags.Arg(1)
			if kind != "holiday" && kind != "workday" {
				return usagef("calendar set: a day is a holiday or a workday, not %q", kind)
			}
			return p.changeDay(ctx, flags, func(days []model.CalendarDay, day int) []model.CalendarDay {
				return append(days, model.CalendarDay{Day: day, Work: kind == "workday", Name: flags.Arg(2)})
			})
		},
	}
}

func calendarUnsetCommand() command {
	return command{
		name: "calendar unset", args: "DAY", short: "make one day what its weekday says", flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags, "DAY"); err != nil {
				return err
			}
			return p.changeDay(ctx, flags, func(days []model.CalendarDay, _ int) []model.CalendarDay { return days })
		},
	}
}

// changeDay takes the day of the first argument out of its year, and stores what put makes of
// the rest.
func (p program) changeDay(
	ctx context.Context, flags *flag.FlagSet, put func(days []model.CalendarDay, day int) []model.CalendarDay,
) error {
	day, err := hours.ReadDay(flags.Arg(0))
	if err != nil {
		return usagef("%s: %v", commandName(flags), err)
	}
	return p.withStore(ctx, flags, func(store *sqlstore.Store) error {
		c := calendars{store}
		y, err := c.CalendarYear(ctx, day/10_000)
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			return err
		}
		y.Days = put(slices.DeleteFunc(y.Days, func(d model.CalendarDay) bool { return d.Day == day }), day)
		_, err = c.SaveCalendarYear(ctx, y, cliAuthor)
		return err
	})
}

// missingYears are the years of which the official calendar should be known at a time and is
// not: the present one and, from November on, when the next one's notice is out, that.
func missingYears(ctx context.Context, c calendars, now time.Time) (years []int, err error) {
	want := []int{now.Year()}
	if now.Month() >= time.November {
		want = append(want, now.Year()+1)
	}
	for _, year := range want {
		_, err := c.CalendarYear(ctx, year)
		switch {
		case errors.Is(err, model.ErrNotFound):
			years = append(years, year)
		case err != nil:
			return nil, err
		}
	}
	return years, nil
}
