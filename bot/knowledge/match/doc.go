// Package match finds the entries of a knowledge base that a question may mean and says
// how sure it is. A question is folded ([Fold]); an [Index] of every variant gives the
// variants that share most with it, and those that the account's [Encoder] has learned to be
// close; their entries are looked at closely, ranked, and the first one gets the probability
// that it is right. The numbers behind ranking and probability are [Weights]: scripts/weights
// fits them.
//
// It knows texts and numbers only: where entries are kept, which account asks, what
// probability is enough for an answer and what is said in the end are others' business.
package match
