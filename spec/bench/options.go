package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

type options struct {
	// What scripts/bench builds and finds out.
	executable, measure, plot string
	tar, curl                 string
	commit                    string
	config, fixtures, release string // of the real cloud

	cloud, render bool
	against       []contender // other CPIs
	parts         map[string]bool
	out           string // folder of the page

	answers                                  map[string]time.Duration // times of requests by service
	changes                                  simulator.Latencies
	boots                                    []time.Duration
	deployments                              []size
	growth, stemcells                        []int
	runs, bootRuns, growthRuns, stemcellRuns int
}

// partNames are the parts of a run.
func partNames() []string { return []string{"methods", "boots", "deployments", "growth", "stemcells"} }

// changeTimes are the times of changes on the simulated cloud, unless options set
// others.
const changeTimes = "server-build=8s,server-delete=3s,server-reboot=5s,volume-create=1s,volume-delete=1s,volume-extend=1s," +
	"volume-retype=2s,volume-attach=2s,volume-detach=2s,snapshot-create=2s,snapshot-delete=1s"

// presets are the values of options that --quick and --large set.
func presets() map[string]map[string]string {
	return map[string]map[string]string{
		"quick": {
			"runs": "1", "boot-runs": "1", "growth-runs": "1", "stemcell-runs": "1", "boots": "500ms,1s", "stemcells": "8", "growth": "10,50",
			"deployments": "4@2x0.02", "answers": "identity=12ms,image=4ms,network=6ms,volume=5ms,compute=8ms,load-balancer=6ms",
			"changes": "server-build=200ms,server-delete=100ms,server-reboot=100ms,volume-create=50ms,volume-delete=50ms,volume-extend=50ms," +
				"volume-retype=50ms,volume-attach=50ms,volume-detach=50ms,snapshot-create=50ms,snapshot-delete=50ms",
		},
		"large": {"stemcells": "256,1024,2048,4096"},
	}
}

// parseOptions parses the arguments and reports all problems in one error.
func parseOptions(args []string, usage io.Writer) (options, error) {
	o := options{answers: map[string]time.Duration{}, parts: map[string]bool{}}
	text := map[string]*string{}
	flags := flag.NewFlagSet("scripts/bench", flag.ContinueOnError)
	flags.SetOutput(usage)
	for _, made := range []struct {
		name  string
		value *string
	}{
		{"cpi", &o.executable},
		{"measure", &o.measure},
		{"plot", &o.plot},
		{"tar", &o.tar},
		{"curl", &o.curl},
		{"commit", &o.commit},
		{"cloud-config", &o.config},
		{"cloud-fixtures", &o.fixtures},
		{"cloud-release", &o.release},
	} {
		flags.StringVar(made.value, made.name, "", "given by scripts/bench")
	}
	list := func(name, otherwise, help string) { text[name] = flags.String(name, otherwise, help) }
	flags.BoolVar(&o.cloud, "cloud", false, "measure on a real OpenStack")
	flags.BoolVar(&o.render, "render", false, "only write the page and the pictures, from the results that are there")
	quick := flags.Bool("quick", false, "short times and small numbers: whether everything works")
	large := flags.Bool("large", false, "also a stemcell of 4 GiB")
	flags.Func("against", "`NAME=COMMAND` of another CPI, also several times; {config} stands for its cpi.json, otherwise -config and its path are appended",
		o.addAgainst)
	list("only", strings.Join(partNames(), ","), "`PARTS` to measure")
	flags.StringVar(&o.out, "out", "docs", "`FOLDER` of performance.md, and of performance with the results and pictures")
	list("answers", "identity=120ms,image=40ms,network=60ms,volume=50ms,compute=80ms,load-balancer=60ms", "time of a request to each service of the simulator")
	list("changes", changeTimes, "times of changes on the simulator, see openstack-simulator --help")
	list("boots", "8s,16s,24s,32s,40s", "times of the boot of VMs in the part boots; the first and the last limit those in deployments")
	list("deployments", "40@8x0.25,40@16x0.25,200@32x0.25,2000@32x0.05", "sizes: VMs @ processes x factor for the times of changes")
	list("growth", "10,100,1000,10000", "objects of each kind in the project")
	list("stemcells", "256,1024,2048", "sizes of stemcells in MiB")
	flags.IntVar(&o.runs, "runs", 5, "measurements of each method")
	flags.IntVar(&o.bootRuns, "boot-runs", 2, "measurements of each boot")
	flags.IntVar(&o.growthRuns, "growth-runs", 3, "measurements of each method for each size of the project")
	flags.IntVar(&o.stemcellRuns, "stemcell-runs", 3, "measurements of each stemcell")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var problems []error
	for preset, chosen := range map[string]bool{"quick": *quick, "large": *large} {
		for name, value := range presets()[preset] {
			if chosen && !given[name] {
				problems = append(problems, flags.Set(name, value))
			}
		}
	}
	if o.cloud && !given["deployments"] && !*quick {
		problems = append(problems, flags.Set("deployments", "40@8,40@16"))
	}
	if flags.NArg() > 0 {
		problems = append(problems, fmt.Errorf("unexpected argument %q", strings.Join(flags.Args(), " ")))
	}
	problems = append(problems, o.parse(text), o.check())
	return o, errors.Join(problems...)
}

