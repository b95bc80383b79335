package decode

// Budget bounds what the readings of one text may come to, nested ones included.
type Budget struct {
	Bytes int  // left
	Spent bool // something did not fit, and was left out
}

func (b *Budget) take(n int) bool {
	if n > b.Bytes {
		b.Spent = true
		return false
	}
	b.Bytes -= n
	return true
}
