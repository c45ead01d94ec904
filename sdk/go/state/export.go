//go:build wasip1

package state

// The export: whoever imports this package has it.
import _ "greenroom.dev/actor/internal/bindings/exports/state"