// parse parses the options that are lists.
func (o *options) parse(text map[string]*string) error {
	var problems []error
	each := func(name string, parse func(part string) error) {
		for part := range strings.SplitSeq(*text[name], ",") {
			if err := parse(part); err != nil {
				problems = append(problems, fmt.Errorf("--%s: %w", name, err))
			}
		}
	}
	each("only", func(part string) error {
		if !slices.Contains(partNames(), part) {
			return fmt.Errorf("%q is none of %s", part, strings.Join(partNames(), ", "))
		}
		o.parts[part] = true
		return nil
	})
	each("answers", func(part string) error {
		name, duration, err := assignment(part)
		if err == nil && !slices.Contains(services(), name) {
			err = fmt.Errorf("%q is none of %s", name, strings.Join(services(), ", "))
		}
		o.answers[name] = duration
		return err
	})
	each("changes", func(part string) error {
		name, duration, err := assignment(part)
		if err != nil {
			return err
		}
		return o.changes.Set(name, duration)
	})
	o.changes = o.changes.Scaled(1)
	each("boots", func(part string) error {
		duration, err := time.ParseDuration(part)
		o.boots = append(o.boots, duration)
		return err
	})
	for name, into := range map[string]*[]int{"growth": &o.growth, "stemcells": &o.stemcells} {
		each(name, func(part string) error {
			number, err := strconv.Atoi(part)
			*into = append(*into, number)
			return err
		})
	}
	sizes, err := parseSizes(*text["deployments"])
	if err != nil {
		problems = append(problems, fmt.Errorf("--deployments: %w", err))
	}
	for i := range sizes {
		if o.cloud {
			sizes[i].Scale = 1
		}
	}
	o.deployments = sizes
	return errors.Join(problems...)
}

// addAgainst adds another CPI.
func (o *options) addAgainst(text string) error {
	name, command, found := strings.Cut(text, "=")
	words := strings.Fields(command)
	switch {
	case !found || name == "" || len(words) == 0:
		return fmt.Errorf("%q is not NAME=COMMAND", text)
	case slices.Contains([]string{warmName, coldName}, name):
		return fmt.Errorf("%s is a name of this CPI", name)
	case slices.ContainsFunc(o.against, func(c contender) bool { return c.name == name }):
		return fmt.Errorf("%s is the name of two CPIs", name)
	}
	if !strings.Contains(command, "{config}") {
		words = append(words, "-config", "{config}")
	}
	o.against = append(o.against, contender{name: name, command: words, cache: true, other: true})
	return nil
}

// assignment parses "name=1s".
func assignment(text string) (name string, duration time.Duration, err error) {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return "", 0, fmt.Errorf("%q is not NAME=DURATION", text)
	}
	duration, err = time.ParseDuration(value)
	return name, duration, err
}

// check makes paths absolute and checks that nothing is missing.
func (o *options) check() error {
	var problems []error
	if !o.render && (o.executable == "" || o.measure == "" || o.tar == "" || o.curl == "") {
		problems = append(problems, errors.New("--cpi, --measure, --tar or --curl is missing: start this program with scripts/bench"))
	}
	if o.cloud && (o.config == "" || o.fixtures == "") {
		problems = append(problems, errors.New("--cloud-config or --cloud-fixtures is missing: start this program with scripts/bench"))
	}
	for _, path := range []*string{&o.executable, &o.measure, &o.plot, &o.config, &o.fixtures, &o.out} {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = absolute
	}
	return errors.Join(problems...)
}

// results returns the path of the results of the kind of cloud.
func (o *options) results() string {
	name := "simulator.json"
	if o.cloud {
		name = "openstack.json"
	}
	return filepath.Join(o.out, "performance", name)
}

// longestBoot returns the longest boot of a VM in a deployment.
func (o *options) longestBoot(scale float64) time.Duration {
	return time.Duration(float64(o.boots[len(o.boots)-1]) * scale)
}

// parameters returns the times of requests and changes, for the page.
func (o *options) parameters() map[string]string {
	if o.cloud {
		return nil
	}
	found := map[string]string{}
	for _, service := range slices.Sorted(maps.Keys(o.answers)) {
		found[service] = o.answers[service].String()
	}
	return found
}
