// Below the SDK's own path, so that it may use the bindings, which are internal to it.
module greenroom.dev/actor/conformance-go

go 1.27

require greenroom.dev/actor v0.1.0

replace greenroom.dev/actor => ../../sdk/go
