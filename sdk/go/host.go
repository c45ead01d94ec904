package actor

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Address is an actor's: a plain value that can be sent, stored and compared. It cannot be guessed, so holding one is the
// right to send to it. In JSON it is a text.
type Address struct{ Node, Key uint64 }

func (a Address) String() string { return fmt.Sprintf("%016x-%016x", a.Node, a.Key) }

// MarshalText is its text.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads its text.
func (a *Address) UnmarshalText(text []byte) error {
	if len(text) != 33 || text[16] != '-' {
		return fmt.Errorf("expected an address, not %q", text)
	}
	node, err := strconv.ParseUint(string(text[:16]), 16, 64)
	if err != nil {
		return fmt.Errorf("expected an address, not %q", text)
	}
	key, err := strconv.ParseUint(string(text[17:]), 16, 64)
	if err != nil {
		return fmt.Errorf("expected an address, not %q", text)
	}
	*a = Address{node, key}
	return nil
}

// Message is one as it travels.
type Message struct {
	// Kind is what a behaviour matches on: 1 to 64 bytes, by convention in kebab-case.
	Kind string
	// Body is JSON by convention; empty means no fields.
	Body []byte
}

// Read reads the body as a T.
func (m Message) Read(into any) error { return json.Unmarshal(m.Body, into) }

// Reading is a device's value as it was measured, in the unit of the manifest; switches are 0 and 1.
type Reading struct {
	At    time.Duration
	Value float64
}

// Spawn is how an actor is spawned.
type Spawn struct {
	// Config is merged over the behaviour's own. Nil: none.
	Config any
	// Name to register it under. Needs the grant register:NAME.
	Name string
	// Link ties both together, and Monitor watches it, from its first instant.
	Link, Monitor bool
	// Grants is what it may do. Nil: all that its behaviour asks for in the manifest and this actor has.
	Grants []string
}

// Child is an actor that was spawned. It starts when the turn ends well; its address is good at once.
type Child struct {
	Address Address
	// Monitor is one when it was asked for.
	Monitor Monitor
}

// Timer, Monitor and Request are what calls of a Turn give back.
type (
	Timer   uint64
	Monitor uint64
	Request uint64
)

// Level is how much a line of the log matters.
type Level uint8

// The levels, from single steps to what went wrong.
const (
	LevelTrace Level = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
)
