// Package sheet reads and writes knowledge files: xlsx, csv and jsonl ([Read], [Write]). It
// says of every row what is wrong with it and what was repaired; what an account already
// holds it doesn't know.
package sheet
