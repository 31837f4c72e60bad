// Package render draws a Vugu component into one ShadowRoot.
//
// It replaces vugu/domrender, which needs eval, globals on window and a selector of the
// document, and so cannot be part of somebody else's page. Any number of Roots live side
// by side. README.md describes the order of events, the rules for keys, attributes and
// focus, and the limits.
//
// The files without a build tag are plain Go with native tests: the queue, the matching
// of siblings, the lifecycle. The others need js/wasm.
package render
