package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"commdn/relay/internal/near"
	"commdn/relay/internal/strictyaml"
)

// prefix of environment variables: COMMDN_AUTH_OIDC_ISSUER is auth.oidc.issuer.
const prefix = "COMMDN_"

// foreign matches variables with the prefix that mean other things: those of other
// commands and of the tests, and those that Kubernetes gives a container for a Service
// whose name begins with commdn.
var foreign = regexp.MustCompile(`^COMMDN_(RELAY|TOKEN|SIM|BRIDGE|DISK|TEST_HABITS|(.+_)?(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?))$`)

// variable returns the name of the environment variable of a key.
func variable(path string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// environment overrides the values of the file by those of variables: keys with a plain
// value outside lists.
func (c *Config) environment(env []string) {
	type key struct {
		path  string
		value reflect.Value
	}
	keys := make(map[string]key)
	var names, lists []string
	walk(reflect.ValueOf(c).Elem(), "", func(path string, v reflect.Value) {
		if !strictyaml.IsScalar(v.Type()) {
			lists = append(lists, variable(path))
			return
		}
		keys[variable(path)] = key{path, v}
		names = append(names, variable(path))
	})
	env = slices.Sorted(slices.Values(env))
	for _, e := range env {
		name, text, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, prefix) || foreign.MatchString(name) {
			continue
		}
		k, ok := keys[name]
		source := "environment variable " + name
		switch {
		case ok:
			c.from.From(k.path, source)
			if err := strictyaml.Set(k.value, text); err != nil {
				c.from.Fail(k.path, "%s", err)
			}
		case slices.ContainsFunc(lists, func(l string) bool { return name == l || strings.HasPrefix(name, l+"_") }):
			c.from.From(name, source)
			c.from.Fail(name, "a list cannot be given by the environment; put it into the file")
		default:
			hint := ""
			if like := near.Names(name, names, 1); like != nil {
				hint = fmt.Sprintf("; did you mean %s?", like[0])
			}
			c.from.From(name, source)
			c.from.Fail(name, "there is no such key%s", hint)
		}
	}
}
