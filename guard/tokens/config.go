package tokens

import (
	"fmt"
	"slices"
	"strings"
)

// Config says how texts are counted.
type Config struct {
	// Encoding names the tokens that are counted: cl100k_base, as the contract and
	// the limits of the built-in policies understand them, or o200k_base.
	Encoding string `yaml:"encoding"`
}

// DefaultConfig counts cl100k_base.
func DefaultConfig() Config { return Config{Encoding: "cl100k_base"} }

// Validate names the first key that cannot be used.
func (c Config) Validate() error {
	if _, err := encodingNamed(c.Encoding); err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	return nil
}

// encoding is what makes tokens of a text: where it is cut, and which byte strings
// are tokens.
type encoding struct {
	name   string
	tokens int // how many there are, special ones left out
	end    func(text string, i int) (end, seen int)
}

// file is the name of the ranks in tiktoken-go-loader.
func (e encoding) file() string { return e.name + ".tiktoken" }

var encodings = []encoding{
	{"cl100k_base", 100256, cl100kEnd},
	{"o200k_base", 199998, o200kEnd},
}

func encodingNamed(name string) (encoding, error) {
	i := slices.IndexFunc(encodings, func(e encoding) bool { return e.name == name })
	if i < 0 {
		names := make([]string, len(encodings))
		for i, e := range encodings {
			names[i] = e.name
		}
		return encoding{}, fmt.Errorf("%q is none of %s", name, strings.Join(names, ", "))
	}
	return encodings[i], nil
}
