// Package actor is for writing Greenroom actors in Go.
//
// An actor is a type of your own, and a function for each message that it understands:
//
//	type Counter struct{ count uint64 }
//
//	type Add struct {
//		HowMany uint64 `json:"how-many"`
//	}
//
//	func (c *Counter) add(turn *actor.Turn, message Add) error {
//		c.count += message.HowMany
//		return nil
//	}
//
//	func (c *Counter) howMany(turn *actor.Turn, _ actor.None) error { return turn.Reply(c.count) }
//
//	func start(_ actor.None, turn *actor.Turn) (*Counter, error) { return &Counter{}, nil }
//
//	var counter = actor.New(start)
//
//	func init() {
//		actor.On(counter, "add", (*Counter).add)
//		actor.On(counter, "how-many", (*Counter).howMany)
//		counter.Export()
//	}
//
//	func main() {} // never called
//
// It handles one message at a time, in a turn. What it asks for in a turn (a send, a timer, an output) takes effect when
// the turn ends well; a turn that panics, runs out of time or returns an error leaves nothing. What handles the next message
// is what a turn returns: nil for the same, or Changed, Defer, Stop, Become, Unhandled; any other error ends the actor as
// failed.
//
// Kept state is in the package state, questions in ask, exits and monitors in signals: what is not imported is not in the
// component. In a test an actor is a value: see actortest.
package actor

import (
	"fmt"
	"slices"
	"strings"

	"greenroom.dev/actor/internal/link"
)

// None is a message or a configuration without fields.
type None struct{}

// Actor is what the host runs: how an actor is started, and what it understands. A is the actor's own type.
type Actor[A any] struct{ of *definition }

// definition is an actor without its type.
type definition struct {
	start   func(config []byte, turn *Turn) (any, error)
	kinds   []kind
	raw     func(self any, turn *Turn) error
	state   *link.State
	signals link.Signals
	answers map[string]link.Answer
}

type kind struct {
	name   string
	shape  string
	handle func(self any, turn *Turn, body []byte) error
}

// New is an actor that start starts, in its first turn. The manifest's table is read as a C: one that does not fit is a
// failed start that says why. So is an error; Ignore is that there is nothing to do.
func New[A, C any](start func(config C, turn *Turn) (A, error)) *Actor[A] {
	return &Actor[A]{of: &definition{
		start: func(text []byte, turn *Turn) (any, error) {
			config, err := readConfig[C](text)
			if err != nil {
				return nil, err
			}
			return start(config, turn)
		},
		answers: map[string]link.Answer{},
	}}
}

func readConfig[C any](text []byte) (C, error) {
	config, err := Read[C](text)
	if err != nil {
		return config, fmt.Errorf("configuration: %w", err)
	}
	return config, nil
}

// On has an actor handle the messages of a kind. The body is read as an M, a struct with encoding/json's tags: a field that
// is no pointer and not omitempty or omitzero has to be there. A message that does not fit goes to the dead letters and is
// refused with the shape that would; the actor does not see it. Who asked and gets neither an answer nor a refusal by the
// end of the turn is refused, unless Turn.Request took the question over.
func On[A, M any](a *Actor[A], name string, handle func(self A, turn *Turn, message M) error) {
	if slices.ContainsFunc(a.of.kinds, func(one kind) bool { return one.name == name }) {
		panic("actor: two functions for the kind " + name)
	}
	shaped := name + shape[M]()
	a.of.kinds = append(a.of.kinds, kind{name, shaped, func(self any, turn *Turn, body []byte) error {
		message, err := Read[M](body)
		if err != nil {
			return Unhandled(fmt.Sprintf("`%s`: %v", shaped, err))
		}
		return handle(self.(A), turn, message)
	}})
}

// OnRaw has an actor handle the messages of all other kinds as they are: see Turn.Message.
func OnRaw[A any](a *Actor[A], handle func(self A, turn *Turn) error) {
	a.of.raw = func(self any, turn *Turn) error { return handle(self.(A), turn) }
}

// Export makes this the actor of the component, once, in a function init of the package main.
func (a *Actor[A]) Export() {
	if link.Actor != nil {
		panic("actor: a component has one actor")
	}
	link.Actor = exported{newInstance(a.of)}
}

func (d *definition) handle(self any, turn *Turn, message Message) error {
	for _, one := range d.kinds {
		if one.name == message.Kind {
			return one.handle(self, turn, message.Body)
		}
	}
	if d.raw != nil {
		return d.raw(self, turn)
	}
	shapes := make([]string, len(d.kinds))
	for i, one := range d.kinds {
		shapes[i] = one.shape
	}
	expected := "nothing is"
	if len(shapes) > 0 {
		expected = "expected " + strings.Join(shapes, " or ")
	}
	return Unhandled(fmt.Sprintf("`%s` is not understood: %s", message.Kind, expected))
}

// What the packages state, ask and signals add.

func init() {
	link.Of = func(actor any) link.Definition { return actor.(interface{ definition() *definition }).definition() }
}

func (a *Actor[A]) definition() *definition { return a.of }

func (d *definition) SetState(state link.State) {
	if d.state != nil {
		panic("actor: it keeps one thing")
	}
	d.state = &state
}

func (d *definition) AddOlder(version uint32, upgrade func([]byte) ([]byte, error)) {
	if d.state == nil {
		panic("actor: what is kept now comes before older versions of it")
	}
	d.state.Older[version] = upgrade
}

func (d *definition) Signals() *link.Signals { return &d.signals }

func (d *definition) AddAnswer(kind string, handle link.Answer) { d.answers[kind] = handle }
