// Command mutate breaks the product in one place at a time and reports which
// of these mutants the tests do not notice. scripts/mutate starts it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// defaultPackages are the packages whose defects cost operators something.
var defaultPackages = []string{ //nolint:gochecknoglobals // the default of an option
	"./src/cpi", "./src/openstack/...", "./src/rpc", "./src/config", "./src/stemcell", "./src/registry", "./src/bosh",
	"./src/mark", "./src/telemetry",
}

type options struct {
	operators []string
	packages  []string
	match     string
	sample    int
	seed      uint64
	jobs      int
	limit     time.Duration
	list      bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	o, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func parse(arguments []string, usage io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	flags.SetOutput(usage)
	names := operatorNames()
	chosen := flags.String("operator", "", "comma-separated `names`, of "+strings.Join(names, ", ")+" (default all)")
	packages := flags.String("package", strings.Join(defaultPackages, ","), "comma-separated package `patterns`")
	flags.StringVar(&o.match, "match", "", "only mutants whose FILE:LINE contains this `text`")
	flags.IntVar(&o.sample, "sample", 0, "at most `N` mutants of each operator (default all)")
	flags.Uint64Var(&o.seed, "seed", 1, "`number` that chooses the sample")
	flags.IntVar(&o.jobs, "jobs", 1, "mutants that are tested at the same time")
	flags.DurationVar(&o.limit, "timeout", 0, "time limit for the tests of one mutant (default three times what they take without one, and 20s)")
	flags.BoolVar(&o.list, "list", false, "print the mutants, do not test them")
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %s", flags.Arg(0))
	}
	o.packages, o.operators = strings.Split(*packages, ","), names
	if *chosen != "" {
		o.operators = strings.Split(*chosen, ",")
	}
	for _, name := range o.operators {
		if !slices.Contains(names, name) {
			return o, fmt.Errorf("unknown operator %s", name)
		}
	}
	if o.jobs < 1 {
		return o, errors.New("--jobs must be at least 1")
	}
	return o, nil
}

// printer writes text and keeps the first error.
type printer struct {
	out io.Writer
	err error
}

func (p *printer) printf(format string, arguments ...any) {
	if _, err := fmt.Fprintf(p.out, format, arguments...); p.err == nil {
		p.err = err
	}
}

func run(ctx context.Context, o options, out io.Writer) error {
	p := &printer{out: out}
	packages, err := load(ctx, o.packages)
	if err != nil {
		return err
	}
	var mutants []*mutant
	for _, each := range packages {
		mutants = append(mutants, each.mutants(o.operators)...)
	}
	mutants = slices.DeleteFunc(mutants, func(m *mutant) bool { return !strings.Contains(m.place(), o.match) })
	mutants = sample(mutants, o.sample, o.seed)
	slices.SortStableFunc(mutants, func(a, b *mutant) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.start, b.start))
	})
	for _, m := range mutants {
		if !m.pkg.compiles(m) {
			m.outcome = broken
		}
	}
	if o.list {
		for _, m := range mutants {
			if m.outcome != broken {
				p.printf("%s: %s\n%s", m.place(), m.operator, m.diff())
			}
		}
		return p.err
	}
	if err := test(ctx, o, mutants, p); err != nil {
		return err
	}
	report(mutants, p)
	return p.err
}

// sample returns at most n mutants of each operator; n = 0 stands for all.
func sample(mutants []*mutant, n int, seed uint64) []*mutant {
	if n == 0 {
		return mutants
	}
	random := rand.New(rand.NewPCG(seed, seed))
	random.Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
	taken := map[string]int{}
	return slices.DeleteFunc(mutants, func(m *mutant) bool {
		if taken[m.operator] == n || !m.pkg.compiles(m) {
			return true
		}
		taken[m.operator]++
		return false
	})
}
