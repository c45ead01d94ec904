//go:build !wasip1

package actortest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"greenroom.dev/actor"
)

// host is what an actor's calls go to: those with an effect wait for the turn's end.
type host struct{ a *Actor }

func (h host) later(effect func()) { h.a.effects = append(h.a.effects, effect) }

func (h host) Self() actor.Address { return Self }

func (h host) Send(to actor.Address, m actor.Message) error {
	h.later(func() {
		if to == Self {
			h.a.mailbox = append(h.a.mailbox, delivery{message: m, sender: &to})
		} else {
			h.a.sent = append(h.a.sent, Sent{To: to, Message: m})
		}
	})
	return nil
}

func (h host) StartAsk(to actor.Address, m actor.Message, _ time.Duration) (actor.Request, error) {
	h.a.numbers++
	request := actor.Request(h.a.numbers)
	h.later(func() { h.a.sent = append(h.a.sent, Sent{To: to, Request: request, Message: m}) })
	return request, nil
}

func (h host) Ask(actor.Address, actor.Message, time.Duration) (actor.Message, error) {
	return actor.Message{}, errors.New("actortest: nobody answers one who waits; use ask.Send")
}

func (h host) Reply(request actor.Request, m actor.Message) error {
	h.later(func() { h.a.answers[request] = answer{message: m} })
	return nil
}

func (h host) Refuse(request actor.Request, why string) error {
	h.later(func() { h.a.answers[request] = answer{err: &actor.Error{Cause: actor.ErrRefused.Cause, Text: why}} })
	return nil
}

// The range of the contract.
func inRange(d time.Duration) error {
	if d < time.Millisecond || d > 366*24*time.Hour {
		return &actor.Error{Cause: actor.ErrInvalid.Cause, Text: fmt.Sprintf("%v is not between 1 ms and 366 days", d)}
	}
	return nil
}

func (h host) timer(after, every time.Duration, to actor.Address, m actor.Message) (actor.Timer, error) {
	if err := inRange(after); err != nil {
		return 0, err
	}
	h.a.numbers++
	one := &timer{actor.Timer(h.a.numbers), 0, every, to, m}
	h.later(func() {
		one.due = h.a.now + after
		h.a.timers = append(h.a.timers, one)
	})
	return one.number, nil
}

func (h host) SendAfter(d time.Duration, to actor.Address, m actor.Message) (actor.Timer, error) {
	return h.timer(d, 0, to, m)
}

func (h host) SendEvery(d time.Duration, to actor.Address, m actor.Message) (actor.Timer, error) {
	return h.timer(d, d, to, m)
}

func (h host) Cancel(timer actor.Timer) { h.later(func() { h.a.cancel(timer) }) }

func (a *Actor) cancel(number actor.Timer) {
	a.timers = slices.DeleteFunc(a.timers, func(one *timer) bool { return one.number == number })
}

func (h host) Publish(topic string, m actor.Message) error {
	h.later(func() { h.a.sent = append(h.a.sent, Sent{Topic: topic, Message: m}) })
	return nil
}

func (h host) Subscribe(string) error { return nil }

func (h host) Unsubscribe(string) {}

func (h host) ReadDevice(device string) (actor.Reading, error) {
	reading, ok := h.a.readings[device]
	if !ok {
		return reading, actor.ErrNoDevice
	}
	return reading, nil
}

func (h host) WriteDevice(device string, value float64) error {
	h.later(func() { h.a.outputs[device] = value })
	return nil
}

func (h host) WatchDevice(string) error { return nil }

func (h host) Register(name string) error {
	if _, taken := h.a.names[name]; taken {
		return actor.ErrNameTaken
	}
	h.later(func() { h.a.names[name] = Self })
	return nil
}

func (h host) Unregister(name string) { h.later(func() { delete(h.a.names, name) }) }

func (h host) Lookup(name string) (actor.Address, bool, error) {
	who, ok := h.a.names[name]
	return who, ok, nil
}

func (h host) Spawn(string, string, actor.Spawn) (actor.Child, error) {
	h.a.numbers++
	child := actor.Child{Address: actor.Address{Node: 1, Key: 1 + h.a.numbers}}
	h.a.numbers++
	child.Monitor = actor.Monitor(h.a.numbers)
	return child, nil
}

func (h host) Link(actor.Address) {}

func (h host) Unlink(actor.Address) {}

func (h host) Monitor(actor.Address) actor.Monitor {
	h.a.numbers++
	return actor.Monitor(h.a.numbers)
}

func (h host) Demonitor(actor.Monitor) {}

func (h host) TrapExits(bool) {}

func (h host) Exit(actor.Address, actor.Reason) {}

func (h host) Now() time.Duration { return h.a.now }

func (h host) Wall() (time.Time, bool) { return time.Unix(0, int64(h.a.now)), true }

func (h host) Log(level actor.Level, text string) {
	h.a.log = append(h.a.log, [...]string{"trace", "debug", "info", "warn", "error"}[level]+": "+text)
}
