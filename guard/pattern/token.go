package pattern

import (
	"regexp"
	"strings"
	"unicode"
)

// token takes the match and the characters of tokens behind it, however many:
// half a key must not stay behind.
func token(text string, m match) (match, int, bool) {
	m.end = spanOf(text, m.end, base64URL)
	return m, m.end, true
}

// azure takes a client secret of Azure by its fourth to sixth characters, for it may
// begin with any.
func azure(text string, m match) (match, int, bool) {
	const before, members = 3, letters + "_~."
	start := m.start - before
	if start < 0 || spanOf(text[:m.start], start, members) < m.start || start > 0 && inWordASCII(text[start-1]) == inWordASCII(text[start]) {
		return m, m.end, false
	}
	end := spanOf(text, m.end, base64URL)
	return match{start, end}, end, true
}

func inWordASCII(c byte) bool { return strings.IndexByte(letters+"_", c) >= 0 }

// value takes a value that is too irregular to be words up to its end: the
// closing quote if it stands in quotes, else white space. What it refuses it
// skips.
func value(text string, m match) (match, int, bool) {
	if found := text[m.start:m.end]; !irregular(found) || reference.MatchString(found) {
		return m, m.end, false
	}
	end := quotedEnd(text, m)
	if end < 0 {
		end = m.end + unquotedEnd(text[m.end:])
	}
	return match{m.start, end}, end, true
}

// reference is a value that names the variable which holds the secret.
var reference = regexp.MustCompile(`^(?:\$[A-Z][A-Z0-9_]*|process\.env\.[A-Z0-9_]+|os\.environ\.?[A-Za-z0-9_.]*)$`)

// quotedEnd returns where the quote in front of the match is closed on the same
// line, or -1. A quote written \" is closed by another such.
func quotedEnd(text string, m match) int {
	if m.start == 0 || strings.IndexByte("\"'`", text[m.start-1]) < 0 {
		return -1
	}
	quote, escaped := text[m.start-1], m.start > 1 && text[m.start-2] == '\\'
	for i := m.end; i < len(text) && text[i] != '\n'; i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && escaped && text[i+1] == quote:
			return i
		case text[i] == '\\' && !escaped:
			i++
		case text[i] == quote && !escaped:
			return i
		}
	}
	return -1
}

// unquotedEnd returns the end of what holds no white space, and no quote that
// something is closed with.
func unquotedEnd(text string) int {
	const quotes, closing = "\"'`", ",;:)]}> \t\r\n\\"
	for i, r := range text {
		if unicode.IsSpace(r) {
			return i
		}
		if strings.ContainsRune(quotes, r) && (i+1 == len(text) || strings.IndexByte(closing, text[i+1]) >= 0) {
			return i
		}
	}
	return len(text)
}

// credentials takes the password out of the user information of a URL (RFC 3986,
// section 3.2.1). It reads the authority behind :// and skips it. Words that
// stand for a password are none.
func credentials(text string, m match) (match, int, bool) {
	end := m.end
	for end < len(text) && text[end] > ' ' && strings.IndexByte("/?\"'`<>", text[end]) < 0 {
		end++
	}
	at := strings.LastIndexByte(text[m.end:end], '@')
	if at < 0 {
		return m, end, false
	}
	_, password, _ := strings.Cut(text[m.end:m.end+at], ":")
	return match{m.end + at - len(password), m.end + at}, end, password != "" && !standIn(password)
}

// standIn reports whether a value only shows where a secret would be: password,
// ****, {password}, $PASSWORD or [SECRET].
func standIn(value string) bool {
	switch strings.ToLower(value) {
	case "pass", "passwd", "password", "pw", "pwd", "secret", "token", "user", "xxx", "xxxx":
		return true
	}
	return strings.IndexByte("${[%", value[0]) >= 0 || strings.Trim(value, "*.") == ""
}
