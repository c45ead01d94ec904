//go:build !wasip1

// Package actortest runs an actor natively, without a host, in virtual time: in a test an actor is a value.
//
//	counter := actortest.Start(t, counter, Config{})
//	counter.Tell("add", Add{HowMany: 3})
//	if got := actortest.Ask[uint64](counter, "how-many", nil); got != 3 { … }
package actortest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"greenroom.dev/actor"
)

// Actor is one that runs in a test.
type Actor struct {
	// Next is what the last turn came to: same, changed, defer, unhandled, become or stop, and its text.
	Next string
	Text string

	t        testing.TB
	running  actor.Running
	config   json.RawMessage
	now      time.Duration
	timers   []*timer
	numbers  uint64
	mailbox  []delivery
	draining bool
	answers  map[actor.Request]answer
	sent     []Sent
	outputs  map[string]float64
	readings map[string]actor.Reading
	names    map[string]actor.Address
	log      []string
	err      error
	// What the turn asks for: carried out when it ends well.
	effects []func()
}

// Sent is a message that the actor sent to another one, published, asked, or had a timer send elsewhere.
type Sent struct {
	// To is the receiver, or Topic where it was published.
	To    actor.Address
	Topic string
	// Request is that of a question, to be answered with Actor.Answer.
	Request actor.Request
	actor.Message
}

type timer struct {
	number  actor.Timer
	due     time.Duration
	every   time.Duration
	to      actor.Address
	message actor.Message
}

type delivery struct {
	message actor.Message
	sender  *actor.Address
	request *actor.Request
	topic   *string
}

type answer struct {
	message actor.Message
	err     error
}

// Self is the actor's own address in a test.
var Self = actor.Address{Node: 1, Key: 1}

// Start starts an actor with a configuration. A start that fails ends the test; see Try.
func Start[A any](t testing.TB, a *actor.Actor[A], config any) *Actor {
	t.Helper()
	started, err := Try(t, a, config)
	if err != nil {
		t.Fatalf("it does not start: %v", err)
	}
	return started
}

// Try starts an actor, or gives back why it does not start: actor.Ignore when there is nothing to do.
func Try[A any](t testing.TB, a *actor.Actor[A], config any) (*Actor, error) {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatalf("a configuration that is no JSON: %v", err)
	}
	started := &Actor{
		t: t, running: actor.Run(a), config: text, answers: map[actor.Request]answer{},
		outputs: map[string]float64{}, readings: map[string]actor.Reading{}, names: map[string]actor.Address{},
	}
	ready := false
	err = started.turn(func() (err error) {
		ready, err = started.running.Init(text)
		return err
	})
	if err == nil && !ready {
		err = actor.Ignore
	}
	if err == nil {
		started.drain()
	}
	return started, err
}

// turn runs the actor with this as its host; what it asked for is carried out when it ends well.
func (a *Actor) turn(run func() error) error {
	before := actor.UseHost(host{a})
	defer actor.UseHost(before)
	a.effects = nil
	err := run()
	effects := a.effects
	a.effects = nil
	if err == nil {
		for _, effect := range effects {
			effect()
		}
	}
	return err
}

// Err is why the actor ended, if it has: the error that a turn returned.
func (a *Actor) Err() error { return a.err }

func (a *Actor) deliver(one delivery) {
	if a.err != nil || a.Next == "stop" {
		a.t.Helper()
		a.t.Fatalf("it has ended: %v", a.err)
	}
	a.mailbox = append(a.mailbox, one)
	a.drain()
}

// drain handles what is in the mailbox, and what comes of it.
func (a *Actor) drain() {
	if a.draining {
		return
	}
	a.draining = true
	defer func() { a.draining = false }()
	var deferred []delivery
	for len(a.mailbox) > 0 && a.err == nil && a.Next != "stop" {
		one := a.mailbox[0]
		a.mailbox = a.mailbox[1:]
		a.err = a.turn(func() (err error) {
			a.Next, a.Text, err = a.running.Handle(one.message, one.sender, one.request, one.topic)
			return err
		})
		switch {
		case a.err != nil:
		case a.Next == "defer":
			deferred = append(deferred, one)
		case a.Next == "changed":
			a.mailbox = append(deferred, a.mailbox...)
			deferred = nil
		case a.Next == "unhandled" && one.request != nil:
			a.answers[*one.request] = answer{err: &actor.Error{Cause: actor.ErrRefused.Cause, Text: a.Text}}
		}
	}
	a.mailbox = append(deferred, a.mailbox...)
}

func (a *Actor) message(kind string, body any) actor.Message {
	a.t.Helper()
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			a.t.Fatalf("a body that is no JSON: %v", err)
		}
	}
	return actor.Message{Kind: kind, Body: text}
}

// Tell tells the actor something. An error that the turn returns is in Err.
func (a *Actor) Tell(kind string, body any) {
	a.t.Helper()
	a.deliver(delivery{message: a.message(kind, body)})
}

