package factor

import (
	"context"
	"time"

	"github.com/jieling-id/jieling"
)

// DeviceLock is the login device lock (登录设备锁, V2): nothing that a person knows, but something that is so from now on. Whoever answers
// agrees to have it switched on for the account, in the same transaction in which their answer counts, and the account keeps it on until
// the case and its guarded window are over.
type DeviceLock struct{}

var _ Factor = DeviceLock{}

// Issue asks for a yes. There is nothing to set up before, and nothing secret about it.
func (DeviceLock) Issue(context.Context, Ask) (Issued, error) {
	return Issued{Public: []byte(`{"agree":"on"}`), Secret: []byte("on"), TTL: 5 * time.Minute, Limit: 5}, nil
}

// Check takes "on" for a yes, and nothing else.
func (DeviceLock) Check(_ context.Context, _ jieling.Challenge, _ []byte, _ []Enrolled, answer Answer) (Verdict, error) {
	if string(answer.Given) != "on" {
		return Verdict{}, Malformed("请确认开启登录设备锁。", "Say that the device lock shall be on: answer “on”.")
	}
	return Verdict{Passed: true}, nil
}
