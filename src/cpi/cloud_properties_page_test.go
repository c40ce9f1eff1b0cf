package cpi

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

const cloudPropertiesFile = "../../docs/cloud-properties.md"

// docs/cloud-properties.md is generated from the types of the cloud_properties:
// their keys from the tags, their meaning from the comments, and the errors from
// the lines of docs/errors.md that name a key.
func TestCloudPropertiesAreDocumented(t *testing.T) {
	t.Parallel()
	page := cloudPropertiesPage{T: t, comments: commentsOfFields(t, ".", "../bosh"), errors: errorLines(t)}
	page.text.WriteString(`# Cloud properties

Every key of the ` + "`cloud_properties`" + ` in a cloud config, a stemcell and a manifest of create-env. This
file is generated from the types in the code by
` + "`go test ./src/cpi -run TestCloudPropertiesAreDocumented -update`" + `.

An unknown key, or one that has no effect, is a warning in the log of the task and at the end of the
error of a call that fails, with "did you mean" if a known key is similar. With
` + "`openstack.strict_cloud_properties: true`" + ` it is an error before anything is created. A value of the
wrong type is an error in any case, which names it: ` + "`cloud_properties.loadbalancer_pools[1].port`" + `. A
key whose value is null counts as absent.

*Since* is what OpenStack needs for a key; where it is empty, every
[supported release](compatibility.md) has it. *Errors* are explained in [errors.md](errors.md).
`)
	page.table("VM types, VM extensions and AZs", "The director merges them: those of a VM type replace those of the AZ, and those of a VM extension\nboth. create-env has them in the `cloud_properties` of the resource pool.", reflect.TypeFor[vmProperties]())
	page.table("Networks", "Of each subnet; a dynamic network without subnets has them itself. Those that VM types have, too,\nare explained in [networking.md](networking.md#properties-of-ports).", reflect.TypeFor[bosh.NetworkProperties]())
	page.table("Managed networks", "In addition to those of networks, without `net_id`. [networking.md](networking.md#managed-networks)\nexplains them.", reflect.TypeFor[managedProperties]())
	page.table("Disk types", "", reflect.TypeFor[diskProperties]())
	page.table("Stemcells", "In the file stemcell.MF. All other keys that begin with `hw_` or `os_` are stored as properties of\nthe image, too.", reflect.TypeFor[stemcellKeys]())
	if *update {
		require.NoError(t, os.WriteFile(cloudPropertiesFile, []byte(page.text.String()), 0o644))
	}
	written, err := os.ReadFile(cloudPropertiesFile)
	require.NoError(t, err)
	assert.Equal(t, string(written), page.text.String(), "run this test with -update and review the difference")
}

// cloudPropertiesPage is the text of docs/cloud-properties.md.
type cloudPropertiesPage struct {
	*testing.T

	text     strings.Builder
	comments map[string]string // by type and field, as in "rootDisk.Size"
	errors   []errorLine
}

func (p *cloudPropertiesPage) table(title, text string, of reflect.Type) {
	fmt.Fprintf(&p.text, "\n## %s\n\n", title)
	if text != "" {
		fmt.Fprintf(&p.text, "%s\n\n", text)
	}
	p.text.WriteString("| key | type | default | meaning | since | errors |\n|---|---|---|---|---|---|\n")
	p.rows("", of, map[string]bool{})
}

// rows writes a line for each key of the struct. A key of an embedded struct that
// the struct has itself is left out, as encoding/json does.
func (p *cloudPropertiesPage) rows(path string, of reflect.Type, keys map[string]bool) {
	for field := range of.Fields() {
		if field.Anonymous {
			if of != reflect.TypeFor[managedProperties]() || field.Type != reflect.TypeFor[bosh.NetworkProperties]() {
				p.rows(path, field.Type, keys)
			}
			continue
		}
		key := path + keyOf(field)
		if keys[key] {
			continue
		}
		keys[key] = true
		about := p.about(of, field)
		fmt.Fprintf(&p.text, "| `%s` | %s | %s | %s | %s | %s |\n", key, typeOf(field.Type), about.standard, about.meaning, about.since, strings.Join(p.errorsOf(key, field.Type), "<br>"))
		switch inner, list := structIn(field.Type); {
		case inner == nil:
		case list:
			p.rows(key+"[].", inner, keys)
		default:
			p.rows(key+".", inner, keys)
		}
	}
}

