// Package signals is what the host has to tell: exits of linked actors, ends of monitored ones, and orderly ends of this one.
// Signals do not wait behind messages.
package signals

import (
	"greenroom.dev/actor"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/link"
)

// OnExited hears of linked actors that ended, while exits are trapped: see TrapExits.
func OnExited[A any](a *actor.Actor[A], handle func(self A, turn *actor.Turn, who actor.Address, why actor.Reason) error) {
	link.Of(a).Signals().Exited = func(self any, turn any, who greenroom_actor_types.Address, why greenroom_actor_types.Reason) error {
		return handle(self.(A), turn.(*actor.Turn), actor.Address(who), reason(why))
	}
}

// OnDown hears of monitored actors that ended, once for each monitor.
func OnDown[A any](a *actor.Actor[A], handle func(self A, turn *actor.Turn, monitor actor.Monitor, who actor.Address, why actor.Reason) error) {
	link.Of(a).Signals().Down = func(self any, turn any, monitor uint64, who greenroom_actor_types.Address, why greenroom_actor_types.Reason) error {
		return handle(self.(A), turn.(*actor.Turn), actor.Monitor(monitor), actor.Address(who), reason(why))
	}
}

// OnStopping hears that the supervisor asks for an orderly end: this is the last turn.
func OnStopping[A any](a *actor.Actor[A], handle func(self A, turn *actor.Turn, why actor.Reason)) {
	link.Of(a).Signals().Stopping = func(self any, turn any, why greenroom_actor_types.Reason) {
		handle(self.(A), turn.(*actor.Turn), reason(why))
	}
}

// TrapExits says whether the ends of linked actors come to OnExited and don't end this one.
func TrapExits(_ *actor.Turn, on bool) { link.TrapExits(on) }

// Monitor watches an actor: OnDown hears when it ends, whatever the reason; with no-actor if it has already.
func Monitor(_ *actor.Turn, whom actor.Address) actor.Monitor {
	return actor.Monitor(link.Monitor(greenroom_actor_types.Address(whom)))
}

// Demonitor removes a monitor; nothing of it comes any more.
func Demonitor(_ *actor.Turn, monitor actor.Monitor) { link.Demonitor(uint64(monitor)) }

func reason(why greenroom_actor_types.Reason) actor.Reason { return link.Reason(why).(actor.Reason) }
