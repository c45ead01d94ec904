// Package link is the seam between the exports of the contract and the actor that they are of: the packages that have an
// export know this one, and so does the package actor.
package link

import "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"

// Exported is the actor of a component.
type Exported interface {
	Init(config string) (ready bool, err error)
	Handle(envelope greenroom_actor_types.Envelope) (greenroom_actor_types.Next, error)
	Answered(request uint64, answer greenroom_actor_types.Message, why *greenroom_actor_types.AskError) (greenroom_actor_types.Next, error)
	Exited(who greenroom_actor_types.Address, why greenroom_actor_types.Reason) (greenroom_actor_types.Next, error)
	Down(monitor uint64, who greenroom_actor_types.Address, why greenroom_actor_types.Reason) (greenroom_actor_types.Next, error)
	Stopping(why greenroom_actor_types.Reason)
	Version() uint32
	Accepts() []uint32
	Save() ([]byte, error)
	Restore(occasion uint8, config string, version uint32, kept []byte) error
}

// Actor is the actor of this component. Set by actor.Export.
var Actor Exported

// State is what an actor keeps: of any type, as the package state knows it.
type State struct {
	Version uint32
	Save    func(self any) ([]byte, error)
	// By version: the upgraded JSON of what an older one kept.
	Older map[uint32]func(kept []byte) ([]byte, error)
	// Makes the actor of what was kept.
	Resume func(kept, config []byte, occasion uint8, turn any) (any, error)
}

// Signals are an actor's functions for what the host has to tell. Each may be nil.
type Signals struct {
	Exited   func(self any, turn any, who greenroom_actor_types.Address, why greenroom_actor_types.Reason) error
	Down     func(self any, turn any, monitor uint64, who greenroom_actor_types.Address, why greenroom_actor_types.Reason) error
	Stopping func(self any, turn any, why greenroom_actor_types.Reason)
}

// Answer is what an actor does with the answer to a question.
type Answer func(self any, turn any, answer []byte, err error) error

// Definition is an actor's, as the packages state, ask and signals add to it.
type Definition interface {
	SetState(State)
	AddOlder(version uint32, upgrade func(kept []byte) ([]byte, error))
	Signals() *Signals
	AddAnswer(kind string, handle Answer)
}

// Of gives an actor's definition, by its pointer. Set by the package actor.
var Of func(actor any) Definition

// Ask asks, in a turn. Set by the package actor.
var Ask func(turn any, to greenroom_actor_types.Address, kind string, body any, timeout uint64, then string) error

// What the package signals does in a turn. Set by the package actor.
var (
	TrapExits func(on bool)
	Monitor   func(whom greenroom_actor_types.Address) uint64
	Demonitor func(monitor uint64)
	Reason    func(why greenroom_actor_types.Reason) any
)
