package orphans

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is the result of a search, and of a deletion if there was one.
type Report struct {
	Objects []Judged
	Failed  []ListError
	// Deleted are the outcomes of deletions by the id of the object: nil, or why
	// it still exists.
	Deleted map[string]error
}

// Count returns the number of objects with a verdict.
func (r Report) Count(verdict Verdict) int {
	count := 0
	for _, j := range r.Objects {
		if j.Verdict == verdict {
			count++
		}
	}
	return count
}

// schemaVersion changes when a field of the JSON document is removed or gets
// another meaning.
const schemaVersion = 1

// JSON writes all marked objects as one document. docs/orphans.md describes it.
func (r Report) JSON(out io.Writer) error {
	document := document{Version: schemaVersion, Objects: []entry{}, Errors: []listFailure{}}
	for _, j := range r.Objects {
		e := entry{
			Kind: j.Kind, ID: j.ID, Name: j.Name, State: j.State, AgeSeconds: int64(j.Age / time.Second),
			Director: j.Owner.DirectorUUID, Deployment: j.Owner.Deployment, AgentID: j.Owner.AgentID,
			Server: j.Server, Pool: j.Pool, Port: j.Port, Verdict: j.Verdict, Reason: j.Reason,
		}
		if !j.Created.IsZero() {
			e.CreatedAt = j.Created.UTC().Format(time.RFC3339)
		}
		if err, tried := r.Deleted[j.ID]; tried {
			e.Deleted = err == nil
			if err != nil {
				e.Error = err.Error()
			}
		}
		document.Objects = append(document.Objects, e)
	}
	for _, failed := range r.Failed {
		document.Errors = append(document.Errors, listFailure{failed.Kinds, failed.Err.Error()})
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

type document struct {
	Version int           `json:"version"`
	Objects []entry       `json:"objects"`
	Errors  []listFailure `json:"errors"`
}

type entry struct {
	Kind       Kind    `json:"kind"`
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	State      string  `json:"state"`
	CreatedAt  string  `json:"created_at,omitempty"`
	AgeSeconds int64   `json:"age_seconds"`
	Director   string  `json:"director"`
	Deployment string  `json:"deployment"`
	AgentID    string  `json:"agent_id"`
	Server     string  `json:"server,omitempty"`
	Pool       string  `json:"pool,omitempty"`
	Port       string  `json:"port,omitempty"`
	Verdict    Verdict `json:"verdict"`
	Reason     string  `json:"reason"`
	Deleted    bool    `json:"deleted"`
	Error      string  `json:"error,omitempty"`
}

type listFailure struct {
	Kinds []Kind `json:"kinds"`
	Error string `json:"error"`
}

// Table writes the orphans and the guarded objects for people, and a summary of
// all.
func (r Report) Table(out io.Writer) error {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(cells ...string) {
		for i, cell := range cells {
			if cell == "" {
				cells[i] = "-"
			}
		}
		fmt.Fprintln(columns, strings.Join(cells, "\t")) //nolint:errcheck // Flush returns the error
	}
	if r.Count(Orphan)+r.Count(Guarded) > 0 {
		line("  KIND", "ID", "NAME", "AGE", "STATE", "DIRECTOR", "DEPLOYMENT", "REASON")
	}
	for _, j := range r.Objects {
		sign := "  "
		switch j.Verdict {
		case Orphan:
		case Guarded:
			sign = "! "
		default:
			continue
		}
		line(sign+string(j.Kind), j.ID, j.Name, age(j), j.State, j.Owner.DirectorUUID, j.Owner.Deployment, j.Reason)
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, r.summary())
	return err
}

// summary says how many objects there are of each verdict, and what is missing
// to judge the rest.
func (r Report) summary() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s, %d guarded; %d other marked objects: %d known, %d young, %d of other directors, %d undecided\n",
		counted(r.Count(Orphan), "orphan"), r.Count(Guarded), len(r.Objects)-r.Count(Orphan)-r.Count(Guarded),
		r.Count(KnownObject), r.Count(Young), r.Count(Foreign), r.Count(Undecided))
	if r.Count(Guarded) > 0 {
		text.WriteString("!: BOSH has used the object, so that a list may be missing; it is deleted only with -include-announced\n")
	}
	for _, reason := range r.undecided() {
		text.WriteString("undecided: " + reason + "\n")
	}
	return text.String()
}

// undecided returns why objects are undecided, one line for each kind and
// reason.
func (r Report) undecided() (lines []string) {
	counts, order := map[string]int{}, []string{}
	for _, j := range r.Objects {
		if j.Verdict != Undecided {
			continue
		}
		key := string(j.Kind) + "\x00" + j.Reason
		if counts[key] == 0 {
			order = append(order, key)
		}
		counts[key]++
	}
	for _, key := range order {
		kind, reason, _ := strings.Cut(key, "\x00")
		lines = append(lines, counted(counts[key], kind)+": "+reason)
	}
	return lines
}

// Errors returns one line for each failed list.
func (r Report) Errors() []string {
	lines := make([]string, 0, len(r.Failed))
	for _, failed := range r.Failed {
		lines = append(lines, fmt.Sprintf("the list of %s failed: %s", plurals(failed.Kinds), failed.Err))
	}
	return lines
}

func plurals(kinds []Kind) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = string(kind) + "s"
	}
	return strings.Join(slices.Compact(words), " and ")
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// age formats the age of an object with its two largest units.
func age(j Judged) string {
	const day = 24 * time.Hour
	switch d := j.Age; {
	case j.Created.IsZero():
		return ""
	case d >= day:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	default:
		return d.Truncate(time.Second).String()
	}
}
