// Package sheet reads and writes knowledge files: xlsx, csv and jsonl ([Layout.Read],
// [Layout.Write]). It says of every row what is wrong with it and what was repaired, and
// what the file would do to a base ([Compare]). Where bases are kept it doesn't know.
package sheet
