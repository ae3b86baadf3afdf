package ui

import (
	"net/url"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/aftercare"
	"github.com/jieling-id/jieling/internal/lang"
)

// sampleSettings has a switch and a payment in every state there is.
func sampleSettings() SettingsView {
	home := sampleHome(lang.EN)
	pay := both("微信支付", "WeChat Pay")
	on := func(s Switch) Switch {
		s.Title, s.Detail, s.Of, s.Participant = both("可通过 QQ 号找到我", "People find me by my QQ number"), both("知道 QQ 号的人可以搜到。", "Whoever knows it can find you."), pay, "pay"
		return s
	}
	bill := jieling.Bill{Participant: "pay", Title: both("游戏点券充值", "Game credit"), Odd: both("凌晨付款。", "Paid in the small hours."), Amount: 64_800, Currency: "CNY", At: noon.Add(-20 * time.Hour)}
	out := SettingsView{Account: home.Account, Devices: home.Devices, This: home.This, Now: noon, Switches: []Switch{
		on(Switch{Switch: jieling.Switch{ID: "a", On: true}}),
		on(Switch{Switch: jieling.Switch{ID: "b", On: true, OneWay: true}, Failed: true}),
		on(Switch{Switch: jieling.Switch{ID: "c", SaferOn: true}, Asked: true, To: true}),
		on(Switch{Switch: jieling.Switch{ID: "d", On: true}, Asked: true}),
		on(Switch{Switch: jieling.Switch{ID: "e", OneWay: true}}),
	}}
	for i, said := range []string{"", "mine"} {
		b := bill
		b.ID = index(i)
		out.Bills = append(out.Bills, Bill{Bill: b, Of: pay, Said: said})
	}
	out.Account.Settings.RemindAt = noon.Add(30 * 24 * time.Hour)
	return out
}

func sampleProve(c *Challenge) ProveView {
	return ProveView{
		Action: "/settings", Back: "/settings", Change: url.Values{"do": {"list"}, "named": {"dev_1", "dev_2"}}, Ask: c, Now: noon,
		Factors: []jieling.Factor{jieling.DeviceUnlock, jieling.PaymentPIN, jieling.SMSCode},
	}
}

func ask(f jieling.Factor) *Challenge {
	c := question(f, func(c *Challenge) { c.To, c.Options = "138****8000", `{"publicKey":{}}` })
	return &c
}

// lookAfter gives a case every card, and a permission of each kind.
func lookAfter(v *CaseView) {
	for i, name := range []aftercare.AfterName{
		aftercare.AfterBills, aftercare.AfterDevices, aftercare.AfterSwitches, aftercare.AfterLock, aftercare.AfterPermissions, aftercare.AfterBiometric,
	} {
		v.After = append(v.After, aftercare.After{Name: name, From: time.Duration(i) * 24 * time.Hour, Shown: i < 3, Done: i == 1})
	}
	for _, now := range []string{"gone", "stands", "unknown"} {
		v.Permissions = append(v.Permissions, Permission{Title: both("拾光相册", "Shiguang Albums"), Now: now})
	}
}
