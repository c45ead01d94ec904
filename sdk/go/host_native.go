//go:build !wasip1

package actor

import "time"

// Host is what the calls of a Turn go to in a test. The package actortest has one.
type Host interface {
	Self() Address
	Send(to Address, message Message) error
	StartAsk(to Address, message Message, timeout time.Duration) (Request, error)
	Ask(to Address, message Message, timeout time.Duration) (Message, error)
	Reply(request Request, answer Message) error
	Refuse(request Request, why string) error
	SendAfter(delay time.Duration, to Address, message Message) (Timer, error)
	SendEvery(interval time.Duration, to Address, message Message) (Timer, error)
	Cancel(timer Timer)
	Publish(topic string, message Message) error
	Subscribe(pattern string) error
	Unsubscribe(pattern string)
	ReadDevice(device string) (Reading, error)
	WriteDevice(device string, value float64) error
	WatchDevice(device string) error
	Register(name string) error
	Unregister(name string)
	Lookup(name string) (Address, bool, error)
	Spawn(behavior, config string, options Spawn) (Child, error)
	Link(to Address)
	Unlink(to Address)
	Monitor(whom Address) Monitor
	Demonitor(monitor Monitor)
	TrapExits(on bool)
	Exit(whom Address, why Reason)
	Now() time.Duration
	Wall() (time.Time, bool)
	Log(level Level, text string)
}

var host Host

// UseHost has the calls of all turns go to a host, and gives back the one before.
func UseHost(h Host) Host {
	before := host
	host = h
	return before
}

// A panic in a test is the test's.
func caught() {}

// Running is an actor that runs in a test, by the words of the contract. The package actortest has it run.
type Running struct{ of *instance }

// Run is an actor that was not started yet.
func Run[A any](a *Actor[A]) Running { return Running{newInstance(a.of)} }

// Init starts it; false: it is to be ignored.
func (r Running) Init(config []byte) (bool, error) { return r.of.init(config) }

// Handle has it handle a message: what its turn came to, and the text that belongs to that.
func (r Running) Handle(m Message, sender *Address, request *Request, topic *string) (word, text string, err error) {
	turn := r.of.turn()
	turn.message, turn.sender, turn.request, turn.topic = m, sender, request, topic
	return said(r.of.handle(turn))
}

// Answered has it hear the answer to a question of its own.
func (r Running) Answered(request Request, answer Message, why error) (word, text string, err error) {
	return said(r.of.answered(request, answer, why))
}

func said(result next, err error) (string, string, error) {
	words := [...]string{"same", "changed", "defer", "unhandled", "become", "stop"}
	return words[result.tag], result.text, err
}

// Save is what it keeps, if it keeps anything, and of which version that is.
func (r Running) Save() (kept []byte, version uint32, has bool, err error) {
	if r.of.of.state == nil {
		return nil, 0, false, nil
	}
	kept, err = r.of.save()
	return kept, r.of.of.state.Version, true, err
}

// Again is a new incarnation, or new code: from what was kept where there is such.
func (r Running) Again(occasion uint8, config []byte, version uint32, kept []byte, has bool) (Running, error) {
	again := Running{newInstance(r.of.of)}
	if !has {
		_, err := again.of.init(config)
		return again, err
	}
	return again, again.of.restore(occasion, config, version, kept)
}
