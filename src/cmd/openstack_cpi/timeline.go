//go:build !nocommands

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/timeline"
	"github.com/piston/openstack-bosh-cpi/src/timeline/page"
)

const timelineDetails = `The FILEs are logs that directors keep, of one task: the output of bosh task N --cpi
or bosh task N --debug, the debug output of bosh create-env, or the stderr of this
program. Several are read as one. Without a FILE, stdin is read.

The debug log also shows what the director and the agents did between the calls.
Single requests are in the logs if openstack.log_level is debug.`

// timelineCommand draws the calls of a deployment.
type timelineCommand struct {
	streams

	html string
}

func (c *timelineCommand) options(flags *flag.FlagSet) {
	flags.StringVar(&c.html, "html", "timeline.html", "the page to write, a `FILE`; - for stdout, none for no page")
}

// run reads the logs, writes the page and prints the summary.
func (c *timelineCommand) run(_ context.Context, args []string) (int, error) {
	source := strings.Join(args, ", ")
	if len(args) == 0 {
		args, source = []string{"-"}, "stdin"
	}
	read, err := c.read(args)
	if err != nil {
		return 0, err
	}
	if c.html == "-" {
		return 0, page.Write(c.out, read, source)
	}
	if err := read.Text(c.out); err != nil || c.html == "none" {
		return 0, err
	}
	file, err := os.Create(c.html)
	if err != nil {
		return 0, err
	}
	if err := page.Write(file, read, source); err != nil {
		return 0, errors.Join(err, file.Close())
	}
	if err := file.Close(); err != nil {
		return 0, err
	}
	_, err = fmt.Fprintf(c.out, "\nThe page is %s.\n", c.html)
	return 0, err
}

// read makes the model of the files.
func (c *timelineCommand) read(names []string) (*timeline.Timeline, error) {
	var logs []io.Reader
	for _, name := range names {
		if name == "-" {
			logs = append(logs, c.in)
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, misuse("%s", err)
		}
		logs = append(logs, bytes.NewReader(content))
	}
	return timeline.Read(logs...)
}
