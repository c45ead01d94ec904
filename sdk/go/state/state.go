// Package state is what an actor keeps over swaps and restarts. An actor that does not import it is restarted by a swap.
package state

import (
	"encoding/json"
	"fmt"

	"greenroom.dev/actor"
	"greenroom.dev/actor/internal/link"
)

// Occasion is why the state is handed over.
type Occasion uint8

const (
	// Swapped is new code that takes over the running actor. Its timers, links, monitors, children, subscriptions and
	// outputs are as they were: nothing is to be set up again.
	Swapped Occasion = iota
	// Restarted is an actor that was restarted, with its state as of the last good turn. Everything else is gone: set up
	// what a start would.
	Restarted
	// Woken is an actor that had been put away while it was idle. As Swapped.
	Woken
)

// Keep has an actor's K saved, as JSON: what the configuration does not say, and no more. keep is called between turns.
// resume starts the actor from it, in place of its start; the configuration is the one that counts now. A change to K's
// shape is a new version.
func Keep[A, C, K any](a *actor.Actor[A], version uint32, keep func(self A) K, resume func(kept K, config C, occasion Occasion, turn *actor.Turn) (A, error)) {
	link.Of(a).SetState(link.State{
		Version: version,
		Save:    func(self any) ([]byte, error) { return json.Marshal(keep(self.(A))) },
		Older:   map[uint32]func([]byte) ([]byte, error){},
		Resume: func(kept, text []byte, occasion uint8, turn any) (any, error) {
			read, err := actor.Read[K](kept)
			if err != nil {
				return nil, fmt.Errorf("the saved state does not fit: %w", err)
			}
			config, err := actor.Read[C](text)
			if err != nil {
				return nil, fmt.Errorf("configuration: %w", err)
			}
			return resume(read, config, Occasion(occasion), turn.(*actor.Turn))
		},
	})
}

// Upgrade has what an older version kept made what is kept now. After Keep. A swap to code that cannot take the running
// version is refused beforehand.
func Upgrade[A, O, K any](a *actor.Actor[A], version uint32, upgrade func(old O) (K, error)) {
	link.Of(a).AddOlder(version, func(kept []byte) ([]byte, error) {
		old, err := actor.Read[O](kept)
		if err != nil {
			return nil, err
		}
		now, err := upgrade(old)
		if err != nil {
			return nil, err
		}
		return json.Marshal(now)
	})
}
