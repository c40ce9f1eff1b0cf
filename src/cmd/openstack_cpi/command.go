//go:build !nocommands

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// command describes a command for people.
type command struct {
	name     string // one or two words
	args     string // the arguments after the options, for the help
	summary  string
	details  string // more help
	examples []string
	words    []string // what can be the first argument
	files    bool     // the arguments can be files
	// misused is the exit code after wrong arguments, 2 if it is 0.
	misused int
	create  func(streams) tool
}

// tool executes a command.
type tool interface {
	// options registers the options of the command.
	options(flags *flag.FlagSet)
	// run executes the command and returns the exit code. An error is printed,
	// and the exit code is 1 then.
	run(ctx context.Context, args []string) (code int, err error)
}

// misuseError reports wrong arguments.
type misuseError struct{ text string }

func (e *misuseError) Error() string { return e.text }

func misuse(format string, args ...any) error { return &misuseError{fmt.Sprintf(format, args...)} }

// find returns the command that the arguments begin with, and the rest of them.
func find(args []string) (chosen command, rest []string, found bool) {
	for _, c := range commands() {
		words := strings.Fields(c.name)
		if len(words) <= len(args) && slices.Equal(words, args[:len(words)]) && len(c.name) > len(chosen.name) {
			chosen, rest, found = c, args[len(words):], true
		}
	}
	return chosen, rest, found
}

// execute parses the options and runs the command.
func (c command) execute(ctx context.Context, args []string, s streams) int {
	created := c.create(s)
	flags := c.flags(created)
	args, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.printHelp(s.out, flags)
		return 0
	}
	code := 0
	if err == nil {
		code, err = created.run(ctx, args)
	}
	if err == nil {
		return code
	}
	fmt.Fprintf(s.logs, "openstack_cpi %s: %s\n", c.name, err) //nolint:errcheck // there is no other place to report it
	if errors.Is(err, fs.ErrPermission) {
		fmt.Fprintln(s.logs, "Run it as a user who may read the file, such as root (sudo).") //nolint:errcheck // as above
	}
	if _, misused := errors.AsType[*misuseError](err); misused {
		fmt.Fprintf(s.logs, "See openstack_cpi %s -help.\n", c.name) //nolint:errcheck // as above
		return max(c.misused, 2)
	}
	return max(code, 1)
}

// flags returns the options of the command. Parsing them prints nothing.
func (c command) flags(created tool) *flag.FlagSet {
	flags := flag.NewFlagSet("openstack_cpi "+c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	created.options(flags)
	return flags
}

// parse parses options before, between and after the arguments, and returns the
// arguments. After "--" there are no options.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	for len(args) > 0 {
		if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, wrongOption(flags, err)
		}
		left := flags.Args()
		if parsed := len(args) - len(left); len(left) == 0 || parsed > 0 && args[parsed-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
	return rest, nil
}

// wrongOption returns the error about an option that does not exist, or whose
// value is wrong, in words that say what to write.
func wrongOption(flags *flag.FlagSet, err error) error {
	name, isUnknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	switch {
	case isUnknown:
		names := []string{}
		flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
		if near, ok := config.Nearest(name, names); ok {
			return misuse("there is no option -%s; did you mean -%s?", name, near)
		}
		return misuse("there is no option -%s", name)
	case strings.HasSuffix(err.Error(), "for flag -min-age: parse error"):
		return misuse("-min-age needs a unit: 90s, 30m, 2h")
	}
	return misuse("%s", err)
}

// printHelp writes the help of the command.
func (c command) printHelp(out io.Writer, flags *flag.FlagSet) {
	var text strings.Builder
	synopsis := "openstack_cpi " + c.name
	options := 0
	flags.VisitAll(func(*flag.Flag) { options++ })
	if options > 0 {
		synopsis += " [OPTION]..."
	}
	if c.args != "" {
		synopsis += " " + c.args
	}
	fmt.Fprintf(&text, "%s.\n\nUsage:\n  %s\n", upperFirst(c.summary), synopsis)
	if c.details != "" {
		fmt.Fprintf(&text, "\n%s\n", c.details)
	}
	if options > 0 {
		text.WriteString("\nOptions:\n")
		flags.SetOutput(&text)
		flags.PrintDefaults()
	}
	if len(c.examples) > 0 {
		text.WriteString("\nExamples:\n")
	}
	for _, example := range c.examples {
		fmt.Fprintf(&text, "  %s\n", example)
	}
	fmt.Fprint(out, text.String()) //nolint:errcheck // there is no other place to report it
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// printUsage writes the usage of the whole program.
func printUsage(out io.Writer, flags *flag.FlagSet) {
	var text strings.Builder
	text.WriteString(`BOSH cloud provider interface (CPI) for OpenStack.

Usage:
  openstack_cpi -config cpi.json [-ca-cert cacert.pem] [-cache directory] < request > response
    	serve one request of the CPI API, as BOSH does
  openstack_cpi COMMAND [OPTION]... [ARGUMENT]...

Commands (openstack_cpi COMMAND -help describes each):
`)
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(table, "  %s\t%s\n", c.name, c.summary) //nolint:errcheck // a strings.Builder does not fail
	}
	if err := table.Flush(); err != nil {
		return
	}
	text.WriteString("\nOptions:\n")
	flags.SetOutput(&text)
	flags.PrintDefaults()
	flags.SetOutput(out)
	fmt.Fprint(out, text.String()) //nolint:errcheck // there is no other place to report it
}

// isTerminal reports whether a person reads or writes the stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
