package main

import (
	"strings"

	"github.com/alecthomas/kong"

	"commdn/relay/cmd/commdn/bench"
	"commdn/relay/internal/enums"
)

// words are what the descriptions and defaults of flags take from elsewhere.
var words = strings.NewReplacer(
	"${relay}", defaultRelay,
	"${relayvariable}", relayVariable,
	"${commdn}", "CommDN_1", // as the demo has it, and the application too
	"${app}", "101",
	"${dialmodes}", strings.Join(enums.DialModes(), ", "),
	"${optimizebys}", strings.Join(enums.OptimizeBys(), ", "),
	"${states}", strings.Join(enums.Statuses(), ", "),
	"${benches}", strings.Join(bench.Names(), ","),
)

// texts are the descriptions that kong need not search for a flag's own default or values.
type texts map[*string]string

// prepare fills the words in, and takes the finished descriptions away until kong has built its model: its own
// search, of each text and for each flag, takes longer than the rest of the start.
func (all texts) prepare(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Value:
			node.Default = words.Replace(node.Default)
			for i, env := range node.Tag.Envs {
				node.Tag.Envs[i] = words.Replace(env)
			}
			all.hold(&node.Help)
		case *kong.Node:
			all.hold(&node.Help)
		}
		return next(nil)
	})
}

func (all texts) hold(of *string) {
	*of = words.Replace(*of)
	if !strings.Contains(*of, "${") {
		all[of] = *of
		*of = ""
	}
}

func (all texts) giveBack() {
	for of, held := range all {
		*of = held
	}
}
