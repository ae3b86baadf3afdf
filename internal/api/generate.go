package api

//go:generate go tool -modfile=../../tools/go.mod ogen --config ogen.yaml --target oas --package oas --clean openapi.yaml
//go:generate cp ../web/ui/asset/tokens.css viewer/tokens.css
