//go:build !nocommands

package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// exitOrphans is the exit code of a list that is not empty.
const exitOrphans = 3

// orphansCommand lists or deletes orphans.
type orphansCommand struct {
	in        io.Reader
	out, logs io.Writer
	// transport replaces the network in tests.
	transport http.RoundTripper
	// interactive reports whether a person can answer on in.
	interactive bool

	configFile, caCertFile string
	knownFiles             []string
	director               string
	allOfDirector          string
	minAge                 time.Duration
	json                   bool
	delete                 bool
	yes                    bool
	includeAnnounced       bool

	known orphans.Known
	log   *telemetry.Log
}

func newOrphansCommand(s streams, remove bool) *orphansCommand {
	return &orphansCommand{in: s.in, out: s.out, logs: s.logs, delete: remove, interactive: isTerminal(s.in), log: telemetry.New(s.logs)}
}

// options registers the options of the command.
func (c *orphansCommand) options(flags *flag.FlagSet) {
	configOptions(flags, &c.configFile, &c.caCertFile)
	flags.Func("known", "known CIDs, a `FILE`: the output of bosh vms, instances --details, disks --orphaned, stemcells, snapshots or\n"+
		"orphaned-vms with --json, the state file of bosh create-env, or CIDs one per line; may be repeated", func(file string) error {
		c.knownFiles = append(c.knownFiles, file)
		return nil
	})
	flags.StringVar(&c.director, "director", "", "the `UUID` of the director whose objects can be orphans, or all;\nby default, the directors that the known CIDs belong to")
	flags.DurationVar(&c.minAge, "min-age", time.Hour, "the `AGE` from which on an object can be an orphan")
	flags.BoolVar(&c.json, "json", false, "print all marked objects as JSON")
	if c.delete {
		flags.BoolVar(&c.yes, "yes", false, "do not ask")
		flags.BoolVar(&c.includeAnnounced, "include-announced", false, "delete also what BOSH has used, marked with ! in the list")
		flags.StringVar(&c.allOfDirector, "all-of-director", "", "take everything of the director with this `UUID` for orphaned; instead of -known and -director")
	}
}

// run executes the command and returns the exit code.
func (c *orphansCommand) run(ctx context.Context, args []string) (int, error) {
	if problem := c.problem(args); problem != "" {
		return 0, misuse("%s", problem)
	}
	code, err := c.execute(ctx)
	return code, c.log.Mask.Error(err)
}

// problem returns what is wrong with the options, or "".
func (c *orphansCommand) problem(rest []string) string {
	switch {
	case len(rest) > 0:
		return fmt.Sprintf("unknown argument %q", rest[0])
	case c.configFile == "":
		return "-config is missing"
	case c.minAge < 0:
		return "-min-age is negative"
	case c.allOfDirector != "" && (len(c.knownFiles) > 0 || c.director != ""):
		return "-all-of-director replaces -known and -director"
	case c.delete && c.allOfDirector == "" && len(c.knownFiles) == 0:
		return "delete needs -known, or -all-of-director UUID for a director that is gone"
	case c.delete && !c.yes && !c.interactive:
		return "delete needs -yes if stdin is not a terminal"
	}
	return ""
}

func (c *orphansCommand) execute(ctx context.Context) (code int, err error) {
	for _, file := range c.knownFiles {
		document, err := os.ReadFile(file)
		if err != nil {
			return 0, fmt.Errorf("known CIDs: %w", err)
		}
		if err := c.known.Add(file, document); err != nil {
			return 0, err
		}
	}
	cloud, err := c.open()
	if err != nil {
		return 0, err
	}
	found, err := cloud.Find(ctx)
	if err != nil {
		return 0, err
	}
	if c.unrelated(found.Objects) {
		return 0, errors.New("the known CIDs name nothing in this project, so that they do not say which director they belong to: add -director UUID")
	}
	report := orphans.Report{Objects: c.rules().Judge(found), Failed: found.Failed}
	if c.delete {
		return c.deleteOrphans(ctx, cloud, report)
	}
	if err := c.print(report); err != nil {
		return 0, err
	}
	switch {
	case c.printErrors(report):
		return 1, nil
	case report.Count(orphans.Orphan)+report.Count(orphans.Guarded) > 0:
		return exitOrphans, nil
	}
	return 0, nil
}

// unrelated reports whether nothing says which director the known CIDs belong to.
func (c *orphansCommand) unrelated(found []orphans.Object) bool {
	return c.director == "" && !c.known.Empty() && len(found) > 0 && len(c.known.Directors(found)) == 0
}

