package pattern

// candidates are the places where matches may begin.
type candidates struct {
	begins [][]begin // by expression
	which  []uint32  // the expressions that have any, each once
	strong bool      // only expressions of strong rules are asked for
}

// begin is where a match may begin, and with what, nil: not told.
type begin struct {
	at    uint32
	reach uint32 // how far the run from it has looked; unread: there was none
	lead  *lead
}

func (c *candidates) add(expression uint32, b begin) {
	if len(c.begins[expression]) == 0 {
		c.which = append(c.which, expression)
	}
	c.begins[expression] = append(c.begins[expression], b)
}

// clear keeps the memory for the next text.
func (c *candidates) clear() {
	for _, e := range c.which {
		c.begins[e] = c.begins[e][:0]
	}
	c.which = c.which[:0]
}
