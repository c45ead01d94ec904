// The actor of actors/conformance, in Go on the bare bindings, with the import asking.
package main

import (
	"greenroom.dev/actor/conformance-go/check"
	"greenroom.dev/actor/internal/bindings/imports/greenroom_actor_asking"
	"greenroom.dev/actor/internal/link"

	_ "greenroom.dev/actor/internal/bindings/exports/behavior"
	_ "greenroom.dev/actor/internal/bindings/exports/replies"
	_ "greenroom.dev/actor/internal/bindings/exports/signals"
	_ "greenroom.dev/actor/internal/bindings/exports/state"
)

func init() { link.Actor = check.New(greenroom_actor_asking.Ask) }

func main() {}
