package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile is how long a file of keys or certificates may be, in bytes.
const maxFile = 1 << 20

const (
	othersAny   fs.FileMode = 0o007
	othersWrite fs.FileMode = 0o002
)

// ReadPrivate reads a file that holds a secret. It refuses one that is open to every
// user of the machine; the group may read, as it does in Kubernetes.
func ReadPrivate(name string) ([]byte, error) { return read(name, othersAny) }

// ReadTrusted reads a file that is no secret but says whom to trust. It refuses one
// that every user of the machine may write.
func ReadTrusted(name string) ([]byte, error) { return read(name, othersWrite) }

// read asks the opened file for its mode, so that it cannot be exchanged in between.
func read(name string, forbidden fs.FileMode) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", name)
	case info.Mode()&forbidden != 0:
		return nil, fmt.Errorf("%s is open to every user of the machine (%s): chmod o-rwx %s", name, info.Mode(), name)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errors.New(name + " is longer than 1 MiB")
	}
	return data, err
}
