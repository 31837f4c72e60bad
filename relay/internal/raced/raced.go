// Package raced says whether the race detector watches the program. It makes whatever runs
// several times as expensive, so that the largest tests are smaller with it.
package raced
