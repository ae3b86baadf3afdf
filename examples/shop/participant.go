package main

import (
	"context"

	"github.com/jieling-id/jieling/client"
)

// The shop takes part in unlinkings: it is client.Participant. The ledger answers what comes twice, late or out of order and
// runs the functions handed to it once, so they need only say what is done.
//
// A shop with a database keeps client.Progress in a row beside what it changes, in one transaction, instead of the ledger.

// thing is one kind of what hangs on a login identity here: how it is told, and where it is counted.
type thing struct {
	id                    string
	module                client.Module
	title, detail, remedy client.Text
	in                    func(*earned) *int
}

var things = []thing{
	{
		"points", client.ModuleOther,
		client.Text{ZH: "QQ 活动积分", EN: "Points from QQ promotions"},
		client.Text{ZH: "通过 QQ 活动得到的积分会从账号上取下。", EN: "Points earned in promotions on QQ leave your account."},
		client.Text{ZH: "解绑前可以先用掉。", EN: "Spend them before you unlink."},
		func(e *earned) *int { return &e.Points },
	},
	{
		"carts", client.ModuleMiniProgram,
		client.Text{ZH: "QQ 小程序里存的购物车", EN: "Carts saved in the QQ mini-program"},
		client.Text{ZH: "在 QQ 小程序里存下的购物车会消失。", EN: "Carts you saved in our mini-program on QQ go away."},
		client.Text{ZH: "想留下的商品，请先加到这里的购物车。", EN: "Add what you want to keep to your cart here first."},
		func(e *earned) *int { return &e.Carts },
	},
}

// hanging is what hangs on this binding of a user now: nothing where it is not theirs.
func (s *shop) hanging(id string, on client.BindingRef) earned {
	u, _ := s.find(func(u user) bool { return u.ID == id && u.QQ.Subject == on.Subject })
	return u.QQ
}

// Describe lists what would go, with numbers; nothing for a user the shop does not know.
func (s *shop) Describe(_ context.Context, req client.DescribeRequest) (out []client.Dependent, _ error) {
	hangs := s.hanging(req.Account, req.Binding)
	for _, t := range things {
		if n := *t.in(&hangs); n > 0 {
			out = append(out, client.Dependent{
				ID: t.id, Module: t.module, Title: t.title, Detail: t.detail, Remedy: t.remedy, Count: n, Effect: client.EffectLost, Backup: true,
			})
		}
	}
	return out, nil
}

// Prepare refuses while an order is being paid: its points would be taken from under it.
func (s *shop) Prepare(_ context.Context, req client.StepRequest) (client.Answer, error) {
	return s.ledger.Prepare(req, func() *client.Text {
		if u, _ := s.find(func(u user) bool { return u.ID == req.Account }); !u.Paying {
			return nil
		}
		return &client.Text{ZH: "有一笔订单正在付款。请付完后再解绑。", EN: "An order is being paid. Finish paying, then unlink."}
	})
}

// Commit takes what hangs on the identity off the account, and keeps it by the case.
func (s *shop) Commit(_ context.Context, req client.StepRequest) (client.Answer, error) {
	return s.ledger.Commit(req, func() error {
		s.change(req.Account, func(u *user) {
			if u.QQ.Subject == req.Binding.Subject {
				s.detached[req.Case], u.QQ = u.QQ, earned{}
			}
		})
		return nil
	})
}

// Compensate puts back exactly what this case's commit took, beside whatever came since.
func (s *shop) Compensate(_ context.Context, req client.StepRequest) (client.Answer, error) {
	return s.ledger.Compensate(req, func() error {
		s.change(req.Account, func(u *user) {
			if took, ok := s.detached[req.Case]; ok {
				u.QQ = earned{took.Subject, u.QQ.Points + took.Points, u.QQ.Carts + took.Carts}
			}
		})
		return nil
	})
}

// Verify looks at what hangs there now. A promotion on QQ may credit points late, after the commit: those are a residue.
func (s *shop) Verify(_ context.Context, req client.StepRequest) (client.Verification, error) {
	out, hangs := client.Verification{State: client.StateClean}, s.hanging(req.Account, req.Binding)
	for _, t := range things {
		if *t.in(&hangs) > 0 {
			out.State, out.Residues = client.StateResidue, append(out.Residues, client.Residue{
				ID: t.id, Title: t.title, Cleanable: true,
				Detail:  client.Text{ZH: "还记在这个 QQ 名下。", EN: "It is still held under this QQ."},
				Cleanup: client.Text{ZH: "可以在这里清除，清除后不能恢复。", EN: "It can be cleared from here, and does not come back."},
			})
		}
	}
	return out, nil
}

// Cleanup clears one residue for good.
func (s *shop) Cleanup(_ context.Context, req client.CleanupRequest) (client.Answer, error) {
	return s.ledger.Cleanup(req, func() (*client.Text, error) {
		for _, t := range things {
			if t.id == req.Residue {
				s.change(req.Account, func(u *user) {
					if u.QQ.Subject == req.Binding.Subject {
						*t.in(&u.QQ) = 0
					}
				})
				return nil, nil
			}
		}
		return &client.Text{ZH: "这里没有这项残留。", EN: "There is no such residue here."}, nil
	})
}
