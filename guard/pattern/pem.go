package pattern

import "strings"

const (
	pemBegin, pemEnd, pemDashes = "-----BEGIN ", "-----END ", "-----"

	pemBlock  = 16 << 10 // how far behind its BEGIN line an END line may stand
	pemName   = 80       // the longest BEGIN or END line
	pemHeader = 256      // the most that stands between two lines of a key: its headers
	pemPrefix = 24       // the most that quoting puts between two lines of a key
)

// pem takes what follows a BEGIN line up to the END line of a private key (RFC
// 7468), whatever stands between: quoting, comments and markup put things into
// every line. Where the END line is missing it takes all lines of the key, and
// no prose behind them. It reads as far as the next key, or little more than it
// takes.
func pem(text string, m match) (match, int, bool) {
	rest := text[m.end:min(len(text), m.end+pemBlock)]
	if next, _ := keyLine(rest, pemBegin); next >= 0 {
		rest = rest[:next]
	}
	if _, end := keyLine(rest, pemEnd); end >= 0 {
		m.end += end
	} else {
		m.end = keyEnd(text, m.end)
	}
	return m, m.end, true
}

// keyLine returns where the first BEGIN or END line of a private key stands, or
// -1.
func keyLine(text, opening string) (start, end int) {
	for from := 0; ; {
		at := strings.Index(text[from:], opening)
		if at < 0 {
			return -1, -1
		}
		start, from = from+at, from+at+len(opening)
		name, _, closed := strings.Cut(text[from:min(len(text), from+pemName)], pemDashes)
		if closed && strings.Contains(name, "PRIVATE KEY") {
			return start, from + len(name) + len(pemDashes)
		}
	}
}

// keyEnd returns the end of the key whose lines follow i. Undisturbed they are
// base64 and line ends; else they are long runs of base64 with headers between,
// or shorter ones with no more than quoting between.
func keyEnd(text string, i int) int {
	const base64, lines = letters + "+/=", letters + "+/=\r\n\\"
	end := spanOf(text, i, lines)
	for at := end; at < len(text) && at-end <= pemHeader; at++ {
		run := spanOf(text, at, base64)
		if run-at >= 40 || at-end <= pemPrefix && partOfKey(text[at:run]) {
			end = run
		}
		at = run
	}
	return end
}

// partOfKey reports whether a run of base64 is a line of a key rather than a
// word: long, or with digits, signs or capitals inside.
func partOfKey(run string) bool {
	return len(run) >= 20 || len(run) > 2 && strings.ContainsAny(run[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=")
}
