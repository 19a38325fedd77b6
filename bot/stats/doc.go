// Package stats says what every figure of the statistics means, and counts it. A session is
// counted where it was opened: in that local hour, day and month, whatever happened to it later.
// So every figure of a period is about the same sessions, figures of parts add up, and a figure
// can name its sessions. It knows neither tables nor pages.
package stats
