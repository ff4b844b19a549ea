# What one does again and again. `just` alone lists it.
_default:
    @just --list

# build the static binary bin/bole
build:
    CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/bole ./cmd/bole

# everything that must hold: installs what is missing, formats, vets, checks, tests
test:
    test/run

# the quick part of it: format, vet, unit tests
check:
    test -z "$(gofmt -l .)"
    go vet ./...
    go test ./graph ./tree ./tree/logs ./tree/process ./tree/supervise ./cmd/bole
    go test -short ./tree/engine

# benchmarks of the rooms
bench:
    go test -run '^$' -bench . -benchmem ./...

# format
fmt:
    gofmt -w .
