package day

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// names are the values of the names in the recordings: what the cloud has from the
// beginning, and what calls have returned. It is safe for concurrent use.
type names struct {
	mutex  sync.Mutex
	values map[string]any
}

// reference matches a name in JSON.
var reference = regexp.MustCompile(`"\$[^"]+"`)

// set gives a value to a name.
func (n *names) set(name string, value any) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.values[name] = value
}

// text returns the value of a name as a string, or "".
func (n *names) text(name string) string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	text, _ := n.values[name].(string)
	return text
}

// object returns the value of a name as an object, or nil.
func (n *names) object(name string) map[string]any {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	object, _ := n.values[name].(map[string]any)
	return object
}

// rename replaces a value, of whatever names, by another one.
func (n *names) rename(old, replacement string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for name, value := range n.values {
		if text, _ := value.(string); text == old {
			n.values[name] = replacement
		}
	}
}

// value returns the value of a name. Agents are unique to the director.
func (n *names) value(name string) (any, bool) {
	if strings.HasPrefix(name, "$agent-") {
		return fmt.Sprintf("%s-of-%s", name[1:], n.values["$director"]), true
	}
	value, known := n.values[name]
	return value, known
}

// resolve replaces the names in a document by their values. The order of keys is
// kept: that of networks is the order of a VM's interfaces.
func (n *names) resolve(document json.RawMessage) (json.RawMessage, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	var failure error
	resolved := reference.ReplaceAllFunc(document, func(quoted []byte) []byte {
		name := string(quoted[1 : len(quoted)-1])
		value, known := n.value(name)
		if !known {
			failure = fmt.Errorf("no call has returned %s", name)
			return quoted
		}
		text, err := json.Marshal(value)
		if err != nil {
			failure = err
			return quoted
		}
		return text
	})
	return resolved, failure
}

// setResult gives the parts of a result to its name: an object's values are
// NAME.KEY. Of the lists that create_vm and create_network return, the first value
// is the CID, and the third one the properties.
func (n *names) setResult(name string, result json.RawMessage) error {
	var value any
	if err := json.Unmarshal(result, &value); err != nil {
		return err
	}
	switch value := value.(type) {
	case map[string]any:
		for key, part := range value {
			n.set(name+"."+key, part)
		}
	case []any:
		n.set(name, value[0])
		if len(value) > 2 {
			n.set(name+".properties", value[2])
		}
	default:
		n.set(name, value)
	}
	return nil
}

// missing returns the names of a chapter that neither the cloud nor a result of the
// chapter has.
func (n *names) missing(chapter Chapter) []string {
	results := map[string]bool{}
	for _, operation := range chapter.Operations {
		for _, step := range operation.Steps {
			results[step.Result] = true
		}
	}
	found := map[string]bool{}
	for _, operation := range chapter.Operations {
		for _, step := range operation.Steps {
			for _, name := range step.names() {
				_, known := n.value(name)
				if !known && !results[partOf.ReplaceAllString(name, "")] {
					found[name] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// names returns the names that a step uses.
func (s Step) names() (found []string) {
	if s.CPI != "" {
		found = append(found, s.CPI)
	}
	for _, argument := range s.Arguments {
		for _, quoted := range reference.FindAll(argument, -1) {
			found = append(found, string(quoted[1:len(quoted)-1]))
		}
	}
	return found
}

// partOf matches the part of a result in a name.
var partOf = regexp.MustCompile(`\.[a-z_]+$`)
