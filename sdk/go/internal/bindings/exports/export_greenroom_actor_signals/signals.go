// Package export_greenroom_actor_signals is what the generated export calls.
package export_greenroom_actor_signals

import (
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/link"
	. "greenroom.dev/actor/internal/wit/types"
)

func result(next greenroom_actor_types.Next, err error) Result[greenroom_actor_types.Next, string] {
	if err != nil {
		return Err[greenroom_actor_types.Next](err.Error())
	}
	return Ok[greenroom_actor_types.Next, string](next)
}

// Exited is signals.exited.
func Exited(who greenroom_actor_types.Address, why greenroom_actor_types.Reason) Result[greenroom_actor_types.Next, string] {
	return result(link.Actor.Exited(who, why))
}

// Down is signals.down.
func Down(monitor uint64, who greenroom_actor_types.Address, why greenroom_actor_types.Reason) Result[greenroom_actor_types.Next, string] {
	return result(link.Actor.Down(monitor, who, why))
}

// Stopping is signals.stopping.
func Stopping(why greenroom_actor_types.Reason) { link.Actor.Stopping(why) }
