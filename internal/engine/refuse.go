package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/jieling-id/jieling"
	"github.com/jieling-id/jieling/internal/store"
)

// translate turns a store's answer into the caller's. What is no *jieling.Error afterwards is a failure of the service.
func translate(err error) error {
	var known *jieling.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, store.ErrBindingExists):
		return &jieling.Error{Code: jieling.CodeBindingExists, Err: err, Public: jieling.Text{
			ZH: "这个登录身份已经绑定在某个账号上。", EN: "This login identity is bound to an account already.",
		}}
	case errors.Is(err, store.ErrExists):
		return &jieling.Error{Code: jieling.CodeConflict, Err: err, Public: jieling.Text{
			ZH: "已经存在同名的记录。", EN: "There is one of this name already.",
		}}
	case errors.Is(err, store.ErrLastWayIn):
		return lastWayIn()
	case errors.Is(err, store.ErrStale):
		return &jieling.Error{Code: jieling.CodeStale, Err: err, Public: jieling.Text{
			ZH: "内容刚刚有变化，请刷新后再试。", EN: "It changed in between. Read it again and retry.",
		}}
	case errors.Is(err, store.ErrNotFound):
		return notFound()
	case errors.Is(err, store.ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &jieling.Error{Code: jieling.CodeDependency, Err: err, Public: jieling.Text{
			ZH: "结果暂时无法确认。请用同一个幂等键重试，不会重复执行。", EN: "The outcome is not known yet. Retry with the same idempotency key; nothing will be done twice.",
		}}
	}
	return err
}

func notFound() *jieling.Error {
	return jieling.Refuse(jieling.CodeNotFound, "没有找到。", "There is nothing here by that name.")
}

func forbidden() *jieling.Error {
	return jieling.Refuse(jieling.CodeForbidden, "没有权限。", "This key or session may not do that.")
}

func lastWayIn() *jieling.Error {
	return jieling.Refuse(jieling.CodeLastWayIn, "这是最后一种登录方式，解绑后将无法登录。请先添加另一种。",
		"This is the last way in. Add another one first, or nobody could sign in any more.")
}

func frozen() *jieling.Error {
	return jieling.Refuse(jieling.CodeFrozen, "账号已冻结。解除冻结后可以继续。", "The account is frozen. Lift the freeze to go on.")
}

func reusedKey() *jieling.Error {
	return jieling.Refuse(jieling.CodeIdempotency, "这个幂等键已用于另一个请求。请换一个新的键。", "This idempotency key was used for another request. Use a new key.")
}

// rememberedRefusal says an earlier refusal again, in the words of its code.
func rememberedRefusal(a store.Answer) *jieling.Error {
	switch a.Code {
	case jieling.CodeWrongAnswer:
		return wrongAnswer(0)
	case jieling.CodeTooMany:
		return tooMany(0)
	}
	return jieling.Refuse(a.Code, "和上次一样：请求没有被接受。", "As before: the request was not accepted.")
}

// may reports whether the actor may touch the account: a person their own only, a product within its scopes. The clock and
// reporting parties come in through the worker and ask for nothing by themselves (S2). What an actor may not see does not
// exist for them.
func may(by jieling.Actor, scope string, account jieling.AccountID) error {
	switch by.Kind {
	case jieling.ActorPerson:
		if by.Account == "" || by.Account != account {
			return notFound()
		}
		return nil
	case jieling.ActorProduct:
		if !slices.Contains(by.Scopes, scope) && !slices.Contains(by.Scopes, ScopeAdmin) {
			return forbidden()
		}
		return nil
	}
	return forbidden()
}

// found checks that a snapshot has its account and that the actor may touch it.
func found(s store.Snapshot, by jieling.Actor, scope string) error {
	if by.Kind == jieling.ActorProduct {
		if err := may(by, scope, ""); err != nil {
			return err
		}
	}
	if s.Account == nil {
		return notFound()
	}
	return may(by, scope, s.Account.ID)
}

// foundCase is found for a located case.
func foundCase(s store.Snapshot, by jieling.Actor) error {
	if err := found(s, by, ScopeCases); err != nil {
		return err
	}
	if s.Case == nil {
		return notFound()
	}
	return nil
}
