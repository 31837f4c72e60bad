//go:build race

package raced

// On is whether the race detector watches the program.
const On = true
