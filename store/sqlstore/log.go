package sqlstore

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// slowStatement is from when on a statement is worth a line in the log.
const slowStatement = 500 * time.Millisecond

// slowLog is gorm's logger here: it reports slow statements and nothing else, because
// errors are returned, and never the values of a statement.
type slowLog struct {
	log  *slog.Logger
	slow time.Duration // from when on a statement is reported
}

// LogMode implements logger.Interface; the level is slog's business.
func (l slowLog) LogMode(logger.LogLevel) logger.Interface { return l }

// Info implements logger.Interface.
func (slowLog) Info(context.Context, string, ...any) {}

// Warn implements logger.Interface.
func (slowLog) Warn(context.Context, string, ...any) {}

// Error implements logger.Interface.
func (slowLog) Error(context.Context, string, ...any) {}

// ParamsFilter implements gorm.ParamsFilter: it keeps values out of statements.
func (slowLog) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}

// Trace implements logger.Interface.
func (l slowLog) Trace(ctx context.Context, begin time.Time, fc func() (string, int64), _ error) {
	took := time.Since(begin)
	if took < l.slow {
		return
	}
	sql, rows := fc()
	l.log.WarnContext(ctx, "statement was slow", slog.Int64("took_ms", took.Milliseconds()), slog.Int64("rows", rows), slog.String("sql", sql))
}
