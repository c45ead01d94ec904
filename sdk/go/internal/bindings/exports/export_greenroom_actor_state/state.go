// Package export_greenroom_actor_state is what the generated export calls.
package export_greenroom_actor_state

import (
	"greenroom.dev/actor/internal/link"
	. "greenroom.dev/actor/internal/wit/types"
)

// Version is state.version.
func Version() uint32 { return link.Actor.Version() }

// Accepts is state.accepts.
func Accepts() []uint32 { return link.Actor.Accepts() }

// Save is state.save.
func Save() Result[[]uint8, string] {
	kept, err := link.Actor.Save()
	if err != nil {
		return Err[[]uint8](err.Error())
	}
	return Ok[[]uint8, string](kept)
}

// Restore is state.restore.
func Restore(occasion uint8, config string, version uint32, kept []uint8) Result[Unit, string] {
	err := link.Actor.Restore(occasion, config, version, kept)
	if err != nil {
		return Err[Unit](err.Error())
	}
	return Ok[Unit, string](Unit{})
}
