package curate

import "deskmate/bot/knowledge/match"

// Advise is what [Tuner.SuggestThresholds] makes of trials.
func Advise(trials []match.Trial) Advice { return advise(trials) }
