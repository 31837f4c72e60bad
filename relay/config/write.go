package config

import (
	"regexp"

	"commdn/relay/internal/strictyaml"
)

var layout = strictyaml.Layout{Few: 8, Mask: func(s string) string { return credentials.ReplaceAllString(s, "//***@") }}

// credentials are user and password in a URL.
var credentials = regexp.MustCompile(`//[^/?#@\s]*@`)

// Masked returns the configuration in use as a file that Parse reads back: with defaults
// and environment filled in and absolute paths. It shows only the paths of files, and
// masks a user or a password in a URL.
func (c *Config) Masked() []byte { return layout.Write(c) }
