package actor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	"greenroom.dev/actor/internal/link"
)

// instance is an actor as the host runs it.
type instance struct {
	of   *definition
	self any
	asks map[Request]string
}

func newInstance(of *definition) *instance { return &instance{of: of, asks: map[Request]string{}} }

func (i *instance) turn() *Turn { return &Turn{asks: i.asks} }

func (i *instance) init(config []byte) (ready bool, err error) {
	i.self, err = i.of.start(config, i.turn())
	if errors.Is(err, Ignore) {
		return false, nil
	}
	return err == nil, err
}

func (i *instance) handle(turn *Turn) (next, error) {
	kind := turn.message.Kind
	result, err := of(i.of.handle(i.self, turn, turn.message))
	// Nobody is left waiting for an answer that never comes.
	if err == nil && (result.tag == tagSame || result.tag == tagChanged || result.tag == tagBecome) {
		if request, open := turn.Request(); open {
			// Who asked may be gone, which is no concern of this actor's.
			_ = host.Refuse(request, fmt.Sprintf("`%s` was handled, and has no answer", kind))
		}
	}
	return result, err
}

func (i *instance) answered(request Request, answer Message, why error) (next, error) {
	kind, open := i.asks[request]
	if !open {
		Warnf("an answer came to a question that nobody here asked")
		return next{}, nil
	}
	delete(i.asks, request)
	handle, known := i.of.answers[kind]
	if !known {
		// After a swap to code that knows the continuation no more.
		Warnf("an answer came for which there is no message any more: `%s`", kind)
		return next{}, nil
	}
	turn := i.turn()
	turn.message = answer
	return of(handle(i.self, turn, answer.Body, why))
}

// asksKey is the name of what is kept beside an actor's own fields: which questions wait for an answer, and the kind that
// it will come as: [[request, kind], …].
const asksKey = "$asks"

func (i *instance) save() ([]byte, error) {
	kept, err := i.of.state.Save(i.self)
	if err != nil || len(i.asks) == 0 {
		return kept, err
	}
	object, isObject := bytes.CutSuffix(bytes.TrimSpace(kept), []byte("}"))
	if !isObject {
		return nil, errors.New("what is kept is no object, so that open questions cannot be kept beside it")
	}
	asks := make([][2]any, 0, len(i.asks))
	for _, request := range slices.Sorted(maps.Keys(i.asks)) {
		asks = append(asks, [2]any{request, i.asks[request]})
	}
	text, err := json.Marshal(asks)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(object, []byte("{")) {
		object = append(object, ',')
	}
	return fmt.Appendf(object, "%q:%s}", asksKey, text), nil
}

func (i *instance) restore(occasion uint8, config []byte, version uint32, kept []byte) error {
	state := i.of.state
	if occasion != restarted {
		i.resumeAsks(kept)
	}
	if version != state.Version {
		upgrade, known := state.Older[version]
		if !known {
			return fmt.Errorf("state of version %d cannot be taken: this is version %d", version, state.Version)
		}
		upgraded, err := upgrade(kept)
		if err != nil {
			return fmt.Errorf("the saved state does not fit: %w", err)
		}
		kept = upgraded
	}
	self, err := state.Resume(kept, config, occasion, i.turn())
	i.self = self
	return err
}

// restarted is the contract's occasion restarted, which ends the incarnation that asked, and its questions with it.
const restarted = 1

func (i *instance) resumeAsks(kept []byte) {
	var saved struct {
		Asks []json.RawMessage `json:"$asks"`
	}
	if json.Unmarshal(kept, &saved) != nil {
		return
	}
	for _, one := range saved.Asks {
		var request Request
		var kind string
		if json.Unmarshal(one, &[2]any{&request, &kind}) == nil {
			i.asks[request] = kind
		}
	}
}

// exported is an instance as the host calls it.
type exported struct{ *instance }

func (e exported) Init(config string) (bool, error) {
	defer caught()
	return e.init([]byte(config))
}

func (e exported) Handle(envelope types.Envelope) (types.Next, error) {
	defer caught()
	turn := e.turn()
	turn.message = Message{envelope.Message.Kind, envelope.Message.Body}
	if envelope.Sender.IsSome() {
		sender := Address(envelope.Sender.Some())
		turn.sender = &sender
	}
	if envelope.Request.IsSome() {
		request := Request(envelope.Request.Some())
		turn.request = &request
	}
	if envelope.Topic.IsSome() {
		topic := envelope.Topic.Some()
		turn.topic = &topic
	}
	return result(e.handle(turn))
}

func result(result next, err error) (types.Next, error) {
	if err != nil {
		return types.Next{}, err
	}
	return nextOut(result), nil
}

func (e exported) Answered(request uint64, answer types.Message, why *types.AskError) (types.Next, error) {
	defer caught()
	var failed error
	if why != nil {
		failed = askError(*why)
	}
	return result(e.answered(Request(request), Message{answer.Kind, answer.Body}, failed))
}

func (e exported) Exited(who types.Address, why types.Reason) (types.Next, error) {
	defer caught()
	if e.of.signals.Exited == nil {
		return types.MakeNextSame(), nil
	}
	return result(of(e.of.signals.Exited(e.self, e.turn(), who, why)))
}

func (e exported) Down(monitor uint64, who types.Address, why types.Reason) (types.Next, error) {
	defer caught()
	if e.of.signals.Down == nil {
		return types.MakeNextSame(), nil
	}
	return result(of(e.of.signals.Down(e.self, e.turn(), monitor, who, why)))
}

func (e exported) Stopping(why types.Reason) {
	defer caught()
	if e.of.signals.Stopping != nil && e.self != nil {
		e.of.signals.Stopping(e.self, e.turn(), why)
	}
}

func (e exported) Version() uint32 { return e.of.state.Version }

func (e exported) Accepts() []uint32 {
	older := slices.Sorted(maps.Keys(e.of.state.Older))
	return append([]uint32{e.of.state.Version}, older...)
}

func (e exported) Save() ([]byte, error) {
	defer caught()
	return e.save()
}

func (e exported) Restore(occasion uint8, config string, version uint32, kept []byte) error {
	defer caught()
	return e.restore(occasion, []byte(config), version, kept)
}

func init() {
	link.TrapExits = func(on bool) { host.TrapExits(on) }
	link.Monitor = func(whom types.Address) uint64 { return uint64(host.Monitor(Address(whom))) }
	link.Demonitor = func(monitor uint64) { host.Demonitor(Monitor(monitor)) }
	link.Reason = func(why types.Reason) any { return reasonIn(why) }
	link.Ask = func(turn any, to types.Address, kind string, body any, timeout uint64, then string) error {
		m, err := message(kind, body)
		if err != nil {
			return err
		}
		request, err := host.StartAsk(Address(to), m, time.Duration(timeout))
		if err != nil {
			return err
		}
		turn.(*Turn).asks[request] = then
		return nil
	}
}
