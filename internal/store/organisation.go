package store

import (
	"encoding/json"
	"fmt"

	"github.com/jieling-id/jieling"
)

// EncodeOrganisation writes an organisation down without what its devices' certificates are held against.
func EncodeOrganisation(o jieling.Organisation) ([]byte, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encode an organisation: %T", err)
	}
	return body, nil
}

// DecodeOrganisation reads what EncodeOrganisation wrote, and adds what stands beside it.
func DecodeOrganisation(body []byte, roots, revoked string) (jieling.Organisation, error) {
	o := jieling.Organisation{Roots: roots, Revoked: revoked}
	if err := json.Unmarshal(body, &o); err != nil {
		return jieling.Organisation{}, fmt.Errorf("an organisation cannot be read: %T", err)
	}
	return o, nil
}
