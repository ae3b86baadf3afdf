// Command jieling is the service and its tools: the one binary. It turns flags and a file into configuration, names the
// implementers, wires them together and runs; it decides nothing else. `jieling --help` teaches it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set at build time.
var version = "development"

// errNo ends a command whose answer is no: exit 1 without a further word, since the command has said it.
var errNo = errors.New("no")

type cli struct {
	Demo    demoCommand    `cmd:"" help:"Run the whole product and a sandbox world in one process, for trying it out."`
	Serve   serveCommand   `cmd:"" help:"Run the service."`
	Migrate migrateCommand `cmd:"" help:"Bring a database's schema up to date."`
	Doctor  doctorCommand  `cmd:"" help:"Check configuration, database, clock, keys and parties, and say what to do."`
	Version versionCommand `cmd:"" help:"Say which version this is."`
	Policy  policyCommand  `cmd:"" help:"Check, prove and explain policy packs."`
	Access  accessCommand  `cmd:"" help:"Say who could get into an account, and what would lock its owner out."`
	Audit   auditCommand   `cmd:"" help:"Verify the audit log, or write it out."`
	Key     keyCommand     `cmd:"" help:"Make, list and revoke API keys."`
	Keyring keyringCommand `cmd:"" help:"Rotate the keys that seal personal data and sign the audit log."`
	Staff   staffCommand   `cmd:"" help:"Say who may sign in to the console."`
	Account accountCommand `cmd:"" help:"Register and look at accounts, over the API."`
	Binding bindingCommand `cmd:"" help:"List and add bindings, over the API."`
	Case    caseCommand    `cmd:"" help:"Look at cases, over the API."`
	Import  importCommand  `cmd:"" help:"Bring accounts and their logins in from another identity server, or from JSON lines."`
	Export  exportCommand  `cmd:"" help:"Write accounts and their logins out, for another identity server or as JSON lines."`
	Bench   benchCommand   `cmd:"" help:"Measure the hot paths beside their ceilings, as ratios."`
}

const about = `Jieling (解铃) links, unlinks and replaces the login identities of a product's users: it shows what that costs,
sees that nobody is locked out, verifies in proportion to the risk, carries the removal through every system, and proves it.

Try it: jieling demo

Exit: 0 yes or done, 1 the answer is no or it failed, 2 misuse`

func main() {
	roomierHeap()
	os.Exit(run(os.Args[1:]))
}

// roomierHeap lets the heap grow to four times what is live before it is swept, unless the operator says otherwise (GOGC): little
// is live here and much passes through, so that a sixth of the processor time of a commit went into sweeping for a few MiB.
func roomierHeap() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
}

func run(args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("jieling"), kong.Description(about), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "jieling:", err)
		return 2
	}
	line, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "jieling: %v\nSee jieling --help.\n", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	line.BindTo(ctx, (*context.Context)(nil))
	var misuse *misuseError
	switch err := line.Run(); {
	case err == nil:
		return 0
	case errors.Is(err, errNo):
		return 1
	case errors.As(err, &misuse):
		fmt.Fprintf(os.Stderr, "jieling: %v\n", err)
		return 2
	default:
		fmt.Fprintf(os.Stderr, "jieling: %v\n", err)
		return 1
	}
}

// misuseError is a command line or a file that cannot be worked with: exit 2.
type misuseError struct{ error }

func misuse(format string, args ...any) error { return &misuseError{fmt.Errorf(format, args...)} }

func (e *misuseError) Unwrap() error { return e.error }
