package client_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync/atomic"

	"github.com/jieling-id/jieling/client"
)

// game takes part with one thing: achievements that are shown beside the QQ name.
type game struct {
	ledger  client.Ledger
	synched atomic.Bool
}

var achievements = client.Dependent{
	ID: "achievements", Module: client.ModuleGames, Count: 1, Effect: client.EffectLost,
	Title:  client.Text{ZH: "成就同步", EN: "Achievements"},
	Detail: client.Text{ZH: "成就不再显示在 QQ 名片上。", EN: "Achievements are no longer shown on the QQ card."},
	Remedy: client.Text{ZH: "绑定新的登录方式后重新同步。", EN: "Sync again once a new sign-in method is linked."},
}

func (g *game) Describe(_ context.Context, req client.DescribeRequest) ([]client.Dependent, error) {
	if req.Binding.Subject != "openid-of-a-player" || !g.synched.Load() {
		return nil, nil
	}
	return []client.Dependent{achievements}, nil
}

func (g *game) Prepare(_ context.Context, req client.StepRequest) (client.Answer, error) {
	return g.ledger.Prepare(req, nil)
}

func (g *game) Commit(_ context.Context, req client.StepRequest) (client.Answer, error) {
	return g.ledger.Commit(req, func() error { g.synched.Store(false); return nil })
}

func (g *game) Compensate(_ context.Context, req client.StepRequest) (client.Answer, error) {
	return g.ledger.Compensate(req, func() error { g.synched.Store(true); return nil })
}

func (g *game) Verify(context.Context, client.StepRequest) (client.Verification, error) {
	if !g.synched.Load() {
		return client.Verification{State: client.StateClean}, nil
	}
	return client.Verification{State: client.StateResidue, Residues: []client.Residue{{
		ID: achievements.ID, Title: achievements.Title, Detail: achievements.Detail,
		Cleanup: client.Text{ZH: "在游戏设置里关闭同步。", EN: "Switch syncing off in the game's settings."},
	}}}, nil
}

func (g *game) Cleanup(_ context.Context, req client.CleanupRequest) (client.Answer, error) {
	return g.ledger.Cleanup(req, func() (*client.Text, error) {
		return &client.Text{ZH: "这里没有可清理的残留。", EN: "There is nothing here to clean up."}, nil
	})
}

// A game takes part in unbindings, and its owner checks that it keeps the contract.
func Example() {
	secret, err := client.ParseSecret("whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=")
	if err != nil {
		fmt.Println(err)
		return
	}
	player := &game{}
	player.synched.Store(true)
	server := httptest.NewServer(client.Handler(secret, player, client.HandlerConfig{}))
	defer server.Close()

	probe := client.Probe{
		Account: "acc_test",
		Binding: client.BindingRef{ID: "bnd_test", Provider: "qq", Subject: "openid-of-a-player"},
	}
	findings := client.CheckConformance(context.Background(), server.URL, secret, probe)
	for _, finding := range findings {
		fmt.Println(finding)
	}
	fmt.Println(len(findings), "findings")
	// Output: 0 findings
}
