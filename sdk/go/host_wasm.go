//go:build wasip1

package actor

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_actors"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_asking"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_clock"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_devices"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_log"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_messaging"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_names"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_timers"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_topics"
	types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/trap"
	wit "greenroom.dev/actor/internal/wit/types"

	// The export that each actor has.
	_ "greenroom.dev/actor/internal/bindings/exports/behavior"
)

// real is the host that runs this component. Never an interface's: so the linker leaves out what is not called, and a
// component imports what it uses.
type real struct{}

var host real

func sent[T any](result wit.Result[T, types.SendError]) (T, error) {
	if result.IsOk() {
		return result.Ok(), nil
	}
	var none T
	switch why := result.Err(); why.Tag() {
	case types.SendError_NoActor:
		return none, ErrNoActor
	case types.SendError_MailboxFull:
		return none, ErrMailboxFull
	case types.SendError_TooLarge:
		return none, tooLarge(why.TooLarge())
	case types.SendError_Invalid:
		return none, with(ErrInvalid, "%s", why.Invalid())
	case types.SendError_NotGranted:
		return none, with(ErrNotGranted, "%s", why.NotGranted())
	default:
		return none, with(ErrOther, "%s", why.Other())
	}
}

func nothing[T any](_ T, err error) error { return err }

func out(m Message) types.Message { return types.Message{Kind: m.Kind, Body: m.Body} }

func in(m types.Message) Message { return Message{m.Kind, m.Body} }

func (real) Self() Address { return Address(greenroom_actor_messaging.OwnAddress()) }

func (real) Send(to Address, m Message) error {
	return nothing(sent(greenroom_actor_messaging.Send(types.Address(to), out(m))))
}

func (real) StartAsk(to Address, m Message, timeout time.Duration) (Request, error) {
	asked := greenroom_actor_messaging.StartAsk(types.Address(to), out(m), uint64(timeout))
	if asked.IsOk() {
		return Request(asked.Ok()), nil
	}
	return 0, askError(asked.Err())
}

func (real) Ask(to Address, m Message, timeout time.Duration) (Message, error) {
	answer := greenroom_actor_asking.Ask(types.Address(to), out(m), uint64(timeout))
	if answer.IsOk() {
		return in(answer.Ok()), nil
	}
	return Message{}, askError(answer.Err())
}

func (real) Reply(request Request, answer Message) error {
	return nothing(sent(greenroom_actor_messaging.Reply(uint64(request), wit.Ok[types.Message, string](out(answer)))))
}

func (real) Refuse(request Request, why string) error {
	return nothing(sent(greenroom_actor_messaging.Reply(uint64(request), wit.Err[types.Message](why))))
}

func (real) SendAfter(delay time.Duration, to Address, m Message) (Timer, error) {
	timer, err := sent(greenroom_actor_timers.SendAfter(uint64(delay), types.Address(to), out(m)))
	return Timer(timer), err
}

func (real) SendEvery(interval time.Duration, to Address, m Message) (Timer, error) {
	timer, err := sent(greenroom_actor_timers.SendEvery(uint64(interval), types.Address(to), out(m)))
	return Timer(timer), err
}

func (real) Cancel(timer Timer) { greenroom_actor_timers.Cancel(uint64(timer)) }

func published(result wit.Result[wit.Unit, greenroom_actor_topics.TopicError]) error {
	if result.IsOk() {
		return nil
	}
	switch why := result.Err(); why.Tag() {
	case greenroom_actor_topics.TopicError_Invalid:
		return with(ErrInvalid, "%s", why.Invalid())
	case greenroom_actor_topics.TopicError_NotGranted:
		return with(ErrNotGranted, "%s", why.NotGranted())
	case greenroom_actor_topics.TopicError_TooLarge:
		return tooLarge(why.TooLarge())
	case greenroom_actor_topics.TopicError_NoRegistry:
		return ErrNoRegistry
	default:
		return with(ErrOther, "%s", why.Other())
	}
}

func (real) Publish(topic string, m Message) error {
	return published(greenroom_actor_topics.Publish(topic, out(m)))
}

func (real) Subscribe(pattern string) error {
	return published(greenroom_actor_topics.Subscribe(pattern))
}

func (real) Unsubscribe(pattern string) { greenroom_actor_topics.Unsubscribe(pattern) }

func notRead(why greenroom_actor_devices.ReadError) error {
	switch why.Tag() {
	case greenroom_actor_devices.ReadError_NotGranted:
		return with(ErrNotGranted, "%s", why.NotGranted())
	case greenroom_actor_devices.ReadError_NoDevice:
		return ErrNoDevice
	case greenroom_actor_devices.ReadError_Stale:
		return stale(why.Stale())
	case greenroom_actor_devices.ReadError_Failed:
		return with(ErrFailed, "%s", why.Failed())
	default:
		return with(ErrOther, "%s", why.Other())
	}
}

func (real) ReadDevice(device string) (Reading, error) {
	read := greenroom_actor_devices.Read(device)
	if read.IsErr() {
		return Reading{}, notRead(read.Err())
	}
	return Reading{time.Duration(read.Ok().At), read.Ok().Value}, nil
}

