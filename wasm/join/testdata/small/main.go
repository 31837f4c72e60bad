// Command small is a program to look at.
package main

func main() {
	defer func() { println(recover() != nil) }()
	var m map[string]int
	m["a"] = len(m)
}
