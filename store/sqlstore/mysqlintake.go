package sqlstore

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"deskmate/model"
)

// acceptStatements are accept in one trip: the inbox row takes the number that the lane has
// just given. A statement that fails keeps those behind it from being run.
const acceptStatements = "START TRANSACTION; " + mysqlTakeSeqs + "; " +
	"INSERT INTO `inbox` (`account_id`, `lane`, `seq`, `dedupe`, `event`, `created_ms`, `arrived_ms`, `state`, " +
	"`attempts`, `outcome`, `reason`, `session_id`, `detail`, `done_ms`, `err`, `traceparent`) " +
	"VALUES (?, ?, LAST_INSERT_ID(), ?, ?, ?, ?, ?, 0, '', '', 0, '{}', 0, '', ?); COMMIT"

// acceptInOneTrip stores an event at the end of its lane, as accept does.
func (s *Store) acceptInOneTrip(ctx context.Context, row model.Inbox) (err error) {
	event, err := json.Marshal(row.Event)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	conn, err := s.intake.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // gives it back to the pool
	_, err = conn.ExecContext(ctx, acceptStatements,
		row.Lane, model.LaneIn, row.AccountID, row.ArrivedMS, 1, 1,
		row.AccountID, row.Lane, row.Dedupe, string(event), row.CreatedMS, row.ArrivedMS, row.State, row.Traceparent)
	if err == nil {
		return nil
	}
	// The transaction is still open. A connection on which it can't be ended is thrown away.
	if _, failed := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK"); failed != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		return errors.Join(err, failed)
	}
	return err
}
