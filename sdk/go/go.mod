module greenroom.dev/actor

go 1.27
