// The actor of actors/conformance, in Go on the bare bindings, without the import asking.
package main

import (
	"greenroom.dev/actor/conformance-go/check"
	"greenroom.dev/actor/internal/link"

	_ "greenroom.dev/actor/internal/bindings/exports/behavior"
	_ "greenroom.dev/actor/internal/bindings/exports/replies"
	_ "greenroom.dev/actor/internal/bindings/exports/signals"
	_ "greenroom.dev/actor/internal/bindings/exports/state"
)

func init() { link.Actor = check.New(nil) }

func main() {}
