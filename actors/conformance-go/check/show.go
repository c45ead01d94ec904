package check

import (
	"encoding/hex"

	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_actors"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_devices"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_names"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_topics"
	types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
	wit "greenroom.dev/actor/internal/wit/types"
)

// What functions give back, as JSON: a variant's case is its name, or an object of the name and what it holds.

type object = map[string]any

// result is {"ok": …} or {"error": …}.
func result[T, E any](result wit.Result[T, E], ok func(T) any, failed func(E) any) any {
	if result.IsOk() {
		return object{"ok": ok(result.Ok())}
	}
	return object{"error": failed(result.Err())}
}

func nothing(wit.Unit) any { return nil }

func number(number uint64) any { return number }

func text(text string) any { return text }

// octets are a string when they are ASCII, and "hex:…" otherwise.
func octets(bytes []byte) any {
	for _, one := range bytes {
		if one >= 0x80 {
			return "hex:" + hex.EncodeToString(bytes)
		}
	}
	return string(bytes)
}

func message(m types.Message) any { return object{"kind": m.Kind, "body": octets(m.Body)} }

// variant is a case by its name in the contract's order, and what it holds if it holds something.
func variant(tag uint8, names []string, holds map[uint8]func() any) any {
	if holds, has := holds[tag]; has {
		return object{names[tag]: holds()}
	}
	return names[tag]
}

// held is a function of a case as one of any value.
func held[T any](of func() T) func() any { return func() any { return of() } }

var reasons = []string{
	"normal", "shutdown", "killed", "failed", "trapped", "out-of-time", "out-of-memory", "no-actor", "unreachable", "other",
}

func reason(why types.Reason) any {
	return variant(why.Tag(), reasons, map[uint8]func() any{
		types.Reason_Failed: held(why.Failed), types.Reason_Trapped: held(why.Trapped), types.Reason_Other: held(why.Other),
	})
}

var askErrors = []string{
	"no-actor", "mailbox-full", "too-large", "invalid", "not-granted", "timed-out", "restarting", "would-deadlock", "refused",
	"ended", "unreachable", "other",
}

func askError(why types.AskError) any {
	return variant(why.Tag(), askErrors, map[uint8]func() any{
		types.AskError_TooLarge: held(why.TooLarge), types.AskError_Invalid: held(why.Invalid),
		types.AskError_NotGranted: held(why.NotGranted), types.AskError_WouldDeadlock: held(why.WouldDeadlock),
		types.AskError_Refused: held(why.Refused), types.AskError_Other: held(why.Other),
		types.AskError_Ended: func() any { return reason(why.Ended()) },
	})
}

func sendError(why types.SendError) any {
	names := []string{"no-actor", "mailbox-full", "too-large", "invalid", "not-granted", "other"}
	return variant(why.Tag(), names, map[uint8]func() any{
		types.SendError_TooLarge: held(why.TooLarge), types.SendError_Invalid: held(why.Invalid),
		types.SendError_NotGranted: held(why.NotGranted), types.SendError_Other: held(why.Other),
	})
}

func spawnError(why greenroom_actor_actors.SpawnError) any {
	names := []string{"unknown-behavior", "not-granted", "limit", "name-taken", "invalid", "other"}
	return variant(why.Tag(), names, map[uint8]func() any{
		greenroom_actor_actors.SpawnError_NotGranted: held(why.NotGranted), greenroom_actor_actors.SpawnError_Limit: held(why.Limit),
		greenroom_actor_actors.SpawnError_Invalid: held(why.Invalid), greenroom_actor_actors.SpawnError_Other: held(why.Other),
	})
}

func nameError(why greenroom_actor_names.NameError) any {
	return variant(why.Tag(), []string{"taken", "invalid", "not-granted", "other"}, map[uint8]func() any{
		greenroom_actor_names.NameError_Invalid: held(why.Invalid), greenroom_actor_names.NameError_NotGranted: held(why.NotGranted),
		greenroom_actor_names.NameError_Other: held(why.Other),
	})
}

func topicError(why greenroom_actor_topics.TopicError) any {
	return variant(why.Tag(), []string{"invalid", "not-granted", "too-large", "no-registry", "other"}, map[uint8]func() any{
		greenroom_actor_topics.TopicError_Invalid: held(why.Invalid), greenroom_actor_topics.TopicError_NotGranted: held(why.NotGranted),
		greenroom_actor_topics.TopicError_TooLarge: held(why.TooLarge), greenroom_actor_topics.TopicError_Other: held(why.Other),
	})
}

func readError(why greenroom_actor_devices.ReadError) any {
	return variant(why.Tag(), []string{"not-granted", "no-device", "stale", "failed", "other"}, map[uint8]func() any{
		greenroom_actor_devices.ReadError_NotGranted: held(why.NotGranted), greenroom_actor_devices.ReadError_Stale: held(why.Stale),
		greenroom_actor_devices.ReadError_Failed: held(why.Failed), greenroom_actor_devices.ReadError_Other: held(why.Other),
	})
}

func writeError(why greenroom_actor_devices.WriteError) any {
	names := []string{"not-granted", "no-device", "read-only", "busy", "out-of-range", "max-on", "failed", "other"}
	return variant(why.Tag(), names, map[uint8]func() any{
		greenroom_actor_devices.WriteError_NotGranted: held(why.NotGranted), greenroom_actor_devices.WriteError_Busy: held(why.Busy),
		greenroom_actor_devices.WriteError_OutOfRange: held(why.OutOfRange), greenroom_actor_devices.WriteError_Failed: held(why.Failed),
		greenroom_actor_devices.WriteError_Other: held(why.Other),
	})
}
