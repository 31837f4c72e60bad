module commdn/e2e/bench

go 1.26.0

require (
	commdn v0.0.0
	github.com/fxamacker/cbor/v2 v2.9.6
	github.com/vmihailenco/msgpack/v5 v5.4.1
)

require (
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
	github.com/x448/float16 v0.8.4 // indirect
)

replace commdn => ../..
