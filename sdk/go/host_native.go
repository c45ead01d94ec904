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