// structIn returns the struct that a field contains, and whether in a list.
func structIn(of reflect.Type) (inner reflect.Type, list bool) {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if list = of.Kind() == reflect.Slice; list {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || !slices.Contains([]string{reflect.TypeFor[vmProperties]().PkgPath(), reflect.TypeFor[bosh.Subport]().PkgPath()}, of.PkgPath()) {
		return nil, false
	}
	return of, list
}

// typeOf returns the type of a JSON value in the words of the page.
func typeOf(of reflect.Type) string {
	switch of {
	case reflect.TypeFor[addressPairs]():
		return "string or list"
	case reflect.TypeFor[*configDrive]():
		return "boolean, `disk` or `cdrom`"
	case reflect.TypeFor[json.RawMessage]():
		return "any"
	}
	switch of.Kind() {
	case reflect.Pointer:
		return typeOf(of.Elem())
	case reflect.Slice:
		return "list of " + typeOf(of.Elem()) + "s"
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	case reflect.String:
		return "string"
	default:
		return "object"
	}
}

// aboutField is the comment of a field.
type aboutField struct{ meaning, standard, since string }

var (
	standard = regexp.MustCompile(` Default: (.*?)\.( Since: |$)`)
	since    = regexp.MustCompile(` Since: (.*?)\.$`)
)

// about returns the comment of a field, with the keys in the place of Go's names.
func (p *cloudPropertiesPage) about(of reflect.Type, field reflect.StructField) (about aboutField) {
	comment := p.comments[of.Name()+"."+field.Name]
	require.NotEmpty(p, comment, "%s.%s has no comment", of.Name(), field.Name)
	for _, other := range reflect.VisibleFields(of) {
		if key := keyOf(other); key != "" {
			comment = regexp.MustCompile(`\b`+other.Name+`\b( (is|are|says|set|makes)\b)?`).ReplaceAllStringFunc(comment, func(found string) string {
				name, verb, _ := strings.Cut(found, " ")
				if name != field.Name && verb != "" || name == field.Name && !strings.HasPrefix(comment, name) {
					return found
				}
				return strings.TrimSpace("`" + key + "` " + verb)
			})
		}
	}
	comment = regexp.MustCompile(`\bopenstack\.[a-z_]+[a-z]`).ReplaceAllString(comment, "[`$0`](properties.md)")
	comment = strings.ReplaceAll(comment, "|", `\|`)
	if found := standard.FindStringSubmatch(comment); found != nil {
		about.standard = found[1]
	}
	if found := since.FindStringSubmatch(comment); found != nil {
		about.since = found[1]
	}
	about.meaning = standard.ReplaceAllString(since.ReplaceAllString(comment, ""), "")
	return about
}

// commentsOfFields returns the comments of the fields of all structs in the
// directories.
func commentsOfFields(t *testing.T, directories ...string) map[string]string {
	t.Helper()
	comments := map[string]string{}
	for _, directory := range directories {
		files, err := filepath.Glob(filepath.Join(directory, "*.go"))
		require.NoError(t, err)
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(file, func(node ast.Node) bool {
				declared, ok := node.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if structure, ok := declared.Type.(*ast.StructType); ok {
					for _, field := range structure.Fields.List {
						for _, name := range field.Names {
							comments[declared.Name.Name+"."+name.Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
						}
					}
				}
				return true
			})
		}
	}
	return comments
}

// errorLine is a line of a table in docs/errors.md.
type errorLine struct{ text, line string }

func errorLines(t *testing.T) (all []errorLine) {
	t.Helper()
	content, err := os.ReadFile("../../docs/errors.md")
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		if text := regexp.MustCompile("^\\| (`+.+?`+) \\| [A-Z]").FindStringSubmatch(line); text != nil {
			all = append(all, errorLine{text[1], line})
		}
	}
	require.NotEmpty(t, all)
	return all
}

// errorsOf returns the errors that name a key with its path: as
// cloud_properties.key, or in backquotes. In backquotes, a single word can be
// another key.
func (p *cloudPropertiesPage) errorsOf(key string, of reflect.Type) (texts []string) {
	path, prefix := regexp.QuoteMeta(strings.ReplaceAll(key, "[]", "")), "cloud_properties\\."
	if strings.ContainsAny(key, "._") {
		prefix = "(cloud_properties\\.|`)"
	}
	named := regexp.MustCompile(prefix + path + "\\b[^.\\w]")
	for _, line := range p.errors {
		if named.MatchString(line.line) && of != reflect.TypeFor[json.RawMessage]() {
			texts = append(texts, line.text)
		}
	}
	return texts
}
