package docs_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// errorsPage lists the errors by symptom. Its tables with the heading "error"
// have the texts of the code in their first column, with … for what varies, and
// those with the heading "message of the cloud" the texts of the services.
const errorsPage = "docs/errors.md"

// Every error text of the code is explained, and every explained text is in the
// code.
func TestErrors(t *testing.T) {
	t.Parallel()
	code, page := errorTexts(t), listed(t, "error")
	for _, text := range slices.Sorted(maps.Keys(code)) {
		found := code[text]
		listed, explained := page[text]
		if !explained {
			t.Errorf("%s has a text that %s does not explain. Add to the table of its symptom:\n| %s | %s | CAUSE | WHAT TO DO |",
				found.place, errorsPage, codeSpan(text), cmp.Or(strings.Join(found.kinds, ", "), "KIND"))
			continue
		}
		for _, kind := range found.kinds {
			assert.Contains(t, strings.Split(listed, ", "), kind, "%s: the second column of %s, see %s", errorsPage, codeSpan(text), found.place)
		}
	}
	for text := range page {
		if _, found := code[text]; !found {
			t.Errorf("%s explains a text that is not in the code any more. Correct or remove the line that begins with\n| %s", errorsPage, codeSpan(text))
		}
	}
}

// The services' messages that are explained are those of the simulator, which
// quotes OpenStack's source.
func TestMessagesOfTheCloud(t *testing.T) {
	t.Parallel()
	reader, said := textReader{}, map[string]bool{}
	for _, file := range parsed(t, func(name string) bool { return strings.HasPrefix(name, "src/simulator/") }) {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.BasicLit, *ast.BinaryExpr:
				said[verb.ReplaceAllString(reader.value(node.(ast.Expr)), "…")] = true
			}
			return true
		})
	}
	simulator := strings.Join(slices.Collect(maps.Keys(said)), "\n")
	for message := range listed(t, "message of the cloud") {
		for part := range strings.SplitSeq(message, "…") {
			if !strings.Contains(simulator, strings.TrimSpace(part)) {
				t.Errorf("%s: no service of the simulator says %q of %q", errorsPage, part, message)
			}
		}
	}
}

// cell matches the code in the first column of a table, and the second column.
var cell = regexp.MustCompile("^\\| (`+)(.+?)(?:`+) \\| ([^|]*) \\|")

// listed returns the texts in the first column of the page's tables with the
// heading, with the second column.
func listed(t *testing.T, title string) map[string]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, errorsPage))
	require.NoError(t, err)
	texts, wanted := map[string]string{}, false
	for line := range strings.Lines(string(content)) {
		if !strings.HasPrefix(line, "|") {
			wanted = false
			continue
		}
		if strings.HasPrefix(line, "| "+title+" |") {
			wanted = true
		}
		if match := cell.FindStringSubmatch(line); wanted && match != nil {
			text := strings.Trim(strings.ReplaceAll(match[2], `\|`, "|"), varying)
			if _, twice := texts[text]; twice {
				t.Errorf("%s has two lines for %s", errorsPage, codeSpan(text))
			}
			texts[text] = match[3]
		}
	}
	require.NotEmpty(t, texts)
	return texts
}

// codeSpan returns the text as code in a table.
func codeSpan(text string) string {
	text = strings.ReplaceAll(text, "|", `\|`)
	switch {
	case strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`"):
		return "`` " + text + " ``"
	case strings.Contains(text, "`"):
		return "``" + text + "``"
	}
	return "`" + text + "`"
}

// errorText is a text of the code.
type errorText struct {
	place string   // file and line
	kinds []string // kinds of the errors that begin with it, where the code names them beside the text
}

// errorTexts returns the texts of all errors of the product, and of the hints
// that it adds to the errors of OpenStack.
func errorTexts(t *testing.T) map[string]errorText {
	t.Helper()
	sources := parsed(t, func(name string) bool {
		return strings.HasPrefix(name, "src/") && !strings.HasPrefix(name, "src/vendor/") && !strings.HasPrefix(name, "src/simulator/") &&
			!strings.HasPrefix(name, "src/cmd/openstack_simulator/") && !strings.HasPrefix(name, "src/telemetry/") && !strings.Contains(name, "/internal/")
	})
	reader := textReader{constants: constants(sources), texts: map[string]errorText{}}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		reader.name, reader.pkg = name, path.Base(path.Dir(name))
		for _, declaration := range sources[name].Decls {
			reader.read(declaration)
		}
	}
	return reader.texts
}

