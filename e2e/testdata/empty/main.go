// Command empty is a Go program that only starts: nothing in Go can start in less time.
package main

func main() { select {} }
