// The counter of this example, in Go: it counts, publishes its count on a topic when it changes and every so often, and
// keeps it over swaps and restarts.
package main

import (
	"errors"
	"fmt"
	"time"

	"greenroom.dev/actor"
	"greenroom.dev/actor/state"
)

// Config is the manifest's table.
type Config struct {
	Topic   string  `json:"topic,omitempty"`
	EveryMs *uint64 `json:"every-ms"`
}

// Kept is what is kept, and what is published.
type Kept struct {
	Count uint64 `json:"count"`
}

// Counter is the actor.
type Counter struct {
	kept  Kept
	topic string
}

// Add counts on.
type Add struct {
	HowMany uint64 `json:"how-many"`
}

// most is the largest whole number that JSON has in all languages.
const most = 1<<53 - 1

func configured(config Config) (*Counter, time.Duration) {
	counter := &Counter{topic: "counter/count"}
	if config.Topic != "" {
		counter.topic = config.Topic
	}
	every := time.Second
	if config.EveryMs != nil {
		every = time.Duration(*config.EveryMs) * time.Millisecond
	}
	return counter, every
}

func start(config Config, turn *actor.Turn) (*Counter, error) {
	counter, every := configured(config)
	if _, err := turn.SendEvery(every, "tick", nil); err != nil {
		return nil, fmt.Errorf("every-ms: %w", err)
	}
	return counter, nil
}

func resume(kept Kept, config Config, occasion state.Occasion, turn *actor.Turn) (*Counter, error) {
	counter, _ := configured(config)
	// Timers carry over to new code, but not into a new incarnation.
	if occasion == state.Restarted {
		started, err := start(config, turn)
		if err != nil {
			return nil, err
		}
		counter = started
	}
	counter.kept = kept
	return counter, nil
}

func (c *Counter) publish(turn *actor.Turn) error { return turn.Publish(c.topic, "count", c.kept) }

func (c *Counter) add(turn *actor.Turn, message Add) error {
	if message.HowMany > most-c.kept.Count {
		return errors.New("that is too much to count")
	}
	c.kept.Count += message.HowMany
	return c.publish(turn)
}

func (c *Counter) howMany(turn *actor.Turn, _ actor.None) error { return turn.Reply(c.kept.Count) }

func (c *Counter) tick(turn *actor.Turn, _ actor.None) error { return c.publish(turn) }

func (c *Counter) fail(*actor.Turn, actor.None) error { return errors.New("as you wished") }

func (c *Counter) crash(*actor.Turn, actor.None) error { panic("as you wished") }

var counter = actor.New(start)

func init() {
	actor.On(counter, "add", (*Counter).add)
	actor.On(counter, "how-many", (*Counter).howMany)
	actor.On(counter, "tick", (*Counter).tick)
	actor.On(counter, "fail", (*Counter).fail)
	actor.On(counter, "crash", (*Counter).crash)
	state.Keep(counter, 1, func(c *Counter) Kept { return c.kept }, resume)
	counter.Export()
}

func main() {}
