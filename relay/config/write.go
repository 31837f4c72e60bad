package config

import (
	"regexp"

	"commdn/relay/internal/strictyaml"
)

var layout = strictyaml.Layout{Few: 8, Mask: func(s string) string { return credentials.ReplaceAllString(s, "//***@") }}

// credentials are user and password in a URL.
var credentials = regexp.MustCompile(`//[^/?#@\s]*@`)

// Masked gives what is used as a file that Parse reads back: with the defaults
// and the environment filled in and whole paths. Files are shown by their paths
// alone; a user or a password in a URL is masked.
func (c *Config) Masked() []byte { return layout.Write(c) }
