package policy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/jieling-id/jieling/internal/policy"
)

// A mark of the other script between Chinese characters is a slip that no reader of English sees.
func TestShipped_ChineseSentencesHaveChinesePunctuation(t *testing.T) {
	slip := regexp.MustCompile(`[\p{Han}”’）》][,;:!?][\p{Han}“‘（《{A-Z]|[A-Za-z0-9}][,;:!?][\p{Han}“‘（《]`)
	for _, name := range policy.ShippedNames() {
		src, err := policy.ShippedSource(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(src), "\n") {
			if found := slip.FindString(line); found != "" {
				t.Errorf("%s, line %d: %q", name, i+1, found)
			}
		}
	}
}
