package main

import (
	"cmp"
	"reflect"
	"strings"
)

// grammar gives what kong builds its model of: the command that the first argument names,
// with the flags of all, or else every command. To build the model of every command takes
// longer than the rest of the start.
func grammar(args []string) any {
	if len(args) == 0 || args[0] == "completion" { // which is about all of them
		return &cli{}
	}
	known := false
	var fields []reflect.StructField
	all := reflect.TypeFor[cli]()
	for i := range all.NumField() {
		field := all.Field(i)
		_, command := field.Tag.Lookup("cmd")
		named := command && args[0] == cmp.Or(field.Tag.Get("name"), strings.ToLower(field.Name))
		if named || !command {
			fields = append(fields, field)
		}
		known = known || named
	}
	if !known {
		return &cli{}
	}
	return reflect.New(reflect.StructOf(fields)).Interface()
}
