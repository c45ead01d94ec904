// Package export_greenroom_actor_replies is what the generated export calls.
package export_greenroom_actor_replies

import (
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/link"
	. "greenroom.dev/actor/internal/wit/types"
)

// Answered is replies.answered.
func Answered(request uint64, answer Result[greenroom_actor_types.Message, greenroom_actor_types.AskError]) Result[greenroom_actor_types.Next, string] {
	var next greenroom_actor_types.Next
	var err error
	if answer.IsOk() {
		next, err = link.Actor.Answered(request, answer.Ok(), nil)
	} else {
		why := answer.Err()
		next, err = link.Actor.Answered(request, greenroom_actor_types.Message{}, &why)
	}
	if err != nil {
		return Err[greenroom_actor_types.Next](err.Error())
	}
	return Ok[greenroom_actor_types.Next, string](next)
}
