// Command openstack_cpi is the BOSH cloud provider interface (CPI) for
// OpenStack. The director, or the bosh command line, starts it once per call:
//
//	openstack_cpi -config cpi.json [-ca-cert cacert.pem] < request > response
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

const usage = `BOSH cloud provider interface (CPI) for OpenStack.

Usage:
  openstack_cpi -config cpi.json [-ca-cert cacert.pem] < request > response
    	serve one request of the CPI API, as BOSH does
  openstack_cpi orphans [delete] -help
    	list or delete what this CPI created and no director knows
  openstack_cpi version
    	print the version

`

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	// A director that stops closes our pipes. SIGPIPE would end this process
	// between a write to the cloud and its undo.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), endingSignals()...)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
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

// run serves one call or executes a command for people, and returns the exit
// code.
func run(ctx context.Context, args []string, in io.Reader, out, logs io.Writer) int {
	if len(args) == 1 && args[0] == "version" {
		return printVersion(out)
	}
	if len(args) > 0 && args[0] == "orphans" {
		command := &orphansCommand{in: in, out: out, logs: logs, interactive: isTerminal(in)}
		return command.run(ctx, args[1:])
	}
	c := &call{}
	flags := flag.NewFlagSet("openstack_cpi", flag.ContinueOnError)
	flags.SetOutput(logs)
	flags.Usage = func() {
		if _, err := io.WriteString(logs, usage); err == nil {
			flags.PrintDefaults()
		}
	}
	flags.StringVar(&c.configFile, "config", "", "the job's cpi.json, a `FILE`")
	flags.StringVar(&c.caCertFile, "ca-cert", "", "the job's cacert.pem, a `FILE`; used if cpi.json has a ca_cert")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case len(args) == 0 || flags.NArg() > 0:
		flags.Usage()
		return 2
	}
	if stdout, ok := out.(*os.File); ok && isClosed(stdout) {
		fmt.Fprintln(logs, "openstack_cpi: stdout is closed: the request is not carried out, because its answer cannot be delivered") //nolint:errcheck // there is no other place to report it
		return 1
	}
	return c.serve(ctx, in, out, logs)
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

func printVersion(out io.Writer) int {
	_, err := fmt.Fprintf(out, "openstack_cpi %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return 1
	}
	return 0
}
