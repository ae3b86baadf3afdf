// Command jieling is the service and its tools: the one binary. It turns flags and a file into configuration, names the
// implementers, wires them together and runs; it decides nothing else. `jieling --help` teaches it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alexflint/go-arg"
)

// version is set at build time.
var version = "development"

// errNo ends a command whose answer is no: exit 1 without a further word, since the command has said it.
var errNo = errors.New("no")

type cli struct {
	Demo    *demoCommand    `arg:"subcommand" help:"Run the whole product and a sandbox world in one process, for trying it out."`
	Serve   *serveCommand   `arg:"subcommand" help:"Run the service."`
	Migrate *migrateCommand `arg:"subcommand" help:"Bring a database's schema up to date."`
	Doctor  *doctorCommand  `arg:"subcommand" help:"Check configuration, database, clock, keys and parties, and say what to do."`
	Version *versionCommand `arg:"subcommand" help:"Say which version this is."`
	Policy  *policyCommand  `arg:"subcommand" help:"Check, prove and explain policy packs."`
	Access  *accessCommand  `arg:"subcommand" help:"Say who could get into an account, and what would lock its owner out."`
	Audit   *auditCommand   `arg:"subcommand" help:"Verify the audit log, or write it out."`
	Key     *keyCommand     `arg:"subcommand" help:"Make, list and revoke API keys."`
	Keyring *keyringCommand `arg:"subcommand" help:"Rotate the keys that seal personal data and sign the audit log."`
	Staff   *staffCommand   `arg:"subcommand" help:"Say who may sign in to the console."`
	Account *accountCommand `arg:"subcommand" help:"Register and look at accounts, over the API."`
	Binding *bindingCommand `arg:"subcommand" help:"List and add bindings, over the API."`
	Case    *caseCommand    `arg:"subcommand" help:"Look at cases, over the API."`
	Import  *importCommand  `arg:"subcommand" help:"Bring accounts and their logins in from another identity server, or from JSON lines."`
	Export  *exportCommand  `arg:"subcommand" help:"Write accounts and their logins out, for another identity server or as JSON lines."`
	Bench   *benchCommand   `arg:"subcommand" help:"Measure the hot paths beside their ceilings, as ratios."`
}

const about = `Jieling (解铃) links, unlinks and replaces the login identities of a product's users: it shows what that costs,
sees that nobody is locked out, verifies in proportion to the risk, carries the removal through every system, and proves it.`

// Help teaches the whole.
func (cli) Help() string {
	return `Try it: jieling demo

Exit: 0 yes or done, 1 the answer is no or it failed, 2 misuse`
}

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
	parser, err := arg.NewParser(arg.Config{Program: "jieling"}, &c)
	if err != nil {
		fmt.Fprintln(os.Stderr, "jieling:", err)
		return 2
	}
	switch err := parser.Parse(args); {
	case errors.Is(err, arg.ErrHelp):
		teach(os.Stdout, parser)
		return 0
	case err != nil:
		parser.WriteUsage(os.Stderr)
		fmt.Fprintf(os.Stderr, "jieling: %v\nSee %s --help.\n", err, called(parser))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch command := parser.Subcommand().(type) {
	case interface{ Run(context.Context) error }:
		return status(command.Run(ctx))
	case interface {
		Run(context.Context, *policyCommand) error
	}:
		return status(command.Run(ctx, c.Policy))
	default: // only the name of a group, or nothing
		teach(os.Stderr, parser)
		fmt.Fprintf(os.Stderr, "\nSee %s --help.\n", called(parser))
		return 2
	}
}

// status says what went wrong, if anything, and is what the process ends with.
func status(err error) int {
	var misuse *misuseError
	switch {
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

// teach writes the help of the command that was named, with its example.
func teach(to io.Writer, parser *arg.Parser) {
	var named any = cli{}
	if command := parser.Subcommand(); command != nil {
		named = command
	} else {
		fmt.Fprintf(to, "%s\n\n", about)
	}
	parser.WriteHelp(to)
	if command, ok := named.(interface{ Help() string }); ok {
		fmt.Fprintf(to, "\n%s\n", command.Help())
	}
}

// called is the command as it was named.
func called(parser *arg.Parser) string {
	return strings.Join(append([]string{"jieling"}, parser.SubcommandNames()...), " ")
}

// misuseError is a command line or a file that cannot be worked with: exit 2.
type misuseError struct{ error }

func misuse(format string, args ...any) error { return &misuseError{fmt.Errorf(format, args...)} }

func (e *misuseError) Unwrap() error { return e.error }
