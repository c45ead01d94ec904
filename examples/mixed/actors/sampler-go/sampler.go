// The sampler of this example, in Go: reads the thermometer every so often, and tells the filter.
package main

import (
	"fmt"
	"time"

	"greenroom.dev/actor"
	"greenroom.dev/actor/state"
)

// Config is the manifest's table.
type Config struct {
	EveryMs *uint64 `json:"every-ms"`
}

// Kept is what is kept.
type Kept struct {
	Samples uint64 `json:"samples"`
}

// Raw is a reading, as it is.
type Raw struct {
	Celsius float64 `json:"celsius"`
}

// Sampler is the actor.
type Sampler struct{ kept Kept }

func start(config Config, turn *actor.Turn) (*Sampler, error) {
	every := 500 * time.Millisecond
	if config.EveryMs != nil {
		every = time.Duration(*config.EveryMs) * time.Millisecond
	}
	if _, err := turn.SendEvery(every, "tick", nil); err != nil {
		return nil, fmt.Errorf("every-ms: %w", err)
	}
	return &Sampler{}, nil
}

func resume(kept Kept, config Config, occasion state.Occasion, turn *actor.Turn) (*Sampler, error) {
	// Timers carry over to new code, but not into a new incarnation.
	if occasion == state.Restarted {
		if _, err := start(config, turn); err != nil {
			return nil, err
		}
	}
	return &Sampler{kept}, nil
}

func (s *Sampler) tick(turn *actor.Turn, _ actor.None) error {
	reading, err := turn.Read("probe")
	if err != nil {
		actor.Warnf("no reading: %v", err)
		return nil
	}
	filter, found, err := turn.Lookup("filter")
	// One that is not found is being restarted, and this actor will be after it.
	if err != nil || !found {
		return err
	}
	s.kept.Samples++
	return turn.Tell(filter, "raw", Raw{reading.Value})
}

func (s *Sampler) status(turn *actor.Turn, _ actor.None) error { return turn.Reply(s.kept) }

var sampler = actor.New(start)

func init() {
	actor.On(sampler, "tick", (*Sampler).tick)
	actor.On(sampler, "status", (*Sampler).status)
	state.Keep(sampler, 1, func(s *Sampler) Kept { return s.kept }, resume)
	sampler.Export()
}

func main() {}