// open reads the configuration and creates the session.
func (c *orphansCommand) open() (*orphans.Cloud, error) {
	cfg, err := loadConfig(c.configFile, c.caCertFile, nil, c.log.Mask)
	if err != nil {
		return nil, err
	}
	c.log.SetLevel(os.Getenv("BOSH_LOG_LEVEL"), "warn")
	session, err := openstack.NewSession(cfg.OpenStack, c.log.Logger, sessionOptions(c.transport, c.log.Mask)...)
	if err != nil {
		return nil, err
	}
	return orphans.New(session), nil
}

func (c *orphansCommand) rules() orphans.Rules {
	rules := orphans.Rules{Known: &c.known, MinAge: c.minAge, Director: c.director, Now: time.Now()}
	if c.allOfDirector != "" {
		rules.Director, rules.NothingKnown = c.allOfDirector, true
	}
	return rules
}

// print writes the report to stdout.
func (c *orphansCommand) print(report orphans.Report) error {
	if c.json {
		return report.JSON(c.out)
	}
	return report.Table(c.out)
}

// printErrors writes which lists failed to stderr, and reports whether there are
// any.
func (c *orphansCommand) printErrors(report orphans.Report) bool {
	for _, line := range report.Errors() {
		fmt.Fprintln(c.logs, "openstack_cpi orphans:", line) //nolint:errcheck // there is no other place to report it
	}
	return len(report.Failed) > 0
}

// deleteOrphans shows what it is about to delete, asks, looks again, and deletes
// what is still orphaned.
func (c *orphansCommand) deleteOrphans(ctx context.Context, cloud *orphans.Cloud, report orphans.Report) (code int, err error) {
	if !c.json {
		if err := report.Table(c.out); err != nil {
			return 0, err
		}
	}
	failed := c.printErrors(report)
	deletable := orphans.Confirmed(report.Objects, report.Objects, c.includeAnnounced)
	if len(deletable) > 0 && !c.yes {
		if err := c.confirm(ctx, len(deletable)); err != nil {
			return 0, err
		}
	}
	if len(deletable) > 0 {
		again, err := cloud.Find(ctx)
		if err != nil {
			return 0, err
		}
		confirmed := orphans.Confirmed(deletable, c.rules().Judge(again), c.includeAnnounced)
		report.Deleted = map[string]error{}
		cloud.Delete(ctx, again, confirmed, func(j orphans.Judged, err error) {
			report.Deleted[j.ID] = err
			failed = failed || err != nil
			c.printDeletion(j, err)
		})
		c.printChanged(deletable, report.Deleted)
	}
	if c.json {
		err = report.JSON(c.out)
	}
	if failed {
		code = 1
	}
	return code, err
}

// confirm asks on the terminal. Anything but yes is an error.
func (c *orphansCommand) confirm(ctx context.Context, count int) error {
	if _, err := fmt.Fprintf(c.logs, "Delete %d objects? Type yes to continue: ", count); err != nil {
		return err
	}
	answers := make(chan string, 1)
	go func() {
		line, err := bufio.NewReader(c.in).ReadString('\n')
		if err != nil {
			line = ""
		}
		answers <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case answer := <-answers:
		if answer != "yes" {
			return errors.New("nothing was deleted")
		}
		return nil
	}
}

// printDeletion writes the outcome of one deletion.
func (c *orphansCommand) printDeletion(j orphans.Judged, err error) {
	out, text := c.out, fmt.Sprintf("deleted %s %s (%s)", j.Kind, j.ID, j.Name)
	if j.Kind == orphans.FloatingIP {
		text = fmt.Sprintf("disassociated %s %s (%s)", j.Kind, j.ID, j.Name)
	}
	if err != nil {
		out, text = c.logs, fmt.Sprintf("%s %s (%s) was not deleted: %s", j.Kind, j.ID, j.Name, err)
	}
	if out == c.out && c.json {
		return
	}
	fmt.Fprintln(out, text) //nolint:errcheck // the deletions go on without their report
}

// printChanged names the objects that were no longer orphans when the deletion
// began.
func (c *orphansCommand) printChanged(deletable []orphans.Judged, deleted map[string]error) {
	for _, j := range deletable {
		if _, tried := deleted[j.ID]; !tried {
			fmt.Fprintf(c.logs, "%s %s (%s) stays: it has changed in the meantime\n", j.Kind, j.ID, j.Name) //nolint:errcheck // there is no other place to report it
		}
	}
}
