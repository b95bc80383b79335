package auth

import "errors"

// What becomes of a call that is refused. Every error of Admit wraps one of them.
var (
	// ErrUnknown: nobody vouches for the caller.
	ErrUnknown = errors.New("the caller is not known")
	// ErrUnavailable: whether the caller is known cannot be told now.
	ErrUnavailable = errors.New("credentials cannot be checked now")
	// ErrDenied: the caller is known and may not.
	ErrDenied = errors.New("the caller may not call this method")
	// ErrSecondFactor: the caller may, once a second factor has been shown.
	ErrSecondFactor = errors.New("the method wants a second factor")
)

// Reason is why a call was refused, for logs and metrics: one of the constants below,
// so it holds nothing that a caller sent.
type Reason string

// Reasons.
const (
	NoCredentials      Reason = "no_credentials"
	Malformed          Reason = "malformed"
	NotTaken           Reason = "not_taken" // of a kind that is not configured
	UnknownIssuer      Reason = "unknown_issuer"
	UnknownKey         Reason = "unknown_key"
	BadSignature       Reason = "bad_signature"
	WrongAudience      Reason = "wrong_audience"
	Expired            Reason = "expired"
	NotYetValid        Reason = "not_yet_valid"
	NotBound           Reason = "not_bound" // to the certificate of this connection
	KeysUnavailable    Reason = "keys_unavailable"
	UntrustedAuthority Reason = "untrusted_authority"
	Revoked            Reason = "revoked"
	RevocationUnknown  Reason = "revocation_unknown" // the list is overdue, or there is none
	NoName             Reason = "no_name"
	NoRole             Reason = "no_role"
	NoSecondFactor     Reason = "no_second_factor"
)

// refusal is the error of Admit.
type refusal struct {
	kind   error
	reason Reason
}

func (r *refusal) Error() string { return r.kind.Error() }
func (r *refusal) Unwrap() error { return r.kind }

func unknown(why Reason) error { return &refusal{ErrUnknown, why} }

// ReasonOf tells why err was given; empty if it is no refusal of this package.
func ReasonOf(err error) Reason {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.reason
	}
	return ""
}