// positions are those of all parsed files.
var positions = token.NewFileSet()

// parsed returns the Go files that are no tests.
func parsed(t *testing.T, wanted func(name string) bool) map[string]*ast.File {
	t.Helper()
	sources := map[string]*ast.File{}
	for _, name := range files(t) {
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || !wanted(name) {
			continue
		}
		file, err := parser.ParseFile(positions, filepath.Join(root, name), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		sources[name] = file
	}
	require.NotEmpty(t, sources)
	return sources
}

// constants returns the constant strings by package and name.
func constants(sources map[string]*ast.File) map[string]ast.Expr {
	all := map[string]ast.Expr{}
	for name, file := range sources {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok && len(spec.Names) == len(spec.Values) {
				for i, constant := range spec.Names {
					all[path.Base(path.Dir(name))+"."+constant.Name] = spec.Values[i]
				}
			}
			return true
		})
	}
	return all
}

// textReader collects the texts of declarations.
type textReader struct {
	constants map[string]ast.Expr
	texts     map[string]errorText
	name, pkg string // of the current file
}

// read collects the texts of a declaration: the formats of the functions that
// make errors, the texts of Error methods, and those of hints and classes.
func (r *textReader) read(declaration ast.Decl) {
	inText, inHints := false, false
	if function, ok := declaration.(*ast.FuncDecl); ok {
		inText = slices.Contains([]string{"Error", "keep", "problem"}, function.Name.Name)
		inHints = strings.HasSuffix(strings.ToLower(function.Name.Name), "hint") || function.Name.Name == "HintFor"
	}
	ast.Inspect(declaration, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			r.call(node, inText)
		case *ast.CompositeLit:
			r.literal(node)
		case *ast.AssignStmt:
			r.assignment(node)
		case *ast.ReturnStmt:
			if (inText || inHints) && len(node.Results) == 1 {
				r.add(node.Results[0])
			}
		case *ast.ValueSpec:
			if strings.HasSuffix(node.Names[0].Name, "Class") {
				r.add(node.Values[0])
			}
		}
		return true
	})
}

// call collects the text that a call makes an error of.
func (r *textReader) call(call *ast.CallExpr, inText bool) {
	name, args := r.function(call.Fun), call.Args
	switch name {
	case "bosh.Errorf":
		r.add(args[1], kind(args[0]))
	case "bosh.Retryable":
		r.add(args[1], kind(args[0]), "retried")
	case "cpi.notFound":
		r.add(args[2], kind(args[1]))
	case "rpc.invalid":
		r.add(args[0], "CpiError")
	case "openstack_cpi.misuse":
		r.add(args[0], "stderr")
	case "fmt.Errorf", "errors.New":
		r.add(args[0])
	case "fmt.Fprintf":
		// Formats that begin with a space or a comma continue a text.
		if text := r.value(args[1]); inText && !strings.ContainsAny(text[:1], " ,") {
			r.add(args[1])
		}
	case "fmt.Sprintf":
		if inText {
			r.add(args[0])
		}
	case "fmt.Fprintln":
		if len(args) > 1 && strings.HasPrefix(r.value(args[1]), "openstack_cpi: ") {
			r.add(args[1], "stderr")
		}
	default:
		r.method(call)
	}
}

// method collects the text that a call of a method reports.
func (r *textReader) method(call *ast.CallExpr) {
	called, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	switch args := call.Args; called.Sel.Name {
	case "problem", "warn":
		if len(args) > 1 {
			r.add(args[1], map[string]string{"problem": "CpiError", "warn": "warning"}[called.Sel.Name])
		}
	case "keep":
		r.add(args[0])
	case "warnUnknownAs":
		r.add(args[0], "warning")
	case "Error": // of a logger
		r.add(args[0], "log")
	case "ErrorContext":
		r.add(args[1], "log")
	}
}

