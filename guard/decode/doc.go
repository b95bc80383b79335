// Package decode reads a text as somebody reads it who knows how it was hidden:
// decoded, unescaped, reversed, with the letters of a word put together again.
//
//	views of a text → Find → readings, each with a map back to the view it came from
//
// A reading is a guess. Rules judge it as they judge a text, so a wrong guess costs
// time and finds nothing; only what reads like language is worth a model's time.
//
// Every text is an attack. Each reader takes time linear in its view, what they
// write together stays within a budget, and a budget that was spent is told. Most
// texts hide nothing: readers look for the shape of what they read in long steps,
// and prose costs less than a pass over its bytes, but for the one that compares
// pairs of letters.
package decode
