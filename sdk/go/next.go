package actor

import "errors"

// next is what handles the next message: an error, so that a turn can return it.
type next struct {
	tag  uint8
	text string
}

func (n *next) Error() string {
	if n.text != "" {
		return n.text
	}
	return "what handles the next message"
}

// The tags of the contract's next, in its order.
const (
	tagSame = iota
	tagChanged
	tagDefer
	tagUnhandled
	tagBecome
	tagStop
)

var (
	// Changed is this actor, in another state of its own: messages put aside with Defer are delivered again, oldest first.
	Changed error = &next{tag: tagChanged}
	// Defer is this actor; the message is put aside, with the question if it is one, until the next Changed or Become.
	Defer error = &next{tag: tagDefer}
	// Stop is nothing: the actor ends, as normal.
	Stop error = &next{tag: tagStop}
	// Ignore is returned by a start: there is nothing to do, and that is no failure (Erlang's ignore).
	Ignore = errors.New("there is nothing to do")
)

// Unhandled is this actor; the message was not understood. It goes to the dead letters with this text, and who asked is
// refused with it.
func Unhandled(why string) error { return &next{tagUnhandled, why} }

// Become is another behaviour of the manifest, at the same address and with the same mailbox. Needs the grant spawn:NAME.
func Become(behavior string) error { return &next{tagBecome, behavior} }

// of is what a turn came to, and the error that ends the actor.
func of(err error) (next, error) {
	var result *next
	switch {
	case err == nil:
		return next{tag: tagSame}, nil
	case errors.As(err, &result):
		return *result, nil
	default:
		return next{}, err
	}
}
