package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"greenroom.dev/actor"
	"greenroom.dev/actor/actortest"
)

func TestItCountsAndSaysSo(t *testing.T) {
	counter := actortest.Start(t, counter, Config{})
	counter.Tell("add", Add{3})
	counter.Tell("add", Add{4})
	if got := actortest.Ask[uint64](counter, "how-many", nil); got != 7 {
		t.Errorf("it has counted %d", got)
	}
	if body, _ := counter.Published("counter/count"); body != `{"count":7}` {
		t.Errorf("it has published %s", body)
	}
}

func TestItPublishesEverySoOften(t *testing.T) {
	counter := actortest.Start(t, counter, map[string]any{"topic": "elsewhere", "every-ms": 250})
	counter.Advance(time.Second)
	if sent := counter.Sent(); len(sent) != 4 || sent[3].Topic != "elsewhere" {
		t.Errorf("it has published %v", sent)
	}
}

func TestItKeepsItsCount(t *testing.T) {
	counter := actortest.Start(t, counter, Config{})
	counter.Tell("add", Add{3})
	for _, again := range []func(){counter.Swap, counter.Restart} {
		again()
		if got := counter.Kept(); got != `{"count":3}` {
			t.Errorf("it has kept %s", got)
		}
		counter.Sent()
		counter.Advance(time.Second)
		if sent := counter.Sent(); len(sent) != 1 {
			t.Errorf("it has one timer: %v", sent)
		}
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	counter := actortest.Start(t, counter, Config{})
	for _, body := range []any{nil, map[string]any{"how-many": -1}, map[string]any{"how-many": "three"}, []int{3}} {
		_, err := counter.Question("add", body)
		if !errors.Is(err, actor.ErrRefused) || !strings.Contains(err.Error(), "`add {how-many}`") {
			t.Errorf("%v: %v", body, err)
		}
	}
	_, err := counter.Question("remove", nil)
	if want := "`remove` is not understood: expected add {how-many} or how-many or tick or fail or crash"; err == nil || err.Error() != want {
		t.Error(err)
	}
	if got := actortest.Ask[uint64](counter, "how-many", nil); got != 0 {
		t.Errorf("it has counted %d", got)
	}
}

func TestTooMuchIsAnError(t *testing.T) {
	counter := actortest.Start(t, counter, Config{})
	counter.Tell("add", Add{most})
	counter.Tell("add", Add{1})
	if err := counter.Err(); err == nil || err.Error() != "that is too much to count" {
		t.Error(err)
	}
}

func TestAConfigurationThatIsWrongIsAStartThatFails(t *testing.T) {
	_, err := actortest.Try(t, counter, map[string]any{"every-ms": "often"})
	if err == nil || !strings.Contains(err.Error(), "configuration: field `every-ms`") {
		t.Error(err)
	}
	if _, err := actortest.Try(t, counter, map[string]any{"every-ms": 0}); err == nil {
		t.Error("no timer has no interval")
	}
}
