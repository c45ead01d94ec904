// Package export_greenroom_actor_behavior is what the generated export calls.
package export_greenroom_actor_behavior

import (
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/link"
	. "greenroom.dev/actor/internal/wit/types"
)

// Init is behavior.init.
func Init(config string) Result[uint8, string] {
	ready, err := link.Actor.Init(config)
	switch {
	case err != nil:
		return Err[uint8](err.Error())
	case ready:
		return Ok[uint8, string](0)
	default:
		return Ok[uint8, string](1)
	}
}

// Handle is behavior.handle.
func Handle(envelope greenroom_actor_types.Envelope) Result[greenroom_actor_types.Next, string] {
	next, err := link.Actor.Handle(envelope)
	if err != nil {
		return Err[greenroom_actor_types.Next](err.Error())
	}
	return Ok[greenroom_actor_types.Next, string](next)
}
