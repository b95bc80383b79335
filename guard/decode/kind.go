package decode

// Kind is a way of hiding a text.
type Kind uint8

// The kinds. Escapes are percent signs, HTML entities and backslashes; Numbers are
// character codes in base 2, 8, 10 or 16; Hidden are tag characters, variation
// selectors and zero-width characters; Joined are words with no space between them;
// Broken are words parted at the end of a line; Turned are letters on their heads.
const (
	Base64 Kind = iota
	Base32
	Hex
	Numbers
	Escapes
	Hidden
	Rot13
	Reversed
	Leet
	Spaced
	Joined
	Broken
	Turned

	Kinds = iota // how many there are
)

var kindNames = [Kinds]string{
	"base64", "base32", "hex", "character codes", "escapes", "hidden characters", "ROT13", "reversed letters", "leetspeak", "parted letters", "joined words",
	"words parted at line ends", "letters on their heads",
}

// String names the kind for people.
func (k Kind) String() string { return kindNames[k] }

// Keyless reports whether any text can be read this way, so that the reading may
// be of something that nobody hid.
func (k Kind) Keyless() bool { return k >= Rot13 }

// Even reports whether a text of the kind is about as long as what it hides, so that
// a phrase in it takes no more room than a phrase of the text.
func (k Kind) Even() bool { return k.Keyless() && k != Spaced && k != Turned }

// View is one of the views that Find is given.
type View uint8

// Hidden is read in Raw, where alone it is, as soft hyphens are; what has a shape of its
// own in Clean, which keeps case and line ends, and what line ends or letters outside ASCII
// show; what is made of words in Folded.
const (
	Raw View = iota
	Clean
	Folded
)
