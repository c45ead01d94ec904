package check

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	types "greenroom.dev/actor/internal/bindings/imports/greenroom_actor_types"
)

// args are the arguments of a check that are left: lines of a message's body.
type args struct {
	left []byte
	// Who was spawned last, for `spawned` in place of an address.
	spawned *types.Address
}

// line is the next line as it is, empty when there is none left.
func (a *args) line() string {
	line, rest, _ := bytes.Cut(a.left, []byte("\n"))
	a.left = rest
	return string(line)
}

// bytes are the next line's: as they are, `hex:` and digits, or `fill:` and how many times "x".
func (a *args) bytes() []byte {
	line := a.line()
	if length, is := strings.CutPrefix(line, "fill:"); is {
		count, _ := strconv.Atoi(length)
		return bytes.Repeat([]byte("x"), count)
	}
	if digits, is := strings.CutPrefix(line, "hex:"); is {
		decoded, _ := hex.DecodeString(digits)
		return decoded
	}
	return []byte(line)
}

func (a *args) text() string { return string(a.bytes()) }

func (a *args) number() uint64 {
	number, _ := strconv.ParseUint(a.line(), 10, 64)
	return number
}

func (a *args) float() float64 {
	number, _ := strconv.ParseFloat(a.line(), 64)
	return number
}

func (a *args) address() types.Address {
	line := a.line()
	if line == "spawned" && a.spawned != nil {
		return *a.spawned
	}
	node, key, _ := strings.Cut(line, "-")
	number := func(digits string) uint64 {
		number, _ := strconv.ParseUint(digits, 16, 64)
		return number
	}
	return types.Address{Node: number(node), Key: number(key)}
}

// message is two lines, the kind and the body.
func (a *args) message() types.Message {
	kind := a.text()
	return types.Message{Kind: kind, Body: a.bytes()}
}

// reason is a case's name, and after a colon its text.
func (a *args) reason() types.Reason {
	word, text, _ := strings.Cut(a.line(), ":")
	switch slices.Index(reasons, word) {
	case 0:
		return types.MakeReasonNormal()
	case 1:
		return types.MakeReasonShutdown()
	case 2:
		return types.MakeReasonKilled()
	case 3:
		return types.MakeReasonFailed(text)
	case 4:
		return types.MakeReasonTrapped(text)
	case 5:
		return types.MakeReasonOutOfTime()
	case 6:
		return types.MakeReasonOutOfMemory()
	case 7:
		return types.MakeReasonNoActor()
	case 8:
		return types.MakeReasonUnreachable()
	default:
		return types.MakeReasonOther(text)
	}
}

func shown(address types.Address) string {
	return fmt.Sprintf("%016x-%016x", address.Node, address.Key)
}
