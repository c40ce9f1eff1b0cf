package orphans

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Known are the CIDs that directors know, read from lists that they or the bosh
// command line made.
type Known struct {
	lists []list
}

// list is one document with CIDs.
type list struct {
	file string
	cids map[string]bool
	// complete are the parts of a director's knowledge that the list contains
	// completely. It is nil for a plain list, which does not say what it is about.
	complete []part
	// director is the UUID of the director that the list belongs to, "" if the
	// document does not say.
	director string
}

// part is a part of what a director knows.
type part string

// The parts of a director's knowledge. Which disks it knows is in two of them.
const (
	vms           part = "VMs"
	disksInUse    part = "disks in use"
	disksOrphaned part = "orphaned disks"
	stemcells     part = "stemcells"
	snapshots     part = "snapshots"
)

// partsOf returns what has to be known completely before an object of the kind
// can be said to be unknown, nil for kinds that belong to other objects.
func partsOf(kind Kind) []part {
	switch kind {
	case Server:
		return []part{vms}
	case Volume:
		return []part{disksInUse, disksOrphaned}
	case Image:
		return []part{stemcells}
	case Snapshot:
		return []part{snapshots}
	default:
		return nil
	}
}

// Add reads a document: the output of the bosh command line with --json, the
// state file of bosh create-env, or CIDs one per line. Any other format is an
// error that names the file.
func (k *Known) Add(file string, document []byte) error {
	parsed, err := parse(document)
	if err != nil {
		return fmt.Errorf("known CIDs in %s: %w", file, err)
	}
	parsed.file = file
	k.lists = append(k.lists, parsed)
	return nil
}

// Empty reports whether no document was added.
func (k *Known) Empty() bool { return len(k.lists) == 0 }

// has reports whether a list contains the CID.
func (k *Known) has(cid string) bool {
	return slices.ContainsFunc(k.lists, func(l list) bool { return l.cids[cid] })
}

// missing returns the parts that no list has, of what has to be known about
// objects of the kind and of the director.
func (k *Known) missing(kind Kind, director string, found []Object) []part {
	return slices.DeleteFunc(partsOf(kind), func(p part) bool {
		return slices.ContainsFunc(k.lists, func(l list) bool {
			return (l.director == "" || l.director == director) && (slices.Contains(l.complete, p) || l.isAbout(kind, found))
		})
	})
}

// isAbout reports whether a plain list names an object of the kind. Only then it
// is a list of such objects.
func (l list) isAbout(kind Kind, found []Object) bool {
	return l.complete == nil && slices.ContainsFunc(found, func(o Object) bool { return o.Kind == kind && l.cids[o.ID] })
}

// Directors returns the directors that the lists belong to: those that a state
// file names, and the owners of the objects whose CIDs are in the lists.
func (k *Known) Directors(found []Object) map[string]bool {
	all := map[string]bool{}
	for _, l := range k.lists {
		if l.director != "" {
			all[l.director] = true
		}
	}
	for _, object := range found {
		if k.has(object.ID) && object.Owner.DirectorUUID != "" {
			all[object.Owner.DirectorUUID] = true
		}
	}
	return all
}

