package actor

import (
	"encoding/json"
	"fmt"
	"time"
)

// Turn is what an actor can do in a turn, and what the turn is about. Good for that turn alone.
type Turn struct {
	message Message
	sender  *Address
	topic   *string
	// The question, until it is answered or taken over.
	request *Request
	// The questions that this actor waits for, with the kind that the answer comes as.
	asks map[Request]string
}

// Message is the message of this turn as it came.
func (t *Turn) Message() Message { return t.message }

// Sender is who sent it; false: somebody outside, or the host itself.
func (t *Turn) Sender() (Address, bool) {
	if t.sender == nil {
		return Address{}, false
	}
	return *t.sender, true
}

// Topic is the one that it was published on, if it was.
func (t *Turn) Topic() (string, bool) {
	if t.topic == nil {
		return "", false
	}
	return *t.topic, true
}

// Self is this actor's address.
func (t *Turn) Self() Address { return host.Self() }

func message(kind string, body any) (Message, error) {
	text, err := write(body)
	if err != nil {
		return Message{}, with(ErrInvalid, "%v", err)
	}
	return Message{kind, text}, nil
}

// Tell sends a message: at most once, in order between this actor and that one. The body is what encoding/json makes of it;
// nil is none.
func (t *Turn) Tell(to Address, kind string, body any) error {
	m, err := message(kind, body)
	if err != nil {
		return err
	}
	return host.Send(to, m)
}

// Reply answers the question of this turn. Nothing happens when nobody asks, or it has been answered.
func (t *Turn) Reply(answer any) error { return t.ReplyKind("answer", answer) }

// ReplyKind answers with a message of a kind.
func (t *Turn) ReplyKind(kind string, answer any) error {
	request, asked := t.Request()
	if !asked {
		return nil
	}
	m, err := message(kind, answer)
	if err != nil {
		return err
	}
	return host.Reply(request, m)
}

// Refuse refuses the message of this turn with a text that says what would be right. When nobody asks, it goes to the dead
// letters with that text.
func (t *Turn) Refuse(why string) error {
	request, asked := t.Request()
	if !asked {
		return Unhandled(why)
	}
	return host.Refuse(request, why)
}

// Request takes the question of this turn over, to be answered in a later one. False: nobody asks.
func (t *Turn) Request() (Request, bool) {
	if t.request == nil {
		return 0, false
	}
	request := *t.request
	t.request = nil
	return request, true
}

// ReplyTo answers a question that was taken over.
func (t *Turn) ReplyTo(request Request, answer any) error {
	m, err := message("answer", answer)
	if err != nil {
		return err
	}
	return host.Reply(request, m)
}

// RefuseTo refuses a question that was taken over.
func (t *Turn) RefuseTo(request Request, why string) error { return host.Refuse(request, why) }

// SendAfter sends to this actor itself, once, after the end of this turn: 1 ms to 366 days. Timers end with the
// incarnation that set them, and carry over a swap with state.
func (t *Turn) SendAfter(delay time.Duration, kind string, body any) (Timer, error) {
	return t.SendAfterTo(delay, host.Self(), kind, body)
}

// SendAfterTo sends to another actor, once.
func (t *Turn) SendAfterTo(delay time.Duration, to Address, kind string, body any) (Timer, error) {
	m, err := message(kind, body)
	if err != nil {
		return 0, err
	}
	return host.SendAfter(max(delay, 0), to, m)
}

// SendEvery sends to this actor itself again and again, first after one interval: 1 ms to 366 days. Drift-free; a stall is
// made up by one message, not by a burst.
func (t *Turn) SendEvery(interval time.Duration, kind string, body any) (Timer, error) {
	return t.SendEveryTo(interval, host.Self(), kind, body)
}

// SendEveryTo sends to another actor again and again.
func (t *Turn) SendEveryTo(interval time.Duration, to Address, kind string, body any) (Timer, error) {
	m, err := message(kind, body)
	if err != nil {
		return 0, err
	}
	return host.SendEvery(max(interval, 0), to, m)
}

// Cancel cancels a timer. After this turn it does not fire.
func (t *Turn) Cancel(timer Timer) { host.Cancel(timer) }

