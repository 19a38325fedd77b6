// Package bot is the engine: it decides what happens next, and why. One event of
// one lane at a time it loads the case, asks what may be slow (the knowledge base, a
// language model, which seat), decides without any input or output, and applies the
// whole decision in one transaction.
//
// It holds what stays true if WeCom, the database, Redis and the browser are all
// replaced, and therefore imports [deskmate/model] only: what it needs of the others
// it declares as small interfaces, which cmd plugs together.
package bot