// parse reads a document in any of the formats.
func parse(document []byte) (list, error) {
	text := bytes.TrimSpace(document)
	if len(text) == 0 {
		return list{}, errors.New("the file is empty")
	}
	if text[0] != '{' {
		return parsePlain(string(text))
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return list{}, err
	}
	switch {
	case fields["Tables"] != nil:
		return parseTables(text)
	case fields["director_id"] != nil && fields["installation_id"] != nil:
		return parseState(text)
	}
	return list{}, fmt.Errorf("unknown format: neither the output of `bosh … --json` nor a state file of `bosh create-env`, but an object with the keys %s",
		strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
}

// parsePlain reads one CID per line. Empty lines and lines that begin with # are
// ignored.
func parsePlain(text string) (list, error) {
	parsed := list{cids: map[string]bool{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cid := withoutLight(line)
		if strings.ContainsAny(cid, " \t,;:\"'[]") {
			return list{}, fmt.Errorf("unknown format: line %d is not a CID: %.60q", number, line)
		}
		parsed.cids[cid] = true
	}
	return parsed, nil
}

// withoutLight returns the CID without the suffix of a light stemcell.
func withoutLight(cid string) string { return strings.TrimSuffix(cid, " light") }

// parseState reads the state file of bosh create-env. It contains everything
// that this director's UUID owns, except snapshots, which create-env does not
// take.
func parseState(document []byte) (list, error) {
	var state struct {
		DirectorID string `json:"director_id"`
		VM         string `json:"current_vm_cid"`
		Disks      []struct {
			CID string `json:"cid"`
		} `json:"disks"`
		Stemcells []struct {
			CID string `json:"cid"`
		} `json:"stemcells"`
	}
	if err := json.Unmarshal(document, &state); err != nil {
		return list{}, err
	}
	if state.DirectorID == "" {
		return list{}, errors.New("the state file has no director_id")
	}
	parsed := list{cids: map[string]bool{}, director: state.DirectorID, complete: []part{vms, disksInUse, disksOrphaned, stemcells, snapshots}}
	parsed.add(state.VM)
	for _, disk := range state.Disks {
		parsed.add(disk.CID)
	}
	for _, stemcell := range state.Stemcells {
		parsed.add(stemcell.CID)
	}
	return parsed, nil
}

func (l list) add(cid string) {
	if cid = withoutLight(strings.TrimSpace(cid)); cid != "" {
		l.cids[cid] = true
	}
}

// table is a table in the output of the bosh command line with --json.
type table struct {
	Content string
	Header  map[string]string
	Rows    []map[string]string
}

// parseTables reads the output of a bosh command with --json. It has one table
// for each deployment, or one for all.
func parseTables(document []byte) (list, error) {
	var output struct{ Tables []table }
	if err := json.Unmarshal(document, &output); err != nil {
		return list{}, err
	}
	if len(output.Tables) == 0 {
		return list{}, errors.New("the output of bosh has no table; if there are no deployments, leave it out")
	}
	parsed := list{cids: map[string]bool{}, complete: []part{}}
	for _, t := range output.Tables {
		if err := t.read(&parsed); err != nil {
			return list{}, err
		}
	}
	return parsed, nil
}

// read adds the CIDs of the table to the list. Cells with several CIDs have one
// per line.
func (t table) read(into *list) error {
	columns, complete := t.columns()
	if columns == nil {
		return fmt.Errorf("unknown format: the table %q of bosh has no CIDs that can be used", t.Content)
	}
	for _, column := range columns {
		if _, ok := t.Header[column]; !ok {
			return fmt.Errorf("the table %q of bosh has no column %q: add --details, leave out --column", t.Content, column)
		}
		for _, row := range t.Rows {
			for cid := range strings.Lines(row[column]) {
				into.add(cid)
			}
		}
	}
	into.complete = append(into.complete, complete...)
	return nil
}

// columns returns the columns with CIDs of a table, and what it is a complete
// list of. The names are those of bosh: cmd/{vms,instances,disks,…}.go and
// KeyifyHeader in ui/table/headers.go.
func (t table) columns() (names []string, complete []part) {
	switch t.Content {
	case "vms":
		return []string{"vm_cid"}, []part{vms}
	case "orphaned_vms":
		return []string{"vm_cid"}, nil
	case "instances":
		return []string{"vm_cid", "disk_cids"}, []part{vms, disksInUse}
	case "disks":
		return []string{"disk_cid"}, []part{disksOrphaned}
	case "stemcells":
		return []string{"cid"}, []part{stemcells}
	case "snapshots":
		return []string{"cid"}, []part{snapshots}
	}
	return nil, nil
}
