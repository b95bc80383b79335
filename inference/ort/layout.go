package ort

// Layout is how the texts of a batch lie in the tensors that a graph takes. A
// text is one window here.
type Layout string

// The layouts. The zero value is Padded.
const (
	// Padded is one text a row, all rows as long as the longest.
	Padded Layout = "padded"
	// Packed is several texts a row, one behind the other, kept apart by inputs
	// of their own.
	Packed Layout = "packed"
)

// packed reports whether l is Packed.
func (l Layout) packed() bool { return l == Packed }

// String names the layout, the zero value too.
func (l Layout) String() string {
	if l == "" {
		return string(Padded)
	}
	return string(l)
}

// role is what an input of a graph is for.
type role string

// The inputs of graphs. All are [rows, tokens] but the last two, which have one
// number for each text.
const (
	roleIDs       role = "input_ids"
	roleMask      role = "attention_mask"
	roleTypes     role = "token_type_ids"
	roleSequences role = "sequence_ids"
	rolePositions role = "position_ids"
	roleStarts    role = "text_starts"
	roleLengths   role = "text_lengths"
)

// dims returns how many dimensions an input of this role has.
func (r role) dims() int {
	if r == roleStarts || r == roleLengths {
		return 1
	}
	return 2
}

// inputs returns which inputs a graph of this layout must have, and may have.
func (l Layout) inputs() (must, may []role) {
	if l.packed() {
		return []role{roleIDs, roleSequences, rolePositions, roleStarts}, []role{roleLengths}
	}
	return []role{roleIDs}, []role{roleMask, roleTypes}
}
