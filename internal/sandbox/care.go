package sandbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jieling-id/jieling/client"
)

// careful is a system that has switches and bills besides what hangs on a login. It knows people by the product's name of their account.
type careful struct {
	*system
}

// cares says which of the systems have them.
func cares(name string) bool { return name == WeChatPay || name == Friends }

// accountPrefix is how the product names the accounts of the cast.
const accountPrefix = "wx_"

// estate is what one person has at one system besides what hangs on their QQ.
type estate struct {
	switches []client.Switch
	bills    []client.Bill
}

// estateOf is what a person begins with.
func estateOf(system string, p Person, now time.Time) *estate {
	switch {
	case system == Friends:
		return &estate{switches: []client.Switch{
			{
				ID: "find-me-by-qq", Kind: client.SwitchFindMe, State: client.SwitchOn, Safer: client.SwitchOff, Provider: QQ,
				Title:  client.Text{ZH: "可通过 QQ 号找到我", EN: "People find me by my QQ number"},
				Detail: client.Text{ZH: "知道 QQ 号的人可以搜到这个微信账号。", EN: "Whoever knows the QQ number can find this WeChat account."},
			},
			{
				ID: "voice-lock", Kind: client.SwitchBiometric, State: client.SwitchOff, Safer: client.SwitchOn,
				Title:  client.Text{ZH: "声音锁", EN: "Voice lock"},
				Detail: client.Text{ZH: "登录时可以用声音验证。", EN: "Signing in can ask for your voice."},
			},
		}}
	case system == WeChatPay && p.Owns.AutoPayments > 1:
		return &estate{
			switches: []client.Switch{
				contract("bikes", client.Text{ZH: "远山单车", EN: "Yuanshan Bikes"}),
				contract("takeaway", client.Text{ZH: "青禾外卖", EN: "Qinghe Takeaway"}),
			},
			bills: []client.Bill{{
				ID: "bill-0312", At: now.Add(-20 * time.Hour).UTC().Truncate(time.Second), Amount: 64_800, Currency: "CNY",
				Title: client.Text{ZH: "游戏点券充值", EN: "Game credit"},
				Odd:   client.Text{ZH: "凌晨付款，收款方第一次出现。", EN: "Paid in the small hours, to somebody new."},
			}},
		}
	}
	return &estate{}
}

func contract(id string, merchant client.Text) client.Switch {
	return client.Switch{
		ID: "password-free-" + id, Kind: client.SwitchPasswordFree, State: client.SwitchOn, Safer: client.SwitchOff, OneWay: true, Provider: QQ,
		Title:  client.Text{ZH: merchant.ZH + "的免密支付", EN: "Password-free payment to " + merchant.EN},
		Detail: client.Text{ZH: "通过 QQ 签约，付款时不问密码。关闭后要重新签约。", EN: "Signed through QQ; it asks for no password. Once off it has to be signed anew."},
	}
}

// about finds a person's estate; nil for a stranger. The caller holds the lock.
func (s *system) about(account string) *estate {
	return s.estates[strings.TrimPrefix(account, accountPrefix)]
}

// Switches implements [client.Switcher].
func (s careful) Switches(_ context.Context, req client.AccountRequest) ([]client.Switch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.about(req.Account); e != nil {
		return slices.Clone(e.switches), nil
	}
	return nil, nil
}

// Switch implements [client.Switcher]. Moving a switch to where it stands does nothing, so that repeats need no ledger.
func (s careful) Switch(ctx context.Context, req client.SwitchRequest) (client.Answer, error) {
	switch {
	case has(ctx, FaultLie):
		return client.Answer{State: client.StateSet}, nil
	case has(ctx, FaultRefuse):
		return client.Answer{State: client.StateRefused, Reason: *busy()}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.about(req.Account)
	if e == nil {
		return unknownSwitch(), nil
	}
	i := slices.IndexFunc(e.switches, func(x client.Switch) bool { return x.ID == req.Switch })
	switch {
	case i < 0:
		return unknownSwitch(), nil
	case e.switches[i].OneWay && req.To != e.switches[i].Safer && req.To != e.switches[i].State:
		return client.Answer{State: client.StateRefused, Reason: client.Text{ZH: "要在商家那里重新签约。", EN: "It has to be signed anew at the merchant."}}, nil
	}
	e.switches[i].State = req.To
	return client.Answer{State: client.StateSet}, nil
}

func unknownSwitch() client.Answer {
	return client.Answer{State: client.StateRefused, Reason: client.Text{ZH: "这里没有这个开关。", EN: "There is no such switch here."}}
}

// Bills implements [client.Biller].
func (s careful) Bills(_ context.Context, req client.AccountRequest) ([]client.Bill, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.about(req.Account); e != nil {
		return slices.Clone(e.bills), nil
	}
	return nil, nil
}
