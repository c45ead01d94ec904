// Package ask is for asking without waiting: the answer comes as a message of this actor's own.
package ask

import (
	"fmt"
	"time"

	"greenroom.dev/actor"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/link"
)

// Send asks, and goes on: the answer comes to the function of On for the kind then, and nobody else can send that. It
// survives a swap with state. The timeout counts from the end of the turn: 1 ms to 1 h. An error is that no answer can come.
func Send(turn *actor.Turn, to actor.Address, kind string, body any, timeout time.Duration, then string) error {
	return link.Ask(turn, greenroom_actor_types.Address(to), kind, body, uint64(max(timeout, 0)), then)
}

// On has an actor handle the answers that were asked for with the kind then, read as a T; or why there is none.
func On[A, T any](a *actor.Actor[A], then string, handle func(self A, turn *actor.Turn, answer T, err error) error) {
	link.Of(a).AddAnswer(then, func(self any, turn any, text []byte, err error) error {
		var answer T
		if err == nil {
			answer, err = actor.Read[T](text)
			if err != nil {
				err = &actor.Error{Cause: actor.ErrOther.Cause, Text: fmt.Sprintf("the answer does not fit: %v", err)}
			}
		}
		return handle(self.(A), turn.(*actor.Turn), answer, err)
	})
}