func (real) WriteDevice(device string, value float64) error {
	written := greenroom_actor_devices.Write(device, value)
	if written.IsOk() {
		return nil
	}
	switch why := written.Err(); why.Tag() {
	case greenroom_actor_devices.WriteError_NotGranted:
		return with(ErrNotGranted, "%s", why.NotGranted())
	case greenroom_actor_devices.WriteError_NoDevice:
		return ErrNoDevice
	case greenroom_actor_devices.WriteError_ReadOnly:
		return ErrReadOnly
	case greenroom_actor_devices.WriteError_Busy:
		return with(ErrBusy, "`%s` writes it", why.Busy())
	case greenroom_actor_devices.WriteError_OutOfRange:
		return with(ErrOutOfRange, "%s", why.OutOfRange())
	case greenroom_actor_devices.WriteError_MaxOn:
		return ErrMaxOn
	case greenroom_actor_devices.WriteError_Failed:
		return with(ErrFailed, "%s", why.Failed())
	default:
		return with(ErrOther, "%s", why.Other())
	}
}

func (real) WatchDevice(device string) error {
	watched := greenroom_actor_devices.Watch(device)
	if watched.IsErr() {
		return notRead(watched.Err())
	}
	return nil
}

func named[T any](result wit.Result[T, greenroom_actor_names.NameError]) (T, error) {
	if result.IsOk() {
		return result.Ok(), nil
	}
	var none T
	switch why := result.Err(); why.Tag() {
	case greenroom_actor_names.NameError_Taken:
		return none, ErrNameTaken
	case greenroom_actor_names.NameError_Invalid:
		return none, with(ErrInvalid, "%s", why.Invalid())
	case greenroom_actor_names.NameError_NotGranted:
		return none, with(ErrNotGranted, "%s", why.NotGranted())
	default:
		return none, with(ErrOther, "%s", why.Other())
	}
}

func (real) Register(name string) error { return nothing(named(greenroom_actor_names.Register(name))) }

func (real) Unregister(name string) { greenroom_actor_names.Unregister(name) }

func (real) Lookup(name string) (Address, bool, error) {
	found, err := named(greenroom_actor_names.Lookup(name))
	if err != nil || found.IsNone() {
		return Address{}, false, err
	}
	return Address(found.Some()), true, nil
}

func (real) Spawn(behavior, config string, options Spawn) (Child, error) {
	given := greenroom_actor_actors.Options{Name: wit.None[string](), Grants: wit.None[[]string]()}
	if options.Name != "" {
		given.Name = wit.Some(options.Name)
	}
	if options.Link {
		given.Relation |= greenroom_actor_actors.Relation_Link
	}
	if options.Monitor {
		given.Relation |= greenroom_actor_actors.Relation_Monitor
	}
	if options.Grants != nil {
		given.Grants = wit.Some(options.Grants)
	}
	spawned := greenroom_actor_actors.Spawn(behavior, config, given)
	if spawned.IsOk() {
		return Child{Address(spawned.Ok().Address), Monitor(spawned.Ok().Monitor.SomeOr(0))}, nil
	}
	switch why := spawned.Err(); why.Tag() {
	case greenroom_actor_actors.SpawnError_UnknownBehavior:
		return Child{}, ErrUnknownBehavior
	case greenroom_actor_actors.SpawnError_NotGranted:
		return Child{}, with(ErrNotGranted, "%s", why.NotGranted())
	case greenroom_actor_actors.SpawnError_Limit:
		return Child{}, with(ErrLimit, "%s", why.Limit())
	case greenroom_actor_actors.SpawnError_NameTaken:
		return Child{}, ErrNameTaken
	case greenroom_actor_actors.SpawnError_Invalid:
		return Child{}, with(ErrInvalid, "%s", why.Invalid())
	default:
		return Child{}, with(ErrOther, "%s", why.Other())
	}
}

func (real) Link(to Address) { greenroom_actor_actors.Link(types.Address(to)) }

func (real) Unlink(to Address) { greenroom_actor_actors.Unlink(types.Address(to)) }

func (real) Monitor(whom Address) Monitor {
	return Monitor(greenroom_actor_actors.Monitor(types.Address(whom)))
}

func (real) Demonitor(monitor Monitor) { greenroom_actor_actors.Demonitor(uint64(monitor)) }

func (real) TrapExits(on bool) { greenroom_actor_actors.TrapExits(on) }

func (real) Exit(whom Address, why Reason) {
	greenroom_actor_actors.Exit(types.Address(whom), reasonOut(why))
}

func (real) Now() time.Duration { return time.Duration(greenroom_actor_clock.Now()) }

func (real) Wall() (time.Time, bool) {
	wall := greenroom_actor_clock.Wall()
	return time.Unix(0, int64(wall.SomeOr(0))), wall.IsSome()
}

func (real) Log(level Level, text string) { greenroom_actor_log.Write(uint8(level), text) }

// caught ends the component on a panic, with the panic and its place in the actor's log: the host's report of the trap
// begins with it. Left alone, the panic would be a page of lines on the standard error.
func caught() {
	why := recover()
	if why == nil {
		return
	}
	frames := runtime.CallersFrames(stack())
	var text strings.Builder
	for first := true; ; {
		frame, more := frames.Next()
		if ours := !strings.HasPrefix(frame.Function, "runtime."); ours && first {
			fmt.Fprintf(&text, "panicked at %s:%d: %v", frame.File, frame.Line, why)
			first = false
		}
		// What the SDK and Go do before it says nothing about the panic.
		if first := frame.Function; !strings.HasPrefix(first, "runtime.") && !strings.HasPrefix(first, "greenroom") {
			fmt.Fprintf(&text, "\n  at %s (%s:%d)", frame.Function, frame.File, frame.Line)
		}
		if !more {
			break
		}
	}
	host.Log(LevelError, text.String())
	trap.Trap()
}

func stack() []uintptr {
	pcs := make([]uintptr, 32)
	// Neither this function, nor its caller, nor runtime.Callers.
	return pcs[:runtime.Callers(3, pcs)]
}
