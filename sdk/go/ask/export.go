//go:build wasip1

package ask

// The export: whoever imports this package has it.
import _ "greenroom.dev/actor/internal/bindings/exports/replies"