// Publish publishes a message on a topic: it is kept for streams, and sent to whoever subscribed. Needs the grant
// publish:PATTERN.
func (t *Turn) Publish(topic, kind string, body any) error {
	m, err := message(kind, body)
	if err != nil {
		return err
	}
	return host.Publish(topic, m)
}

// Subscribe has what is published on topics of this pattern come as messages to this actor. Needs the grant
// subscribe:PATTERN.
func (t *Turn) Subscribe(pattern string) error { return host.Subscribe(pattern) }

// Unsubscribe takes that back.
func (t *Turn) Unsubscribe(pattern string) { host.Unsubscribe(pattern) }

// Read is the latest value of a device, as sampled by the host: never waits for it. Needs the grant read:DEVICE.
func (t *Turn) Read(device string) (Reading, error) { return host.ReadDevice(device) }

// Write sets an output, when the turn ends well. Needs the grant write:DEVICE.
func (t *Turn) Write(device string, value float64) error { return host.WriteDevice(device, value) }

// Switch sets an output on or off.
func (t *Turn) Switch(device string, on bool) error {
	if on {
		return t.Write(device, 1)
	}
	return t.Write(device, 0)
}

// Watch has each new value of a device come as a message of kind reading, with the fields device, at, and value or missing.
// Needs the grant read:DEVICE.
func (t *Turn) Watch(device string) error { return host.WatchDevice(device) }

// Register registers this actor under a name. Needs the grant register:NAME.
func (t *Turn) Register(name string) error { return host.Register(name) }

// Unregister gives a name up.
func (t *Turn) Unregister(name string) { host.Unregister(name) }

// Lookup is who has the name now, if anybody. Needs the grant tell:NAME or ask:NAME.
func (t *Turn) Lookup(name string) (Address, bool, error) { return host.Lookup(name) }

// Spawn spawns an actor with a behaviour of the manifest. Needs the grant spawn:BEHAVIOR.
func (t *Turn) Spawn(behavior string, options Spawn) (Child, error) {
	config := []byte("{}")
	if options.Config != nil {
		text, err := json.Marshal(options.Config)
		if err != nil {
			return Child{}, with(ErrInvalid, "%v", err)
		}
		config = text
	}
	return host.Spawn(behavior, string(config), options)
}

// Link ties both together: when one ends abnormally, the other ends too, or is told if it traps exits.
func (t *Turn) Link(to Address) { host.Link(to) }

// Unlink removes the link.
func (t *Turn) Unlink(to Address) { host.Unlink(to) }

// Exit sends an exit signal, as if linked to whom.
func (t *Turn) Exit(whom Address, why Reason) { host.Exit(whom, why) }

// Now is the monotonic time. It never goes back.
func (t *Turn) Now() time.Duration { return host.Now() }

// Wall is the time of day; false while the machine's clock has not been set. For showing, not for control: it may jump.
func (t *Turn) Wall() (time.Time, bool) { return host.Wall() }

// Logf writes a line to the actor's log, at once.
func Logf(level Level, format string, values ...any) { host.Log(level, fmt.Sprintf(format, values...)) }

// Infof writes what an operator wants to know.
func Infof(format string, values ...any) { Logf(LevelInfo, format, values...) }

// Warnf writes what an operator should look at.
func Warnf(format string, values ...any) { Logf(LevelWarn, format, values...) }

// Errorf writes what went wrong.
func Errorf(format string, values ...any) { Logf(LevelError, format, values...) }

// Wait asks and waits for the answer, read as a T: what the turn asked for so far takes effect now, and another turn begins
// with it. An actor that calls this runs on a fiber, which costs memory and time: ask.Send does not.
func Wait[T any](_ *Turn, to Address, kind string, body any, timeout time.Duration) (T, error) {
	var none T
	m, err := message(kind, body)
	if err != nil {
		return none, err
	}
	answer, err := host.Ask(to, m, timeout)
	if err != nil {
		return none, err
	}
	value, err := Read[T](answer.Body)
	if err != nil {
		return none, with(ErrOther, "the answer does not fit: %v", err)
	}
	return value, nil
}
