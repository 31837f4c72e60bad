module commdn/e2e/embed

go 1.26.0

require commdn v0.0.0

require (
	github.com/goccy/go-yaml v1.19.2 // indirect
	golang.org/x/text v0.43.0 // indirect
	nhooyr.io/websocket v1.8.17 // indirect
)

replace commdn => ../..