// TellFrom tells it something from another actor.
func (a *Actor) TellFrom(sender actor.Address, kind string, body any) {
	a.t.Helper()
	a.deliver(delivery{message: a.message(kind, body), sender: &sender})
}

// Hear has it hear what was published on a topic.
func (a *Actor) Hear(topic, kind string, body any) {
	a.t.Helper()
	a.deliver(delivery{message: a.message(kind, body), topic: &topic})
}

// ErrOpen is a question that has no answer yet.
var ErrOpen = errors.New("the question is still open")

// Question asks, and gives back the answer's body, or why there is none.
func (a *Actor) Question(kind string, body any) ([]byte, error) {
	a.t.Helper()
	a.numbers++
	request := actor.Request(a.numbers)
	a.deliver(delivery{message: a.message(kind, body), request: &request})
	if a.err != nil {
		return nil, a.err
	}
	return a.Answered(request)
}

// Answered is the answer to a question that was asked before. Questions have numbers, from 1 on, which timers and questions
// of the actor's own count, too.
func (a *Actor) Answered(request actor.Request) ([]byte, error) {
	given, ok := a.answers[request]
	if !ok {
		return nil, ErrOpen
	}
	return given.message.Body, given.err
}

// Ask asks, and reads the answer. That there is none ends the test.
func Ask[T any](a *Actor, kind string, body any) T {
	a.t.Helper()
	text, err := a.Question(kind, body)
	if err != nil {
		a.t.Fatalf("%s: %v", kind, err)
	}
	value, err := actor.Read[T](text)
	if err != nil {
		a.t.Fatalf("%s answers %s: %v", kind, text, err)
	}
	return value
}

// Answer gives the answer to a question that the actor asked, or why there is none.
func (a *Actor) Answer(request actor.Request, body any, why error) {
	a.t.Helper()
	m := a.message("answer", body)
	a.err = a.turn(func() (err error) {
		a.Next, a.Text, err = a.running.Answered(request, m, why)
		return err
	})
	a.drain()
}

// Advance lets time pass, with the timers that fall due.
func (a *Actor) Advance(by time.Duration) {
	a.t.Helper()
	until := a.now + by
	for {
		var next *timer
		for _, one := range a.timers {
			if one.due <= until && (next == nil || one.due < next.due) {
				next = one
			}
		}
		if next == nil {
			break
		}
		a.now = next.due
		if next.every > 0 {
			next.due += next.every
		} else {
			a.cancel(next.number)
		}
		if next.to == Self {
			a.deliver(delivery{message: next.message, sender: &next.to})
		} else {
			a.sent = append(a.sent, Sent{To: next.to, Message: next.message})
		}
	}
	a.now = until
}

// Restart ends the actor and starts it again, from what it keeps if it does: its timers are gone.
func (a *Actor) Restart() { a.again(1) }

// Swap has the same code take over: the actor keeps its timers. One without state is restarted.
func (a *Actor) Swap() { a.again(0) }

func (a *Actor) again(occasion uint8) {
	a.t.Helper()
	kept, version, has, err := a.running.Save()
	if err != nil {
		a.t.Fatalf("it cannot be saved: %v", err)
	}
	if occasion == 1 || !has {
		a.timers = nil
	}
	a.err, a.Next = nil, ""
	err = a.turn(func() (err error) {
		a.running, err = a.running.Again(occasion, a.config, version, kept, has)
		return err
	})
	if err != nil {
		a.t.Fatalf("it does not start again: %v", err)
	}
	a.drain()
}

// Kept is what the actor keeps, as JSON.
func (a *Actor) Kept() string {
	a.t.Helper()
	kept, _, has, err := a.running.Save()
	if err != nil || !has {
		a.t.Fatalf("it keeps nothing: %v", err)
	}
	return string(kept)
}

// Sent is what the actor has sent since it was last asked.
func (a *Actor) Sent() []Sent {
	sent := a.sent
	a.sent = nil
	return sent
}

// Published is the last body on a topic, if there was one. It is not taken.
func (a *Actor) Published(topic string) (string, bool) {
	for _, one := range slices.Backward(a.sent) {
		if one.Topic == topic {
			return string(one.Body), true
		}
	}
	return "", false
}

// Output is what the actor has set a device to.
func (a *Actor) Output(device string) (float64, bool) {
	value, ok := a.outputs[device]
	return value, ok
}

// Measure gives a device a value. One without a value is a device that the manifest has not.
func (a *Actor) Measure(device string, value float64) {
	a.readings[device] = actor.Reading{At: a.now, Value: value}
}

// Name has somebody else have a name.
func (a *Actor) Name(name string, who actor.Address) { a.names[name] = who }

// Log is the actor's log: level and text.
func (a *Actor) Log() []string { return a.log }

func (a *Actor) String() string { return fmt.Sprintf("an actor at %v", a.now) }
