package main

import (
	"encoding/json"
	"io"
)

// Formats of a result.
const (
	formatTable = "table"
	formatText  = "text" // an older name of table
	formatJSON  = "json"
	formatJSONL = "jsonl"
)

// outputFlag is the one of every command with a result.
type outputFlag struct {
	Output string `short:"o" enum:"table,text,json,jsonl" default:"table" help:"Format of the result: ${enum}; text is table. jsonl prints one JSON object per line."`
}

// writeJSON prints one value on one line, as it is: no page of HTML shows it.
func writeJSON(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// ocsAnswer is what one OCS answered, for JSON.
type ocsAnswer struct {
	OCS        int32  `json:"ocs"`   // its DBID
	Phone      string `json:"phone"` // the form of the number that it answered for; empty where it does not say so
	OK         bool   `json:"ok"`
	Incomplete bool   `json:"incomplete"` // records on an agent's desktop stay
	Code       int32  `json:"code"`       // OCS's error code, 0 is none
	Name       string `json:"name"`       // of that code
	Message    string `json:"message"`    // OCS's own words
}
