//go:build wasip1

// Package trap ends a component as a trap does, for which Go has no word of its own.
package trap

// Trap executes the instruction `unreachable`.
func Trap()
