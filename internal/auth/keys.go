package auth

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/portcullis-ai/portcullis/internal/secret"
)

// Keys says which static keys are taken: where there is no issuer.
type Keys struct {
	// File has a line for each key: its name and sha256:HEX of it. A name may have
	// several keys, so that one can be replaced.
	File string `yaml:"file"`
	// Roles gives roles to the names in the file.
	Roles Grants `yaml:"roles"`
}

func (k Keys) validate() error {
	switch {
	case k.File == "" && len(k.Roles) > 0:
		return fmt.Errorf("file: keys.roles means nothing without it; name a file of keys")
	case k.File == "":
		return nil
	}
	return k.Roles.validate()
}

// keyPrefix tells keys from tokens, and lets scanners of secrets find them.
const keyPrefix = "pcl_"

// keyBytes is how much randomness a key has: as much as its digest, so that the digest
// can be stored without a salt or a slow hash.
const keyBytes = 32

// NewKey makes a key, and the line for the file of keys.
func NewKey(name string) (key secret.Value, line string, err error) {
	if !keyName.MatchString(name) {
		return secret.Value{}, "", fmt.Errorf("%q: a name is 1 to 64 of A-Z, a-z, 0-9, dot, dash and underscore", name)
	}
	random := make([]byte, keyBytes)
	_, _ = rand.Read(random) // never fails
	text := keyPrefix + base64.RawURLEncoding.EncodeToString(random)
	return secret.New(text), fmt.Sprintf("%s sha256:%x", name, sha256.Sum256([]byte(text))), nil
}

var (
	keyName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	keyText = regexp.MustCompile(`^` + keyPrefix + `[A-Za-z0-9_-]{43}$`)
)

// storedKey is a line of the file.
type storedKey struct {
	name   string
	digest [sha256.Size]byte
}

// maxKeys bounds the file: every key is compared with all of them.
const maxKeys = 1000

// static vouches for callers by their keys.
type static struct {
	roles Grants
	keys  *reloaded[[]storedKey]
}

func newStatic(cfg Keys) *static {
	return &static{roles: cfg.Roles, keys: &reloaded[[]storedKey]{
		what: "keys.file",
		read: func() ([][]byte, error) {
			data, err := secret.ReadPrivate(cfg.File)
			if err != nil {
				return nil, fmt.Errorf("keys.file: %w", err)
			}
			return [][]byte{data}, nil
		},
		parse: func(files [][]byte) ([]storedKey, error) {
			keys, err := parseKeys(files[0])
			if err != nil {
				return nil, fmt.Errorf("keys.file: %s: %w", cfg.File, err)
			}
			return keys, nil
		},
	}}
}

// parseKeys never quotes a line: somebody may have written a key itself there.
func parseKeys(data []byte) (keys []storedKey, err error) {
	seen := make(map[[sha256.Size]byte]bool)
	for i, line := range bytes.Split(data, []byte("\n")) {
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		key, ok := parseKey(text)
		switch {
		case !ok:
			return nil, fmt.Errorf("line %d is not NAME sha256:HEX; `portcullis key NAME` makes one", i+1)
		case seen[key.digest]:
			return nil, fmt.Errorf("line %d has a key that was there before: nobody could tell who calls", i+1)
		}
		seen[key.digest] = true
		keys = append(keys, key)
	}
	if len(keys) == 0 || len(keys) > maxKeys {
		return nil, fmt.Errorf("it holds %d keys; there must be one, and %d are the most", len(keys), maxKeys)
	}
	return keys, nil
}

func parseKey(line string) (key storedKey, ok bool) {
	name, sum, _ := strings.Cut(line, " ")
	sum, ok = strings.CutPrefix(strings.TrimSpace(sum), "sha256:")
	digest, err := hex.DecodeString(sum)
	if !ok || err != nil || len(digest) != sha256.Size || !keyName.MatchString(name) {
		return storedKey{}, false
	}
	return storedKey{name, [sha256.Size]byte(digest)}, true
}

// identify compares with every key, whichever it is, so that the time tells nothing.
func (s *static) identify(text string) (Principal, error) {
	if !keyText.MatchString(text) {
		return Principal{}, unknown(Malformed)
	}
	sum, name := sha256.Sum256([]byte(text)), ""
	for _, k := range s.keys.get() {
		if subtle.ConstantTimeCompare(k.digest[:], sum[:]) == 1 {
			name = k.name
		}
	}
	if name == "" {
		return Principal{}, unknown(UnknownKey)
	}
	return Principal{Name: "key:" + name, roles: s.roles.of(name)}, nil
}