// function returns the name of a called function or of a type, with that of its package or
// variable.
func (r *textReader) function(called ast.Expr) string {
	switch called := called.(type) {
	case *ast.Ident:
		return r.pkg + "." + called.Name
	case *ast.SelectorExpr:
		if x, ok := called.X.(*ast.Ident); ok {
			return x.Name + "." + called.Sel.Name
		}
	}
	return ""
}

// kind returns the name of an error's type, as the contract has it.
func kind(expression ast.Expr) string {
	selector, ok := expression.(*ast.SelectorExpr)
	switch {
	case !ok:
		return ""
	case selector.Sel.Name == "CPIError":
		return "CpiError"
	}
	return selector.Sel.Name
}

// literal collects the texts in the fields of errors and of known messages.
func (r *textReader) literal(literal *ast.CompositeLit) {
	switch r.function(literal.Type) {
	case "openstack.unusableError", "openstack.timeoutError":
		r.add(first(literal))
	case "openstack.MissingError":
		r.addText(r.value(first(literal))+" `…' not found", literal.Pos())
	}
	for _, element := range literal.Elts {
		switch element := element.(type) {
		case *ast.KeyValueExpr:
			r.field(element)
		case *ast.CompositeLit:
			if array, ok := literal.Type.(*ast.ArrayType); ok && array.Len == nil && r.function(array.Elt) == "openstack.messageHint" {
				r.add(element.Elts[1])
			}
		}
	}
}

// first returns the first value of a struct.
func first(literal *ast.CompositeLit) ast.Expr {
	if field, ok := literal.Elts[0].(*ast.KeyValueExpr); ok {
		return field.Value
	}
	return literal.Elts[0]
}

// field collects a text in a field whose name says that it has one.
func (r *textReader) field(field *ast.KeyValueExpr) {
	key, _ := field.Key.(*ast.Ident)
	if key == nil {
		return
	}
	switch key.Name {
	case "Class", "Hint":
		r.add(field.Value)
	case "Problems":
		if list, ok := field.Value.(*ast.CompositeLit); ok {
			for _, problem := range list.Elts {
				r.add(problem, "CpiError")
			}
		}
	}
}

// assignment collects a class or hint that is assigned.
func (r *textReader) assignment(assignment *ast.AssignStmt) {
	for i, to := range assignment.Lhs {
		field, ok := to.(*ast.SelectorExpr)
		if ok && len(assignment.Lhs) == len(assignment.Rhs) && (field.Sel.Name == "Class" || field.Sel.Name == "Hint") {
			r.add(assignment.Rhs[i])
		}
	}
}

// varying are the characters at the ends of a text that do not count.
const varying = "…:;, "

var (
	verb    = regexp.MustCompile(`%[-+# 0]*\d*(?:\.\d+)?[a-zA-Z]`)
	letters = regexp.MustCompile(`\pL{3}`)
	blanks  = regexp.MustCompile(`\s+`)
)

// add adds the text of an expression.
func (r *textReader) add(expression ast.Expr, kinds ...string) {
	r.addText(r.value(expression), expression.Pos(), kinds...)
}

// addText adds a text, without what varies at its ends. Texts without words,
// such as those that only wrap another error, do not count.
func (r *textReader) addText(text string, place token.Pos, kinds ...string) {
	text = blanks.ReplaceAllString(verb.ReplaceAllString(text, "…"), " ")
	text = strings.Trim(strings.ReplaceAll(text, "%%", "%"), varying)
	if !letters.MatchString(text) {
		return
	}
	known := r.texts[text]
	known.place = r.name + ":" + strconv.Itoa(positions.Position(place).Line)
	known.kinds = slices.DeleteFunc(append(known.kinds, kinds...), func(kind string) bool { return kind == "" })
	slices.Sort(known.kinds)
	known.kinds = slices.Compact(known.kinds)
	r.texts[text] = known
}

// value returns the text of an expression, with … for what is not constant.
func (r *textReader) value(expression ast.Expr) string {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return r.value(e.X) + r.value(e.Y)
	case *ast.Ident, *ast.SelectorExpr:
		if constant, ok := r.constants[r.function(e)]; ok {
			return r.value(constant)
		}
	case *ast.CallExpr:
		if r.function(e.Fun) == "fmt.Sprintf" {
			return r.value(e.Args[0])
		}
	}
	return "…"
}
