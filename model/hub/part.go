package hub

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// part is a file on its way: NAME.part, and NAME.part.etag with the validator
// of the server that sent it, without which nobody could tell whether the rest
// still belongs to it.
type part struct {
	path string
	f    *os.File
	size int64
	etag string
}

// openPart goes on with what an earlier run left, if it left a validator.
func openPart(path string) (*part, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644) //nolint:gosec // the service may run as another user
	if err != nil {
		return nil, err
	}
	p := &part{path: path, f: f}
	if err := p.resume(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return p, nil
}

func (p *part) resume() error {
	etag, err := os.ReadFile(p.path + ".etag")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if p.etag = string(etag); !strong(p.etag) {
		return p.restart("")
	}
	p.size, err = p.f.Seek(0, io.SeekEnd)
	return err
}

// restart empties the file and notes who sends it from now on.
func (p *part) restart(etag string) error {
	p.size, p.etag = 0, etag
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	if _, err := p.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if !strong(etag) {
		p.etag = ""
		err := os.Remove(p.path + ".etag")
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return os.WriteFile(p.path+".etag", []byte(etag), 0o600)
}

// strong reports whether a validator promises the same bytes, which a weak one
// (W/"…") does not: RFC 9110, section 13.1.5.
func strong(etag string) bool { return strings.HasPrefix(etag, `"`) }

func (p *part) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.size += int64(n)
	return n, err
}

// digest hashes what is on disk, not what went by: it is what will be loaded.
func (p *part) digest() (string, error) {
	if err := p.f.Sync(); err != nil {
		return "", err
	}
	return fileDigest(p.path)
}

func (p *part) close() { p.f.Close() }

// discardPart removes a part and its validator. What cannot be removed is found
// and judged again by the next pull.
func discardPart(path string) {
	_ = os.Remove(path)
	_ = os.Remove(path + ".etag")
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path) //nolint:gosec // a file of the caller's own folder
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
