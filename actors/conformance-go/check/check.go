// Package check is an actor that does what it is told to: messages that are checks are run, everything else is noted down and
// told by the check `heard`. As actors/conformance and actors/conformance-c.
package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_actors"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_devices"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_messaging"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_names"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_topics"
	types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/trap"
	wit "greenroom.dev/actor/internal/wit/types"
)

// Ask is the import asking, in an actor that has it.
type Ask = func(to types.Address, message types.Message, timeout uint64) wit.Result[types.Message, types.AskError]

// Actor is what is between two turns.
type Actor struct {
	ask   Ask
	heard []any
	// How it was started.
	started any
	// What state.save gives, and whether it fails or acts.
	kept    []byte
	version uint32
	save    string
	// Whether messages that can't be taken now are put aside (`next`).
	open    bool
	spawned *types.Address
}

// New is one that has heard nothing.
func New(ask Ask) *Actor { return &Actor{ask: ask, version: 1, heard: []any{}} }

// outcome is what a turn comes to, unless a check decides otherwise.
type outcome struct {
	next  types.Next
	fails error
}

func (a *Actor) check(name string, body []byte, outcome *outcome) (any, bool) {
	args := &args{body, a.spawned}
	shown, known := a.imports(name, args)
	a.spawned = args.spawned
	if known {
		return shown, true
	}
	switch name {
	case "heard":
		heard := a.heard
		a.heard = []any{}
		return heard, true
	case "started":
		return a.started, true
	case "next":
		return a.next(args, outcome), true
	case "fail":
		outcome.fails = errors.New(args.text())
	case "trap":
		trap.Trap()
	case "state.keep":
		a.kept = args.bytes()
	case "state.version":
		a.version = uint32(args.number())
	case "state.save":
		a.save = args.line()
	default:
		return nil, false
	}
	return nil, true
}

func (a *Actor) next(args *args, outcome *outcome) any {
	word := args.line()
	switch {
	case word == "changed":
		a.open = true
		outcome.next = types.MakeNextChanged()
	case word == "defer" && !a.open:
		outcome.next = types.MakeNextDefer()
	case word == "unhandled":
		outcome.next = types.MakeNextUnhandled(args.line())
	case word == "become":
		outcome.next = types.MakeNextBecome(args.line())
	case word == "stop":
		outcome.next = types.MakeNextStop()
	}
	return word
}

// turn is several checks in one turn: the name and the arguments of each, and a line with `;` between two.
func (a *Actor) turn(body []byte, outcome *outcome) any {
	results := []any{}
	for one := range strings.SplitSeq(string(body), "\n;\n") {
		name, args, _ := strings.Cut(one, "\n")
		result, known := a.check(name, []byte(args), outcome)
		if !known {
			result = "unknown"
		}
		results = append(results, result)
	}
	return results
}

func encoded(value any) []byte {
	// As they are in the contract's texts: a `<` is no escape.
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n"))
}

// Init is behavior.init.
func (a *Actor) Init(config string) (bool, error) {
	a.started = object{"init": config}
	if strings.Contains(config, `"start":"fail"`) {
		return false, errors.New("it was told to fail")
	}
	return !strings.Contains(config, `"start":"ignore"`), nil
}

// Handle is behavior.handle.
func (a *Actor) Handle(envelope types.Envelope) (types.Next, error) {
	outcome := &outcome{next: types.MakeNextSame()}
	kind, body := envelope.Message.Kind, envelope.Message.Body
	var result any
	known := true
	if kind == "turn" {
		result = a.turn(body, outcome)
	} else {
		result, known = a.check(kind, body, outcome)
	}
	later := outcome.next.Tag() == types.Next_Defer || outcome.next.Tag() == types.Next_Unhandled
	switch {
	case !known:
		noted := object{"sender": nil, "request": nil, "topic": nil, "kind": kind, "body": octets(body)}
		if envelope.Sender.IsSome() {
			noted["sender"] = shown(envelope.Sender.Some())
		}
		if envelope.Request.IsSome() {
			noted["request"] = envelope.Request.Some()
		}
		if envelope.Topic.IsSome() {
			noted["topic"] = envelope.Topic.Some()
		}
		a.heard = append(a.heard, object{"message": noted})
	case envelope.Request.IsSome() && !later:
		answer := types.Message{Kind: "result", Body: encoded(object{"check": kind, "result": result})}
		// Who asked may be gone.
		_ = greenroom_actor_messaging.Reply(envelope.Request.Some(), wit.Ok[types.Message, string](answer))
	}
	return outcome.next, outcome.fails
}

func (a *Actor) hear(what object) (types.Next, error) {
	a.heard = append(a.heard, what)
	return types.MakeNextSame(), nil
}

// Answered is replies.answered.
func (a *Actor) Answered(request uint64, answer types.Message, why *types.AskError) (types.Next, error) {
	if why != nil {
		return a.hear(object{"answered": object{"request": request, "error": askError(*why)}})
	}
	return a.hear(object{"answered": object{"request": request, "ok": message(answer)}})
}

// Exited is signals.exited.
func (a *Actor) Exited(who types.Address, why types.Reason) (types.Next, error) {
	return a.hear(object{"exited": object{"who": shown(who), "why": reason(why)}})
}

// Down is signals.down.
func (a *Actor) Down(monitor uint64, who types.Address, why types.Reason) (types.Next, error) {
	return a.hear(object{"down": object{"monitor": monitor, "who": shown(who), "why": reason(why)}})
}

// Stopping is signals.stopping.
func (a *Actor) Stopping(why types.Reason) {
	// Not everybody is granted it.
	_ = greenroom_actor_topics.Publish("conformance/stopping", types.Message{Kind: "stopping", Body: encoded(reason(why))})
}

// Version is state.version.
func (a *Actor) Version() uint32 { return a.version }

// Accepts is state.accepts.
func (a *Actor) Accepts() []uint32 { return []uint32{1, 2} }

// Save is state.save.
func (a *Actor) Save() ([]byte, error) {
	switch a.save {
	case "fails":
		return nil, errors.New("it was told not to save")
	case "acts":
		a.act()
	}
	return a.kept, nil
}

// act is what state.save must not do: nothing of it happens, whatever it is told.
func (a *Actor) act() {
	m := types.Message{Kind: "from-save"}
	_ = greenroom_actor_messaging.Send(greenroom_actor_messaging.OwnAddress(), m)
	options := greenroom_actor_actors.Options{Name: wit.None[string](), Grants: wit.None[[]string]()}
	_ = greenroom_actor_actors.Spawn("child", "{}", options)
	_ = greenroom_actor_devices.Write("lamp", 1)
	if a.ask == nil {
		return
	}
	if partner := greenroom_actor_names.Lookup("partner"); partner.IsOk() && partner.Ok().IsSome() {
		_ = a.ask(partner.Ok().Some(), m, 1_000_000_000)
	}
}

// Restore is state.restore.
func (a *Actor) Restore(occasion uint8, config string, version uint32, kept []byte) error {
	word := []string{"swapped", "restarted", "woken"}[occasion]
	restored := object{"occasion": word, "config": config, "version": version, "bytes": octets(kept)}
	a.started = object{"restored": restored}
	a.kept = kept
	a.version = version
	if string(kept) == "refuse" {
		return errors.New("it was told to refuse")
	}
	return nil
}
