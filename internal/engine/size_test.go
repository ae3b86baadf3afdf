//go:build !race

package engine_test

// accounts is how many lose their ways in at once in the lockout race.
const accounts = 1000
