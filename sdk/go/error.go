package actor

import (
	"fmt"
	"time"
)

// Error is what the host says to what it cannot do, and why a question has no answer. Compare it with errors.Is.
type Error struct {
	// Cause is its word in the contract, as in "mailbox-full".
	Cause string
	// Text says more: a grant that is missing, what would be right, who ended and why.
	Text string
}

func (e *Error) Error() string {
	switch {
	case e.Cause == "not-granted":
		return fmt.Sprintf("not granted: the manifest has to grant `%s`", e.Text)
	case e.Text != "":
		return e.Text
	default:
		return e.Cause
	}
}

// Is says whether both have one cause.
func (e *Error) Is(other error) bool {
	o, ok := other.(*Error)
	return ok && o.Cause == e.Cause
}

// What there is to compare with. The words are the contract's.
var (
	ErrNoActor         = &Error{Cause: "no-actor", Text: "there is no such actor"}
	ErrMailboxFull     = &Error{Cause: "mailbox-full", Text: "the receiver's mailbox is full"}
	ErrTooLarge        = &Error{Cause: "too-large"}
	ErrInvalid         = &Error{Cause: "invalid"}
	ErrNotGranted      = &Error{Cause: "not-granted"}
	ErrTimedOut        = &Error{Cause: "timed-out", Text: "no answer came in time"}
	ErrRestarting      = &Error{Cause: "restarting", Text: "it is being restarted"}
	ErrWouldDeadlock   = &Error{Cause: "would-deadlock"}
	ErrRefused         = &Error{Cause: "refused"}
	ErrEnded           = &Error{Cause: "ended"}
	ErrUnreachable     = &Error{Cause: "unreachable", Text: "its host could not be reached"}
	ErrUnknownBehavior = &Error{Cause: "unknown-behavior", Text: "the manifest has no `[behavior.NAME]` of this name"}
	ErrLimit           = &Error{Cause: "limit"}
	ErrNameTaken       = &Error{Cause: "name-taken", Text: "another living actor has this name"}
	ErrNoRegistry      = &Error{Cause: "no-registry", Text: "the manifest names no topic registry (`host.topics`)"}
	ErrNoDevice        = &Error{Cause: "no-device", Text: "the manifest has no such device"}
	ErrStale           = &Error{Cause: "stale"}
	ErrReadOnly        = &Error{Cause: "read-only", Text: "the device is an input"}
	ErrBusy            = &Error{Cause: "busy"}
	ErrOutOfRange      = &Error{Cause: "out-of-range"}
	ErrMaxOn           = &Error{Cause: "max-on", Text: "it was on for longer than its `max-on`: switch it off once"}
	ErrFailed          = &Error{Cause: "failed"}
	ErrOther           = &Error{Cause: "other"}
)

func with(cause *Error, format string, values ...any) *Error {
	return &Error{Cause: cause.Cause, Text: fmt.Sprintf(format, values...)}
}

func tooLarge(most uint32) *Error { return with(ErrTooLarge, "the body is longer than %d bytes", most) }

func stale(age uint64) *Error { return with(ErrStale, "the last value is %v old", time.Duration(age)) }

// Reason is why an actor ended. The words are Erlang's where it has one.
type Reason struct {
	// Cause is its word in the contract: normal, shutdown, killed, failed, trapped, out-of-time, out-of-memory, no-actor,
	// unreachable or other.
	Cause string
	// Text is of failed, trapped and other.
	Text string
}

func (r Reason) String() string {
	if r.Text == "" {
		return r.Cause
	}
	return r.Cause + ": " + r.Text
}
