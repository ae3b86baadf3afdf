package api

import (
	"regexp"
	"slices"
	"strings"
)

// block is a paragraph of a description, or a numbered list where it has items.
type block struct {
	Text  []span
	Items [][]span
}

// span is a stretch of text in one manner. The template escapes it; nothing of the document is taken as HTML.
type span struct {
	Text         string
	Code, Strong bool
	Href         string // within the page; "" is no link
}

var (
	numbered = regexp.MustCompile(`(?m)^\d+\. `)
	marked   = regexp.MustCompile("`[^`]+`|\\*\\*[^*]+\\*\\*")
)

// prose reads the little of Markdown that the document uses: paragraphs, numbered lists, `code` and **strong**.
func (l links) prose(text string) (blocks []block) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		switch {
		case paragraph == "":
		case numbered.FindStringIndex(paragraph) != nil && numbered.FindStringIndex(paragraph)[0] == 0:
			var items [][]span
			for _, item := range numbered.Split(paragraph, -1)[1:] {
				items = append(items, l.inline(item))
			}
			blocks = append(blocks, block{Items: items})
		default:
			blocks = append(blocks, block{Text: l.inline(paragraph)})
		}
	}
	return blocks
}

func (l links) inline(text string) (spans []span) {
	text = strings.TrimSpace(text)
	from := 0
	for _, at := range marked.FindAllStringIndex(text, -1) {
		if at[0] > from {
			spans = append(spans, span{Text: text[from:at[0]]})
		}
		if inner, ok := strings.CutPrefix(text[at[0]:at[1]], "**"); ok {
			spans = append(spans, span{Text: strings.TrimSuffix(inner, "**"), Strong: true})
		} else {
			inner = text[at[0]+1 : at[1]-1]
			spans = append(spans, span{Text: inner, Code: true, Href: l[inner]})
		}
		from = at[1]
	}
	if from < len(text) {
		spans = append(spans, span{Text: text[from:]})
	}
	return spans
}

// links is what code words lead to: "POST /cases" to the operation, an error code to its explanation.
type links map[string]string

func (d openAPI) links(codes []string) links {
	l := links{"docs/reference/errors.md": "#errors", "/v1/openapi.yaml": "/v1/openapi.yaml"}
	for _, code := range codes {
		l[code] = "#error-" + code
	}
	for _, path := range d.Paths {
		for _, op := range path.Value.operations() {
			l[op.Key+" "+path.Key] = "#" + op.Value.ID
		}
	}
	return l
}

// refusals are the error codes that an operation's description names, each once.
func refusals(about []block) (codes []span) {
	for _, b := range about {
		for _, s := range b.Text {
			if strings.HasPrefix(s.Href, "#error-") && !slices.Contains(codes, s) {
				codes = append(codes, s)
			}
		}
	}
	return codes
}
