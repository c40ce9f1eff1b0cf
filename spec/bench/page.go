package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"
)

//go:embed performance.md.tmpl
var pageTemplate string

// render writes the page and the pictures of the results in a folder.
func render(ctx context.Context, o options) error {
	folder := filepath.Join(o.out, "performance")
	text, charts, err := page(folder)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.out, "performance.md"), []byte(text), 0o644); err != nil { //nolint:gosec // documents are for everyone
		return err
	}
	if len(charts) == 0 {
		return nil
	}
	document, err := json.Marshal(charts)
	if err != nil {
		return err
	}
	draw := exec.CommandContext(ctx, o.plot, folder)
	draw.Stdin = bytes.NewReader(document)
	if output, err := draw.CombinedOutput(); err != nil {
		return fmt.Errorf("draw the pictures: %w\n%s", err, output)
	}
	return nil
}

// page returns the page of the results in a folder, and its pictures.
func page(folder string) (text string, charts []chart, err error) {
	var clouds [2]*view
	for i, name := range []string{"simulator", "openstack"} {
		found, err := readResults(filepath.Join(folder, name+".json"))
		if err != nil {
			return "", nil, err
		}
		if found != nil {
			clouds[i] = &view{results: *found, prefix: name}
			charts = append(charts, clouds[i].charts()...)
		}
	}
	parsed, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return "", nil, err
	}
	var made strings.Builder
	err = parsed.Execute(&made, struct{ Simulator, OpenStack *view }{clouds[0], clouds[1]})
	return made.String(), charts, err
}

// view formats results.
type view struct {
	results
	prefix string // of the names of pictures
}

// Took returns how long the run took.
func (v *view) Took() string {
	return time.Duration(v.Seconds * float64(time.Second)).Round(time.Second).String()
}

// Size returns the size of the executable.
func (v *view) Size() string { return fmt.Sprintf("%.1f MB", float64(v.Executable)/1e6) }

// Answers returns the times of requests.
func (v *view) Answers() string {
	var parts []string
	for _, service := range services() {
		if answer := v.Parameters[service]; answer != "" {
			parts = append(parts, service+" "+answer)
		}
	}
	return strings.Join(parts, ", ")
}

// Picture returns the Markdown of a picture.
func (v *view) Picture(name, description string) string {
	return fmt.Sprintf("![%s](performance/%s-%s.svg)", description, v.prefix, name)
}

// table writes a Markdown table. The first columns are left-aligned.
type table struct{ text strings.Builder }

func newTable(left int, header ...string) *table {
	t := &table{}
	t.row(header...)
	for i := range header {
		t.text.WriteString("|---")
		if i >= left {
			t.text.WriteString(":")
		}
	}
	t.text.WriteString("|\n")
	return t
}

