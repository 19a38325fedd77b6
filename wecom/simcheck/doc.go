// Package simcheck holds the simulator against clients that nobody here wrote: their own
// code calls it and answers its callbacks. It is a module of its own, so that those
// clients stay out of the program's.
package simcheck
