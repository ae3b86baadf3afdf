package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/lang"
)

// SettingsView is how the account may be entered, and what other services told of it.
type SettingsView struct {
	Account   jieling.Account
	Devices   []jieling.Device
	This      jieling.DeviceID
	Held      jieling.Text // why the device lock cannot be switched off; empty where it can
	HeldUntil time.Time
	Switches  []Switch
	Bills     []Bill
	Silent    []jieling.Text
	Now       time.Time
}

// Switch is one at another service.
type Switch struct {
	jieling.Switch
	Of     jieling.Text
	Asked  bool
	To     bool
	Failed bool
}

// Bill is a payment that looks odd.
type Bill struct {
	jieling.Bill
	Of   jieling.Text
	Said string // mine, not_mine, or nothing yet
}

// ProveView asks for a fresh proof of one change, which it carries along.
type ProveView struct {
	Action  string     // where the change is posted to
	Back    string     // where to go instead
	Change  url.Values // what was asked for
	Factors []jieling.Factor
	Ask     *Challenge // the question that is being answered; nil while none is chosen
	Now     time.Time
}

// ticked reports that a device is, or is offered to be, on the list.
func (v SettingsView) ticked(d jieling.Device) bool {
	return d.Named || !v.Account.Settings.NamedOnly && (d.Trusted || d.ID == v.This)
}

// usable are the devices that can be on the list.
func (v SettingsView) usable() []jieling.Device {
	return slices.DeleteFunc(slices.Clone(v.Devices), func(d jieling.Device) bool { return !d.LostAt.IsZero() })
}

// alarm reports that one of the payments was not the owner's.
func (v SettingsView) alarm() bool {
	return slices.ContainsFunc(v.Bills, func(b Bill) bool { return b.Said == "not_mine" })
}

// onOff words where a switch stands.
func onOff(on bool) lang.Sentence {
	if on {
		return lang.SwitchOnIs
	}
	return lang.SwitchOffIs
}

// money writes an amount as people read it; currencies without a hundredth are rare, and named by their code all the same.
func money(b jieling.Bill) string {
	amount := fmt.Sprintf("%d.%02d", b.Amount/100, b.Amount%100)
	if b.Currency == "CNY" {
		return "¥" + amount
	}
	return b.Currency + " " + amount
}

func index(i int) string { return strconv.Itoa(i) }
