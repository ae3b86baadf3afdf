//go:build race

package engine_test

// accounts is fewer under the race detector, which slows a database written in Go down twenty times.
const accounts = 100
