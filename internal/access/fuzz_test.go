package access_test

import (
	"testing"

	"github.com/jieling-id/jieling/internal/access"
)

// Whatever a file holds, it is answered or refused; and what is answered obeys the first law: nobody gets in after a removal
// alone who did not before.
func FuzzAFileIsAnsweredOrRefused(f *testing.F) {
	f.Add(access.Example())
	f.Add([]byte(`{"template": "t@1", "account": "a", "vertices": [{"name": "a"}, {"name": "b", "theft": 1}], "rules": [{"to": "a", "from": ["b"]}], "change": {"remove": ["b"], "residues": [{"name": "r", "from": "b"}]}}`))
	f.Add([]byte(`{"vertices": []}`))
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := access.Read("fuzz.json", src)
		if err != nil {
			return
		}
		a, err := access.Compare(file.Graph, file.Change)
		if err != nil || len(file.Change.Add) > 0 {
			return
		}
		for _, e := range a.Exposure {
			if e.After && !e.Before || e.Text.ZH == "" || e.Text.EN == "" {
				t.Errorf("%+v", e)
			}
		}
	})
}
