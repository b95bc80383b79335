// Package article is the validator of the article that Portcullis starts from, to
// the letter: ten patterns, two heuristics on the wording, a token limit and a
// toxicity score, added up. It is a guard.Check that measures and a guard.Policy
// that decides, because people who have read the article will compare.
//
// It is no good guard (docs and spec say why) and not the default. Three faults of
// the article are not kept: its content check looked for a label that its model
// does not have, a failed classifier scored 0 and let everything through (here it
// blocks), and <|endoftext|> made its token counter raise.
package article
