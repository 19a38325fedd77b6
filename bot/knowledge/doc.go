// Package knowledge answers questions from an account's knowledge base: [Base] keeps the
// bases in memory, follows their changes, has them learn in the background, and decides by two
// thresholds whether to answer, to suggest or to admit a miss.
//
// It knows neither where entries are stored nor who asks: [Source], [Encoders] and [Vectors]
// give it what is stored, [Embedder] what an outside model makes of a text, [model.Answer] is
// all it says. How entries are found, ranked and learned from is the business of match, what a
// knowledge file looks like that of sheet, and what people do with a base that of curate,
// which tries out changes on [Base.Index] with [Decide].
//
// An edit is found as soon as it is read, for an index takes it in without being rebuilt. The
// account's encoder follows: one replica, which holds a lease, trains the next from the one
// before and stores it; all replicas see its number at their next look and take it over. No
// question waits for that.
package knowledge
