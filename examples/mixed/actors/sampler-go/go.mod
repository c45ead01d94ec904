module mixed-sampler-go

go 1.27

require greenroom.dev/actor v0.1.0

replace greenroom.dev/actor => ../../../../sdk/go
