package api

//go:generate go tool -modfile=../../tools/go.mod ogen --config ogen.yaml --target . --package api ../../internal/api/openapi.yaml
