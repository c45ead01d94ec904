//go:build wasip1

package signals

// The export: whoever imports this package has it.
import _ "greenroom.dev/actor/internal/bindings/exports/signals"
