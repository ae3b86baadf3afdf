// Command shop is an example: a small product that lives beside Jieling. It has its own users and sessions, tells Jieling
// about them, sends them to the security centre, takes part in unlinkings with what was earned through QQ, and asks before
// it lets anybody in with QQ. Its README says how to run it.
//
//	shop.go         what a shop has: users, points, carts, orders
//	jieling.go      the shop asks: registering, signing in, handing off (package client/api)
//	participant.go  the shop is asked: describe, prepare, commit, compensate, verify, cleanup (package client)
//	web.go          its pages
//
// It is no shop to copy: passwords are compared as they are, and everything is forgotten when it stops.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/jieling-id/jieling/client"
	"github.com/jieling-id/jieling/client/api"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

func run() error {
	addr := flag.String("addr", "127.0.0.1:8430", "where to listen")
	at := flag.String("jieling", "http://localhost:8420", "where Jieling is")
	key := flag.String("key", os.Getenv("JIELING_API_KEY"), "API key with the scopes accounts, resolve and cases; better given as JIELING_API_KEY")
	shared := flag.String("secret", os.Getenv("SHOP_SECRET"), "whsec_…, shared with Jieling's configuration; better given as SHOP_SECRET")
	flag.Parse()
	secret, err := client.ParseSecret(*shared)
	if err != nil {
		return fmt.Errorf("SHOP_SECRET: %w", err)
	}
	jl, err := api.New(*at, *key)
	if err != nil {
		return err
	}
	fmt.Printf("The shop is open at http://%s/ and uses Jieling at %s. Stop it with Ctrl-C.\n", *addr, *at)
	server := &http.Server{Addr: *addr, Handler: newSite(newShop(), jl, secret), ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServe()
}
