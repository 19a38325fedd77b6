// Package sqlstore keeps everything that must not be lost: accounts, what came in
// and what goes out, sessions, the directory and the knowledge bases. One set of
// methods serves MySQL 8, MariaDB 10.11 and SQLite, in their common subset of SQL.
//
// One method is one transaction, and what must change together is one value: the
// engine decides a [model.Step], [Store.Apply] makes it true. Nobody outside this
// package holds a database handle. Some methods work in batches instead, because they
// may touch a hundred thousand rows or many MiB: SaveDirectory, SweepTimers, PutBlob,
// SaveEmbeddings, and those that change many entries of a knowledge base; each says what
// a reader sees in between.
//
// # Lanes
//
// Work is done in lanes (see [model.Lane]). Whoever adds work to a lane locks its
// row first, takes the next numbers from it and marks it ready; several lanes are
// locked in the order of their keys. A worker claims ready lanes for the time of a
// lease and gets a fence with each; every write it makes for a lane names that
// fence and is refused with [model.ErrFenced] once somebody else has claimed the
// lane, or once the worker itself has let go of it.
//
// # Errors
//
// Absent rows are [model.ErrNotFound], repeated keys [model.ErrDuplicate], and a
// database that is away, or too contended after several tries, is
// [model.ErrUnavailable]. No error holds a secret or a message text.
package sqlstore