func (t *table) row(cells ...string) {
	t.text.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (t *table) String() string { return strings.TrimSuffix(t.text.String(), "\n") }

// figure formats a number with three digits.
func figure(value float64) string {
	switch {
	case value == 0:
		return "0"
	case value >= 100:
		return fmt.Sprintf("%.0f", value)
	case value >= 10:
		return fmt.Sprintf("%.1f", value)
	case value >= 1:
		return fmt.Sprintf("%.2f", value)
	default:
		return fmt.Sprintf("%.3f", value)
	}
}

// spread formats the median and the range of samples.
func (s samples) spread() string {
	switch len(s) {
	case 0:
		return "–"
	case 1:
		return figure(s[0])
	}
	return fmt.Sprintf("%s (%s–%s)", figure(s.median()), figure(s.lowest()), figure(s.most()))
}

// ratio formats a quotient.
func ratio(a, b float64) string {
	if a == 0 || b == 0 {
		return "–"
	}
	return figure(a/b) + " ×"
}

// counts formats the requests by service, and the polls among them.
func (t traffic) counts() string {
	if t.total() == 0 {
		return "0"
	}
	text := fmt.Sprint(t.total())
	if t.Polls > 0 {
		text += fmt.Sprintf(", %d of them polls", t.Polls)
	}
	return text
}

// ofContender returns the measurements of a contender, by method.
func (v *view) ofContender(name string) map[string]method {
	found := map[string]method{}
	for _, m := range v.Methods {
		if m.Contender == name {
			found[m.Name] = m
		}
	}
	return found
}

// methodNames are the methods in the order of the lifecycle.
func (v *view) methodNames() []string {
	var names []string
	for _, m := range v.Methods {
		if !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

// MethodTimes is the table of the times of methods.
func (v *view) MethodTimes() string {
	header := []string{"method"}
	simulated := slices.ContainsFunc(v.Methods, func(m method) bool { return m.Minimum > 0 })
	if simulated {
		header = append(header, "least")
	}
	header = append(header, v.Contenders...)
	if simulated {
		header = append(header, "warm ÷ least")
	}
	for _, other := range v.Contenders[1:] {
		header = append(header, other+" ÷ warm")
	}
	t := newTable(1, header...)
	for _, name := range v.methodNames() {
		warm := v.ofContender(warmName)[name]
		cells := []string{name}
		if simulated {
			cells = append(cells, figure(warm.Minimum))
		}
		for _, of := range v.Contenders {
			cells = append(cells, v.ofContender(of)[name].Wall.spread())
		}
		if simulated {
			cells = append(cells, ratio(warm.Wall.median(), warm.Minimum))
		}
		for _, other := range v.Contenders[1:] {
			cells = append(cells, ratio(v.ofContender(other)[name].Wall.median(), warm.Wall.median()))
		}
		t.row(cells...)
	}
	return t.String()
}

// MethodCosts is the table of the requests and memory of methods.
func (v *view) MethodCosts() string {
	header := []string{"method"}
	for _, of := range v.Contenders {
		header = append(header, of+": requests", "tokens", "KiB", "peak MiB")
	}
	t := newTable(1, header...)
	for _, name := range v.methodNames() {
		cells := []string{name}
		for _, of := range v.Contenders {
			m := v.ofContender(of)[name]
			if len(m.Wall) == 0 {
				cells = append(cells, "–", "–", "–", "–")
				continue
			}
			cells = append(cells, m.counts(), fmt.Sprint(m.Tokens), figure(float64(m.Bytes)/1024), figure(m.PeakMiB.most()))
		}
		t.row(cells...)
	}
	return t.String()
}

// Missing lists the methods that failed, each with its error.
func (v *view) Missing() []string {
	var missing []string
	for _, m := range v.Methods {
		if m.Error != "" {
			missing = append(missing, strings.ReplaceAll(fmt.Sprintf("%s: %s", m.Contender, m.Error), "|", `\|`))
		}
	}
	return missing
}

// BootTable is the table of boots.
func (v *view) BootTable() string {
	t := newTable(1, "CPI", "boot", "create_vm", "polls", "least", "beyond the least", "÷ least")
	for _, b := range v.Boots {
		t.row(b.Contender, figure(b.Boot), b.Wall.spread(), b.Polls.spread(), figure(b.Minimum), figure(b.Wall.median()-b.Minimum), ratio(b.Wall.median(), b.Minimum))
	}
	return t.String()
}

// name returns the title of a deployment.
func (d *deployment) name() string {
	name := fmt.Sprintf("%d @ %d", d.VMs, d.Processes)
	if d.Scale != 1 {
		name += fmt.Sprintf(", × %g", d.Scale)
	}
	return name
}

// DeploymentTable is the table of deployments.
func (v *view) DeploymentTable() string {
	t := newTable(2, "VMs @ processes", "CPI", "s", "least s", "÷ least", "create_vm s", "requests/s", "requests per VM", "polls per VM", "tokens", "CPU s", "peak MiB", "deletion s", "failed VMs")
	for _, d := range v.Deployments {
		each := func(count int) string { return figure(float64(count) / float64(d.VMs)) }
		t.row(d.name(), d.Contender, figure(d.Wall), figure(d.Minimum), ratio(d.Wall, d.Minimum), d.CreateVM.spread(), figure(float64(d.total())/d.Wall),
			each(d.total()), each(d.Polls), fmt.Sprint(d.Tokens), figure(d.CPU), figure(d.PeakMiB.most()), figure(d.Deletion), fmt.Sprint(d.Failed))
	}
	return t.String()
}

// grown is a method in the smallest and in the largest project.
type grown struct{ small, large growth }

// grows reports whether requests or bytes depend on the size of the project.
func (g grown) grows() bool {
	const tolerance = 1.1
	return g.small.total() != g.large.total() || float64(g.large.Bytes) > tolerance*float64(g.small.Bytes)
}

// grown returns the methods that all projects have.
func (v *view) grown() []grown {
	var all []grown
	for _, small := range v.Growth {
		if small.Objects != v.Growth[0].Objects || small.Error != "" {
			continue
		}
		pair := grown{small: small}
		for _, large := range v.Growth {
			if large.Name == small.Name && large.Contender == small.Contender && large.Objects > pair.large.Objects {
				pair.large = large
			}
		}
		all = append(all, pair)
	}
	return all
}

// GrowthTable is the table of the methods that depend on the size of the project.
func (v *view) GrowthTable() string {
	t := newTable(2, "method", "CPI", "objects", "requests", "KiB", "ms")
	for _, g := range v.grown() {
		if !g.grows() {
			continue
		}
		for _, m := range v.Growth {
			if m.Name == g.small.Name && m.Contender == g.small.Contender {
				t.row(m.Name, m.Contender, fmt.Sprint(m.Objects), fmt.Sprint(m.total()), figure(float64(m.Bytes)/1024), samplesInMS(m.Wall).spread())
			}
		}
	}
	return t.String()
}

func samplesInMS(s samples) samples {
	var ms samples
	for _, value := range s {
		ms = append(ms, 1000*value)
	}
	return ms
}

// GrowthRest describes the methods that do not depend on the size.
func (v *view) GrowthRest() string {
	count, widest, slowest := 0, 0.0, 0.0
	name := ""
	for _, g := range v.grown() {
		if g.grows() {
			continue
		}
		count++
		if g.small.Bytes > 0 {
			widest = max(widest, 100*(float64(g.large.Bytes)/float64(g.small.Bytes)-1))
		}
		if more := 1000 * (g.large.Wall.median() - g.small.Wall.median()); more >= slowest {
			slowest, name = more, g.small.Name+" "+g.small.Contender
		}
	}
	return fmt.Sprintf("The other %d rows have the same requests in the smallest and in the largest project, at most %s %%\n"+
		"more bytes, and take at most %s ms more (%s).", count, figure(widest), figure(slowest), cmp.Or(name, "none"))
}

// StemcellTable is the table of stemcells.
func (v *view) StemcellTable() string {
	t := newTable(2, "image MiB", "program", "s", "MiB/s", "slower of tar and curl ÷ it", "CPU s", "peak MiB")
	for _, s := range v.Stemcells {
		if len(s.Wall) == 0 {
			continue // the program failed
		}
		slower := 0.0
		for _, other := range v.Stemcells {
			if other.MiB == s.MiB && !slices.Contains(v.Contenders, other.Program) {
				slower = max(slower, other.Wall.median())
			}
		}
		share := "–"
		if slices.Contains(v.Contenders, s.Program) {
			share = fmt.Sprintf("%.0f %%", 100*slower/s.Wall.median())
		}
		program := s.Program
		if program == warmName {
			program = "create_stemcell"
		}
		t.row(fmt.Sprint(s.MiB), program, s.Wall.spread(), figure(float64(s.MiB)/s.Wall.median()), share, s.CPU.spread(), figure(s.PeakMiB.most()))
	}
	return t.String()
}
