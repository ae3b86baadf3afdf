package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/engine"
	"github.com/jieling-id/jieling/internal/factor"
)

const mailbox = "Lin@mail.example"

// byMail is an owner who registered elsewhere, with a mailbox bound, where codes by mail are sent.
func byMail(t *testing.T) *owner {
	w := newWorld(t)
	w.Factors[jieling.EmailCode] = factor.Email{Keys: w.Keys, Near: []string{"mail.example"}}
	o := w.owner("mail", number)
	return o
}

func (o *owner) bind(p jieling.Provider, subject string) (jieling.Binding, error) {
	return o.AddBinding(o.ctx, o.product, engine.Idem{}, o.account, engine.NewBinding{Provider: p, Subject: subject})
}

// A2: a mailbox is bound, named as what stays, and counts once its code came back (S16); the code goes to that mailbox alone (S11).
func TestA2_AMailboxStandsInOnceItIsProven(t *testing.T) {
	o := byMail(t)
	v := o.open(jieling.Android)
	ch, err := o.Replacement(o.ctx, o.by, engine.Idem{}, v.ID, engine.NewBinding{Provider: jieling.Email, Subject: mailbox}, "en")
	o.ok(err)
	if ch.Challenge.Factor != jieling.EmailCode || !strings.Contains(string(ch.Public), `"l***@mail.example"`) && !strings.Contains(string(ch.Public), `"L***@mail.example"`) {
		t.Errorf("%s asks %s", ch.Challenge.Factor, ch.Public)
	}
	o.drain()
	before, err := o.Account(o.ctx, o.product, o.account)
	o.ok(err)
	_, err = o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(o.inbox.code(mailbox))})
	o.ok(err)
	after, err := o.Account(o.ctx, o.product, o.account)
	o.ok(err)
	if before.WaysIn != 2 || after.WaysIn != 3 {
		t.Errorf("%d ways in before the code came back, %d after", before.WaysIn, after.WaysIn)
	}
	if s, err := o.Resolve(o.ctx, o.product, engine.ResolveQuery{Provider: jieling.Email, Subject: strings.ToLower(mailbox)}); err != nil || s.Account != o.account {
		t.Errorf("by the same mailbox in small letters: %+v, %v", s, err)
	}
	_, err = o.owner("other").bind(jieling.Email, strings.ToUpper(mailbox))
	o.refused(jieling.CodeBindingExists, err)
}

// S11: a code of a case goes to the mailbox that was bound before it, and never to the one that leaves.
func TestS11_ACodeByMailGoesToTheMailboxThatStays(t *testing.T) {
	o := byMail(t)
	kept, err := o.bind(jieling.Email, mailbox)
	o.ok(err)
	o.later(time.Hour)
	v, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{
		Account: o.account, Goal: jieling.Unlink, Binding: o.qq.ID, Platform: jieling.Web, Reason: jieling.ReasonTheft, // V2: e-mail on the web
	})
	o.ok(err)
	o.later(time.Second)
	_, err = o.bind(jieling.Email, "thief@mail.example")
	o.ok(err)
	ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: v.ID, Factor: jieling.EmailCode, Lang: "en"})
	o.ok(err)
	o.drain()
	if ch.Challenge.Binding != kept.ID || o.inbox.code("thief@mail.example") != "" {
		t.Errorf("the code went to %s", ch.Challenge.Binding)
	}
	got, err := o.Answer(o.ctx, o.by, engine.Idem{}, engine.NewAnswer{Challenge: ch.ID, Given: []byte(o.inbox.code(mailbox))})
	o.ok(err)
	if !got.Case.Proved(jieling.EmailCode) {
		t.Errorf("proofs %+v", got.Case.Proofs)
	}

	mine, err := o.OpenCase(o.ctx, o.by, engine.Idem{}, engine.NewCase{Account: o.account, Goal: jieling.Unlink, Binding: kept.ID, Platform: jieling.Web, Reason: jieling.ReasonTheft})
	o.ok(err)
	if ch, err := o.Challenge(o.ctx, o.by, engine.Idem{}, engine.NewChallenge{Case: mine.ID, Factor: jieling.EmailCode}); err == nil && ch.Challenge.Binding == kept.ID {
		t.Error("the mailbox that goes speaks for its own going")
	}
}

// S11: one mailbox and nothing else.
func TestS11_AMailboxIsOne(t *testing.T) {
	o := byMail(t)
	for _, subject := range []string{
		"", "lin", "@mail.example", "lin@", "lin@localhost", "a@b.example,c@d.example", "a@b.example c@d.example", "Lin <lin@mail.example>", `"lin x"@mail.example`,
		"lin@mail.example(x)", "lin..x@mail.example", "lin.@mail.example", ".lin@mail.example", "lin@邮箱.example", "林@mail.example", "lin@-mail.example",
		"lin@mail.example\r\nBcc: x@y.example", "lin@[127.0.0.1]", strings.Repeat("l", 65) + "@mail.example", "l@" + strings.Repeat("a.", 130) + "example",
	} {
		_, err := o.bind(jieling.Email, subject)
		var told *jieling.Error
		if !errors.As(err, &told) || told.Code != jieling.CodeInvalid || told.Fields[0].Field != "subject" {
			t.Errorf("%q: %v", subject, err)
		} else if !strings.Contains(told.Public.ZH, "邮箱地址") {
			t.Errorf("%q: whoever typed it reads %q", subject, told.Public.ZH)
		}
	}
	for _, subject := range []string{"lin@mail.example", "Lin.X+shop@mail.Example", "l_1-2@a-b.c.xn--p1ai"} {
		if _, err := o.bind(jieling.Email, subject); err != nil {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

// The owner is told at every contact point of theirs, mailboxes included, and at a mailbox that goes, too.
func TestNotices_TheOwnerIsToldByMail(t *testing.T) {
	o := byMail(t)
	_, err := o.bind(jieling.Email, mailbox)
	o.ok(err)
	o.later(time.Hour)
	v := o.ready()
	_, err = o.Confirm(o.ctx, o.by, engine.Idem{}, v.ID)
	o.ok(err)
	o.drain()
	for _, to := range []string{number, mailbox} {
		if n := len(o.inbox.notices()[to]); n != 1 {
			t.Errorf("%d notices to %s", n, to)
		}
	}
	without := newWorld(t).owner("without", number)
	_, err = without.bind(jieling.Email, mailbox)
	without.ok(err)
	without.later(time.Hour)
	v = without.ready()
	_, err = without.Confirm(without.ctx, without.by, engine.Idem{}, v.ID)
	without.ok(err)
	without.drain()
	if n := len(without.inbox.notices()[mailbox]); n != 0 {
		t.Errorf("%d notices by mail where nothing sends mail", n)
	}
}
