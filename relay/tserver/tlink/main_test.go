package tlink_test

import (
	"testing"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }
