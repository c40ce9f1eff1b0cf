// Command openstack_cpi is the BOSH cloud provider interface (CPI) for
// OpenStack. The director, or the bosh command line, starts it once per call:
//
//	openstack_cpi -config cpi.json [-ca-cert cacert.pem] [-cache directory] < request > response
//
// For people it has commands, see commands. With the build tag nocommands it is
// smaller and has none of them but version. It then replaces itself with
// openstack_cpi_commands, the program with all commands, for the others.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	// A director that stops closes our pipes. SIGPIPE would end this process
	// between a write to the cloud and its undo.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), endingSignals()...)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// endingSignals are the signals after which the call undoes what it has created
// and answers. SIGHUP is left alone if the process was started to ignore it, as
// nohup does.
func endingSignals() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signals
}

// streams are the streams of the process.
type streams struct {
	in        io.Reader
	out, logs io.Writer
}

// run serves one request, or leaves other arguments to runCommand, and returns
// the exit code.
func run(ctx context.Context, args []string, s streams) int {
	c := &call{}
	flags := flag.NewFlagSet("openstack_cpi", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	c.options(flags)
	if err := flags.Parse(args); err != nil || len(args) == 0 || flags.NArg() > 0 {
		return runCommand(ctx, args, s)
	}
	if stdout, ok := s.out.(*os.File); ok && isClosed(stdout) {
		fmt.Fprintln(s.logs, "openstack_cpi: stdout is closed: the request is not carried out, because its answer cannot be delivered") //nolint:errcheck // there is no other place to report it
		return 1
	}
	return c.serve(ctx, s.in, s.out, s.logs)
}

// isClosed reports whether the process was started with the file closed. The Go
// runtime then opens /dev/null in its place, for reading and writing
// (runtime.checkfds), and every write seems to succeed. A shell that redirects
// to /dev/null opens it for writing only.
func isClosed(file *os.File) bool {
	opened, err := file.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(opened, null) {
		return false
	}
	_, err = file.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

// printVersion prints the version of this executable.
func printVersion(out io.Writer) error {
	_, err := fmt.Fprintf(out, "openstack_cpi %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
