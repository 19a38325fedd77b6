// Package knowledge answers questions from an account's knowledge base: [Base] keeps the
// bases in memory, follows their changes, and decides by two thresholds whether to answer,
// to suggest or to admit a miss.
//
// It knows neither where entries are stored nor who asks: [Source] gives it the entries,
// [model.Answer] is all it says. How entries are found and ranked is the business of match,
// what a knowledge file looks like that of sheet, and what people do with a base that of
// curate.
package knowledge
