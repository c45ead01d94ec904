package actortest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"greenroom.dev/actor"
	"greenroom.dev/actor/actortest"
	"greenroom.dev/actor/ask"
	"greenroom.dev/actor/state"
)

// shopper asks a shop for prices, and puts aside what it cannot do yet.
type shopper struct {
	kept bought
	open actor.Request
}

type bought struct {
	Total float64 `json:"total"`
}

type buy struct {
	What  string   `json:"what"`
	Limit *float64 `json:"limit"`
	Note  string   `json:"note,omitempty"`
}

var shop = actor.Address{Node: 1, Key: 77}

func (s *shopper) buy(turn *actor.Turn, message buy) error {
	return ask.Send(turn, shop, "price", map[string]string{"of": message.What}, time.Second, "priced")
}

func (s *shopper) priced(turn *actor.Turn, price float64, err error) error {
	if err != nil {
		actor.Warnf("no price: %v", err)
		return nil
	}
	s.kept.Total += price
	return actor.Changed
}

func (s *shopper) total(turn *actor.Turn, _ actor.None) error {
	if s.kept.Total == 0 {
		return actor.Defer
	}
	return turn.Reply(s.kept)
}

func (s *shopper) later(turn *actor.Turn, _ actor.None) error {
	s.open, _ = turn.Request()
	_, err := turn.SendAfter(time.Minute, "now", nil)
	return err
}

func (s *shopper) now(turn *actor.Turn, _ actor.None) error { return turn.ReplyTo(s.open, "now") }

func (s *shopper) half(turn *actor.Turn, _ actor.None) error {
	if err := turn.Tell(shop, "never", nil); err != nil {
		return err
	}
	return errors.New("half done")
}

func shopping() *actor.Actor[*shopper] {
	a := actor.New(func(actor.None, *actor.Turn) (*shopper, error) { return &shopper{}, nil })
	actor.On(a, "buy", (*shopper).buy)
	actor.On(a, "total", (*shopper).total)
	actor.On(a, "later", (*shopper).later)
	actor.On(a, "now", (*shopper).now)
	actor.On(a, "half", (*shopper).half)
	ask.On(a, "priced", (*shopper).priced)
	resume := func(kept bought, _ actor.None, _ state.Occasion, _ *actor.Turn) (*shopper, error) {
		return &shopper{kept: kept}, nil
	}
	state.Keep(a, 2, func(s *shopper) bought { return s.kept }, resume)
	return a
}

func TestAnAnswerFindsItsWayOverASwap(t *testing.T) {
	s := actortest.Start(t, shopping(), nil)
	s.Tell("buy", buy{What: "malt"})
	sent := s.Sent()
	if len(sent) != 1 || sent[0].To != shop || string(sent[0].Body) != `{"of":"malt"}` {
		t.Fatalf("it asks: %v", sent)
	}
	if kept := s.Kept(); kept != `{"total":0,"$asks":[[1,"priced"]]}` {
		t.Errorf("it keeps %s", kept)
	}
	s.Swap()
	s.Answer(sent[0].Request, 4.5, nil)
	if kept := s.Kept(); kept != `{"total":4.5}` || s.Next != "changed" {
		t.Errorf("it keeps %s, %s", kept, s.Next)
	}
}

func TestARestartAsksForNothing(t *testing.T) {
	s := actortest.Start(t, shopping(), nil)
	s.Tell("buy", buy{What: "malt"})
	request := s.Sent()[0].Request
	s.Restart()
	s.Answer(request, 4.5, nil)
	if kept := s.Kept(); kept != `{"total":0}` {
		t.Errorf("it keeps %s", kept)
	}
}

func TestAnAnswerThatFailedOrDoesNotFitIsTheActorsToHandle(t *testing.T) {
	s := actortest.Start(t, shopping(), nil)
	check := func(body any, why error, want string) {
		s.Tell("buy", buy{What: "malt"})
		s.Answer(s.Sent()[0].Request, body, why)
		if log := s.Log(); !strings.Contains(log[len(log)-1], want) {
			t.Errorf("%v: %v", want, log)
		}
	}
	check(nil, actor.ErrTimedOut, "no answer came in time")
	check("dear", nil, "the answer does not fit: expected a number, not a string")
}

func TestWhatIsPutAsideComesAgain(t *testing.T) {
	s := actortest.Start(t, shopping(), nil)
	if _, err := s.Question("total", nil); !errors.Is(err, actortest.ErrOpen) || s.Next != "defer" {
		t.Fatalf("it has put it aside: %v", err)
	}
	s.Tell("buy", buy{What: "malt"})
	s.Answer(s.Sent()[0].Request, 2, nil)
	if body, why := s.Answered(1); why != nil || string(body) != `{"total":2}` {
		t.Errorf("it has answered %s: %v", body, why)
	}
}

func TestAQuestionThatIsTakenOverIsAnsweredLater(t *testing.T) {
	s := actortest.Start(t, shopping(), nil)
	if _, err := s.Question("later", nil); !errors.Is(err, actortest.ErrOpen) {
		t.Fatal(err)
	}
	s.Advance(59 * time.Second)
	if _, err := s.Answered(1); !errors.Is(err, actortest.ErrOpen) {
		t.Fatal(err)
	}
	s.Advance(time.Second)
	if body, err := s.Answered(1); string(body) != `"now"` {
		t.Error(string(body), err)
	}
}

func TestATurnThatFailsLeavesNothing(t *testing.T) {
	s := actortest.Start(t, shopping(), nil)
	s.Tell("half", nil)
	if s.Err() == nil || len(s.Sent()) != 0 {
		t.Error(s.Err(), s.Sent())
	}
}

func TestStateOfAnotherVersion(t *testing.T) {
	_, err := actor.Run(shopping()).Again(0, nil, 1, []byte(`{"total":1}`), true)
	if err == nil || err.Error() != "state of version 1 cannot be taken: this is version 2" {
		t.Error(err)
	}
	older := shopping()
	type first struct {
		Cents int64 `json:"cents"`
	}
	state.Upgrade(older, 1, func(old first) (bought, error) { return bought{float64(old.Cents) / 100}, nil })
	upgraded, err := actor.Run(older).Again(0, nil, 1, []byte(`{"cents":150}`), true)
	if err != nil {
		t.Fatal(err)
	}
	if kept, version, _, _ := upgraded.Save(); string(kept) != `{"total":1.5}` || version != 2 {
		t.Errorf("%s of version %d", kept, version)
	}
}

func TestReading(t *testing.T) {
	check := func(text, want string) {
		got := ""
		if _, err := actor.Read[buy]([]byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	check(`{"what":"malt"}`, "")
	check(`{"what":"malt","more":[{}]}`, "")
	check(``, "missing field `what`")
	check(`null`, "expected an object, not null")
	check(`{"what":3}`, "field `what`: expected a string, not a number")
	check(`[]`, "expected an object, not a list")
	check(`{"what":"malt"`, "unexpected end of JSON input")
	check(`{"WHAT":"malt"}`, "missing field `what`")
	if _, err := actor.Read[uint64]([]byte("-1")); err == nil || err.Error() != "expected a whole number of at least 0, not -1" {
		t.Error(err)
	}
}
