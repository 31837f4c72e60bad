package seqfile

import _ "embed"

// Template is a file that explains every key, ready to be edited.
//
//go:embed template.yaml
var Template string
