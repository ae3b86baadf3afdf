package jieling

import "time"

// Settings (账号设置) is what the owner of an account has decided of how it may be entered and how they are reminded (H1, H3, H5).
type Settings struct {
	// DeviceLock (登录设备锁) has a sign-in from a device that the account does not know ask for more.
	DeviceLock bool `json:"device_lock"`
	// NamedOnly has a sign-in from any but the named devices refused.
	NamedOnly bool `json:"named_only"`
	// RemindersOff says that the owner wants no reminders. They are told of what is done to the account all the same.
	RemindersOff bool `json:"reminders_off"`
	// ReviewedAt is when the owner last went through the devices that signed in; the zero time: never.
	ReviewedAt time.Time `json:"reviewed_at,omitzero"`
	// RemindAt is when they are asked to next; the zero time: there is no device to go through yet.
	RemindAt time.Time `json:"remind_at,omitzero"`
	// PutAside lists what they have looked at and want to see no more, names of
	// their own with a space between, the latest last, at most 4096 bytes.
	PutAside string `json:"-"`
}
