// Package knowledge answers questions from an account's knowledge base: it folds a
// question ([Fold]), finds the entries that may be meant ([Index]), and decides by two
// thresholds whether to answer, to suggest or to admit a miss ([Base]). It also reads
// and writes knowledge files ([Read], [Write]).
//
// It knows neither where entries are stored nor who asks: [Source] gives it the entries,
// [model.Answer] is all it says. What comes before a search and after it (folding, small
// talk, thresholds, keeping up with changes) doesn't depend on how [Index] ranks.
package knowledge
