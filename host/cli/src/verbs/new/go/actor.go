// A counter: an actor that keeps a number.
//
// greenroom tell counter add '{"how-many": 3}' counts, greenroom ask counter how-many asks.
package main

import (
	"errors"
	"math"

	"greenroom.dev/actor"
	"greenroom.dev/actor/state"
)

// Kept is what is kept when new code takes over: change this file while the host runs, and the count goes on.
type Kept struct {
	Count uint64 `json:"count"`
}

// Counter is the actor.
type Counter struct {
	kept Kept
}

// Add counts on by this much.
type Add struct {
	HowMany uint64 `json:"how-many"`
}

func start(actor.None, *actor.Turn) (*Counter, error) { return &Counter{}, nil }

func resume(kept Kept, _ actor.None, _ state.Occasion, _ *actor.Turn) (*Counter, error) {
	return &Counter{kept}, nil
}

func (c *Counter) add(_ *actor.Turn, message Add) error {
	// An error ends the actor; its supervisor starts it afresh.
	if message.HowMany > math.MaxUint64-c.kept.Count {
		return errors.New("that is too much to count")
	}
	c.kept.Count += message.HowMany
	return nil
}

func (c *Counter) howMany(turn *actor.Turn, _ actor.None) error { return turn.Reply(c.kept.Count) }

var counter = actor.New(start)

// What the counter understands.
func init() {
	actor.On(counter, "add", (*Counter).add)
	actor.On(counter, "how-many", (*Counter).howMany)
	state.Keep(counter, 1, func(c *Counter) Kept { return c.kept }, resume)
	counter.Export()
}

func main() {} // never called
