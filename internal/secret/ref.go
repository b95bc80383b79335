package secret

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// Ref says where a secret is: file:/run/secrets/token or env:NAME. Settings hold
// references, so that printing them tells nothing.
type Ref string

// errNoRef does not quote what it was given, which may be the secret itself.
var errNoRef = errors.New("it is neither file:PATH nor env:NAME; put the secret into a file or a variable and name that here")

// Validate refuses what is no reference. The empty one is none, and fine.
func (r Ref) Validate() error {
	kind, name, _ := strings.Cut(string(r), ":")
	if r != "" && (name == "" || kind != "file" && kind != "env") {
		return errNoRef
	}
	return nil
}

// Read returns the secret, without the line break that editors leave at its end. A
// file that everyone may read is refused, and so is an empty secret.
func (r Ref) Read() (Value, error) {
	kind, name, _ := strings.Cut(string(r), ":")
	var held string
	switch kind {
	case "file":
		data, err := ReadPrivate(name)
		if err != nil {
			return Value{}, err
		}
		held = string(data)
	case "env":
		held = os.Getenv(name)
	default:
		return Value{}, errNoRef
	}
	if held = strings.TrimRight(held, "\r\n"); held == "" {
		return Value{}, fmt.Errorf("%s holds nothing", r)
	}
	return New(held), nil
}
