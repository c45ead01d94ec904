package main

import (
	"errors"
	"testing"

	"greenroom.dev/actor"
	"greenroom.dev/actor/actortest"
)

func TestItCountsAndKeepsTheCountOverASwap(t *testing.T) {
	counter := actortest.Start(t, counter, nil)
	counter.Tell("add", Add{2})
	counter.Tell("add", Add{3})
	counter.Swap()
	if got := actortest.Ask[uint64](counter, "how-many", nil); got != 5 {
		t.Errorf("it has counted %d", got)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	counter := actortest.Start(t, counter, nil)
	if _, err := counter.Question("add", map[string]string{"how-many": "three"}); !errors.Is(err, actor.ErrRefused) {
		t.Error(err)
	}
}
