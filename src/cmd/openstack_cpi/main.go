// Command openstack_cpi is the BOSH cloud provider interface for OpenStack. A
// director or the bosh command line starts it once per call:
//
//	openstack_cpi -config cpi.json [-ca-cert cacert.pem] < request > answer
//
// For people it has the command version.
package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	// A director that was stopped no longer reads our pipes. The signal would
	// end this process between a write to the cloud and its undo.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run serves one call, for which it parses flags only, or a command for people.
func run(ctx context.Context, args []string) int {
	if len(args) > 0 && strings.HasPrefix(args[0], "-") && !isHelp(args[0]) {
		return serveCall(ctx, args, os.Stdin, os.Stdout, os.Stderr)
	}
	parser := kong.Must(&commands{}, kong.Name("openstack_cpi"), kong.UsageOnError(),
		kong.Description("BOSH cloud provider interface for OpenStack. BOSH starts it with -config and a request on stdin."))
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	parser.FatalIfErrorf(err)
	command.FatalIfErrorf(command.Run())
	return 0
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }
