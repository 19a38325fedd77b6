// Package records finds what was said and done in sessions, and gives it away: search over
// transcripts, exports, printable pages. It knows texts, bytes and time; where they are kept
// is for whoever plugs in a [Store].
//
// # The text index
//
// An account's index is a handful of segments that never change. A segment holds sessions,
// numbered from the newest, and for each pair of neighbouring characters (gram) the numbers of
// the sessions in which it stands. Pairs are spread over buckets by their first character, so
// that a query reads one bucket for each of its characters. An [Indexer] writes small segments
// for sessions that have ended or fallen silent and joins eight of a size into one. A [Searcher] asks
// the segments for candidates, newest first, adds the sessions that are in none yet, and reads
// the messages of both: the index decides where to look, never what is found.
package records
