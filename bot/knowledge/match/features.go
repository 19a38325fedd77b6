package match

// feature is a piece of evidence that a question means an entry. Shares are weighed by
// rarity; those of the encoder are 0 without one.
type feature int

const (
	featCosine          feature = iota // of all grams
	featUnits                          // share of the question's units that the variant has
	featUnitsBack                      // share of the variant's units that the question has
	featPairs                          // the same for pairs
	featPairsBack                      //
	featLetters                        // and for letters inside words; as the units where there are none
	featLettersBack                    //
	featSequence                       // longest common subsequence, share of the question
	featSequenceBack                   // and of the variant
	featRun                            // longest common run, share of the shorter one
	featLength                         // logarithm of the question's length in units
	featLengthBack                     // and of the variant's
	featLengths                        // shorter by longer
	featMissing                        // heaviest unit of the question that the variant lacks
	featMissingBack                    // and the other way round
	featSameAsk                        // they ask for the same kind of thing
	featOtherAsk                       // they ask for different kinds
	featNegation                       // one denies, the other doesn't
	featWords                          // a Latin word of the question that no variant of the entry has
	featNumbers                        // both have numbers, and the question one that no variant has
	featOpposite                       // they name different sides of an opposite
	featNear                           // mean of the cosines of the three nearest variants
	featVariants                       // logarithm of the number of variants
	featUnion                          // share of the question's units and pairs that any variant of the entry has
	featUnionMissing                   // heaviest unit of the question that none has
	featSize                           // logarithm of the size of the base
	featEncoder                        // the encoder's cosine with the nearest variant
	featEncoderNear                    // mean of those of the three nearest
	featEncoderCentre                  // cosine with the mean of the entry's variants
	featEncoderStandard                // cosine with the standard question
	featEncoderGap                     // how far the best other candidate's cosine is above it, or below
	featEncoderShare                   // its share among the candidates, as training sees it
	featCosineGap                      // as featEncoderGap, of cosines
	featUnionGap                       // and of unions
	featPlace                          // logarithm of its place among the candidates
	featCrowd                          // candidates that are about as good as the best
	featSwapped                        // content of the question that stands where the variant has other content
	featAdded                          // content of the question that stands where the variant has nothing
	featAddedBack                      // and the other way round
	featDenied                         // one denies a word that the other has and doesn't
	featEmbedding                      // the embedding service's cosine; 0 without one
	featureCount
)

// FeatureNames names the numbers of [Hit.Features].
func FeatureNames() []string {
	return []string{
		"cosine", "units", "units_back", "pairs", "pairs_back", "letters", "letters_back",
		"sequence", "sequence_back", "run", "length", "length_back", "lengths", "missing", "missing_back",
		"same_ask", "other_ask", "negation", "words", "numbers", "opposite",
		"near", "variants", "union", "union_missing", "size",
		"encoder", "encoder_near", "encoder_centre", "encoder_standard", "encoder_gap", "encoder_share",
		"cosine_gap", "union_gap", "place", "crowd",
		"swapped", "added", "added_back", "denied", "embedding",
	}
}
