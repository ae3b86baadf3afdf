package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// openAPI is as much of the document as its page shows, in the order in which it is written.
type openAPI struct {
	Info struct {
		Title, Version, Summary, Description string
	}
	Tags []struct {
		Name, Description string
	}
	Paths      inOrder[pathItem]
	Components struct {
		SecuritySchemes map[string]struct{ Description string } `yaml:"securitySchemes"`
		Parameters      map[string]parameter
		Responses       map[string]response
		Schemas         inOrder[schema]
	}
}

type pathItem struct {
	Parameters                    []parameter
	Get, Post, Put, Patch, Delete *described
}

// described is one operation of the document.
type described struct {
	ID          string `yaml:"operationId"`
	Tags        []string
	Summary     string
	Description string
	Scope       string `yaml:"x-jieling-scope"`
	Parameters  []parameter
	Body        *struct {
		Required bool
		Content  map[string]media
	} `yaml:"requestBody"`
	Responses inOrder[response]
}

type parameter struct {
	Ref         string `yaml:"$ref"`
	Name, In    string
	Required    bool
	Description string
	Schema      schema
	Example     string
}

type response struct {
	Ref         string `yaml:"$ref"`
	Description string
	Content     map[string]media
}

type media struct {
	Schema  schema
	Example yaml.MapSlice
}

type schema struct {
	Ref              string `yaml:"$ref"`
	Type, Format     string
	Description      string
	Pattern          string
	Enum             []string
	Default          any
	Minimum, Maximum *int
	MinLength        *int `yaml:"minLength"`
	MaxLength        *int `yaml:"maxLength"`
	Required         []string
	Properties       inOrder[schema]
	Items            *schema
}

// inOrder is a mapping that remembers the order of its keys.
type inOrder[T any] []entry[T]

type entry[T any] struct {
	Key   string
	Value T
}

// UnmarshalYAML reads a mapping twice: once for its order and once for its values.
func (o *inOrder[T]) UnmarshalYAML(read func(any) error) error {
	var order yaml.MapSlice
	if err := read(&order); err != nil {
		return err
	}
	values := map[string]T{}
	if err := read(&values); err != nil {
		return err
	}
	for _, item := range order {
		key := fmt.Sprint(item.Key)
		*o = append(*o, entry[T]{key, values[key]})
	}
	return nil
}

// at finds the value of a key, or the zero value.
func (o inOrder[T]) at(key string) (value T) {
	for _, e := range o {
		if e.Key == key {
			return e.Value
		}
	}
	return value
}

func readOpenAPI(src []byte) (d openAPI, err error) {
	if err := yaml.Unmarshal(src, &d); err != nil {
		return d, fmt.Errorf("read the API's document: %w", err)
	}
	return d, nil
}

// named is the last part of a reference: "#/components/schemas/Case" is Case.
func named(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func (d openAPI) parameter(p parameter) parameter {
	if p.Ref != "" {
		return d.Components.Parameters[named(p.Ref)]
	}
	return p
}

func (d openAPI) response(r response) response {
	if r.Ref != "" {
		return d.Components.Responses[named(r.Ref)]
	}
	return r
}

// operations pairs the methods of a path with what they do, in one order for every path.
func (p pathItem) operations() (out inOrder[*described]) {
	all := inOrder[*described]{{"GET", p.Get}, {"POST", p.Post}, {"PUT", p.Put}, {"PATCH", p.Patch}, {"DELETE", p.Delete}}
	for _, e := range all {
		if e.Value != nil {
			out = append(out, e)
		}
	}
	return out
}

// exampleJSON writes an example of the document as JSON with its fields in the document's order.
func exampleJSON(example yaml.MapSlice) (string, error) {
	if example == nil {
		return "", nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, item := range example {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(item.Value)
		if err != nil {
			return "", fmt.Errorf("example: %w", err)
		}
		fmt.Fprintf(&b, "%q:%s", fmt.Sprint(item.Key), value)
	}
	b.WriteByte('}')
	var out bytes.Buffer
	err := json.Indent(&out, b.Bytes(), "", "  ")
	return out.String(), err
}
