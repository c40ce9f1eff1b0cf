package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// suites are the packages whose tests see defects of the packages below them,
// the cheapest first.
var suites = []string{ //nolint:gochecknoglobals // a constant
	"github.com/piston/openstack-bosh-cpi/src/cpi", "github.com/piston/openstack-bosh-cpi/src/cmd/openstack_cpi",
}

// slow are tests that run all methods many times. They run after the others,
// which notice most mutants.
const slow = "AtEveryCall$|^Test(NothingIsLeftBehind|NoFailedReadIsIgnored|OthersBetweenAllCalls|ReadsLagBehindWrites|ConcurrentCalls|DirectorAndCloudAgree)$"

// suite is the tests of one package.
type suite struct {
	path, dir string
	deps      []string
	flags     []string
	limit     time.Duration
}

// tester compiles and runs suites with mutants in them.
type tester struct {
	folder string
	suites []*suite
	out    *printer
}

// test finds the outcome of every mutant that compiles.
func test(ctx context.Context, o options, mutants []*mutant, out *printer) error {
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	t := &tester{folder: folder, out: out}
	if err := t.prepare(ctx, o, mutants); err != nil {
		return err
	}
	queue := make(chan *mutant)
	var workers sync.WaitGroup
	var mu sync.Mutex
	for worker := range o.jobs {
		workers.Go(func() {
			for m := range queue {
				result, by, err := t.try(ctx, m, worker)
				mu.Lock()
				m.outcome = result
				if err != nil && ctx.Err() == nil {
					by = err.Error()
				}
				out.printf("%-8s %s: %s %s\n", result, m.place(), m.operator, by)
				mu.Unlock()
			}
		})
	}
	for _, m := range mutants {
		if m.outcome == untested && ctx.Err() == nil {
			queue <- m
		}
	}
	close(queue)
	workers.Wait()
	return nil
}

// prepare lists the suites that see any of the mutants and runs each of them
// once without one: it must pass, and its time is the measure for the limit.
func (t *tester) prepare(ctx context.Context, o options, mutants []*mutant) error {
	patterns := slices.Clone(suites)
	for _, m := range mutants {
		patterns = append(patterns, m.pkg.path)
	}
	slices.Sort(patterns[len(suites):])
	packages, err := list(ctx, slices.Compact(patterns)...)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if len(p.TestGoFiles)+len(p.XTestGoFiles) == 0 {
			continue
		}
		s := &suite{path: p.ImportPath, dir: p.Dir, deps: p.Deps, limit: 10 * time.Minute}
		if slices.Contains(slices.Concat(p.TestImports, p.XTestImports), "pgregory.net/rapid") {
			s.flags = []string{"-rapid.nofailfile", "-rapid.shrinktime=0s", "-rapid.checks=25"}
		}
		if !slices.ContainsFunc(mutants, s.covers) {
			continue
		}
		executable, err := t.compile(ctx, s, nil, 0)
		if err != nil {
			return err
		}
		start := time.Now()
		by, err := t.runSuite(ctx, s, executable)
		if err != nil {
			return err
		}
		if by != "" {
			return fmt.Errorf("%s fails without any mutant: %s", s.path, by)
		}
		t.out.printf("%s passes in %s\n", s.path, time.Since(start).Round(time.Second/10))
		s.limit = 3*time.Since(start) + 20*time.Second
		if o.limit > 0 {
			s.limit = o.limit
		}
		t.suites = append(t.suites, s)
	}
	return nil
}

// covers reports whether the suite contains the mutant's package or imports it.
func (s *suite) covers(m *mutant) bool {
	return s.path == m.pkg.path || slices.Contains(s.deps, m.pkg.path)
}

// try runs the suites that cover the mutant, its own package's first, until one
// of them fails.
func (t *tester) try(ctx context.Context, m *mutant, worker int) (outcome, string, error) {
	for _, own := range []bool{true, false} {
		for _, s := range t.suites {
			if !s.covers(m) || own != (s.path == m.pkg.path) {
				continue
			}
			executable, err := t.compile(ctx, s, m, worker)
			if ctx.Err() == nil && errors.As(err, new(*exec.ExitError)) {
				return broken, err.Error(), nil
			}
			if err != nil {
				return untested, "", err
			}
			by, err := t.runSuite(ctx, s, executable)
			if err != nil {
				return untested, "", err
			}
			if by != "" {
				return killed, by, nil
			}
		}
	}
	return survived, "", nil
}

// compile builds a suite's executable, with the mutant unless that is nil. The
// tree stays as it is: the go command reads the mutated file from elsewhere.
func (t *tester) compile(ctx context.Context, s *suite, m *mutant, worker int) (string, error) {
	executable := filepath.Join(t.folder, fmt.Sprintf("%d.test", worker))
	arguments := []string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", executable}
	if m != nil {
		mutated, overlay := filepath.Join(t.folder, fmt.Sprintf("%d.go", worker)), filepath.Join(t.folder, fmt.Sprintf("%d.json", worker))
		document, err := json.Marshal(map[string]any{"Replace": map[string]string{m.file: mutated}})
		if err != nil {
			return "", err
		}
		if err := errors.Join(os.WriteFile(mutated, m.source(), 0o600), os.WriteFile(overlay, document, 0o600)); err != nil {
			return "", err
		}
		arguments = append(arguments, "-overlay", overlay)
	}
	command := exec.CommandContext(ctx, "go", append(arguments, s.path)...) //nolint:gosec // the package is one of the project's
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %s: %w", command, output, err)
	}
	return executable, nil
}

// memory bounds what a mutant may use, in KiB of address space: an endless loop
// may allocate.
const memory = "8000000"

// runSuite runs the executable, its slow tests last, until the first failure,
// and returns what failed.
func (t *tester) runSuite(ctx context.Context, s *suite, executable string) (failure string, err error) {
	failure, err = t.runTests(ctx, s, executable, "-test.skip="+slow)
	if failure != "" || err != nil {
		return failure, err
	}
	return t.runTests(ctx, s, executable, "-test.run="+slow)
}

// runTests runs some tests of the executable until the first failure. -test.v makes a failure visible at once; with -test.failfast alone
// parallel tests that have started would go on.
func (t *tester) runTests(ctx context.Context, s *suite, executable, which string) (failure string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, errTooLong)
	defer cancel()
	arguments := append([]string{"-c", `ulimit -v ` + memory + `; exec "$0" "$@"`, executable, "-test.v", "-test.failfast", which}, s.flags...)
	command := exec.CommandContext(ctx, "sh", arguments...) //nolint:gosec // the executable was just compiled
	command.Dir = s.dir
	command.WaitDelay = 5 * time.Second
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	output, err := command.StdoutPipe()
	if err != nil {
		return "", err
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<26)
	for lines.Scan() && failure == "" {
		if test, isFailure := strings.CutPrefix(strings.TrimSpace(lines.Text()), "--- FAIL: "); isFailure {
			failure, _, _ = strings.Cut(test, " (")
			cancel()
		}
	}
	err = command.Wait()
	switch {
	case failure != "":
		return failure, nil
	case errors.Is(context.Cause(ctx), errTooLong):
		return "time limit", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "the tests ended with: " + err.Error(), nil
	}
	return "", nil
}

var errTooLong = errors.New("the tests took too long")
