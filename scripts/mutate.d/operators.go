package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// An operator is a kind of mistake. find adds the places in which a node can
// be mutated so; parent is the node around it.
type operator struct {
	name string
	says string
	find func(f *finder, node, parent ast.Node)
}

func operators() []operator {
	return []operator{
		{"undo", "an undo step is not registered, or the stack is not run", dropUndo},
		{"wait", "a wait is skipped", skipWait},
		{"call", "a call made for its effect is dropped", dropCall},
		{"error", "an error is ignored", ignoreError},
		{"swap", "two values of one type are swapped", swapValues},
		{"field", "a field, a map entry or its assignment is dropped", dropField},
		{"validation", "a check is skipped", skipValidation},
		{"condition", "a condition is inverted", invertCondition},
		{"boundary", "a comparison moves by one", moveBoundary},
		{"case", "a case of a switch does nothing", emptyCase},
		{"cancel", "cleaning up is cancelled with the request", cancelCleanup},
	}
}

func operatorNames() []string {
	var names []string
	for _, o := range operators() {
		names = append(names, o.name)
	}
	return names
}

// mutants returns the mutants of the package that the operators make.
func (p *pkg) mutants(names []string) []*mutant {
	var found []*mutant
	for _, o := range operators() {
		if !slices.Contains(names, o.name) {
			continue
		}
		for name, file := range p.files {
			f := &finder{pkg: p, file: name, syntax: file, operator: o.name}
			ast.PreorderStack(file, nil, func(node ast.Node, above []ast.Node) bool {
				if len(above) > 0 {
					o.find(f, node, above[len(above)-1])
				}
				return true
			})
			found = append(found, f.found...)
		}
	}
	return found
}

// finder collects the mutants of one operator in one file.
type finder struct {
	*pkg

	file     string
	syntax   *ast.File
	operator string
	found    []*mutant
}

// replace adds a mutant that has other text between two positions.
func (f *finder) replace(from, to token.Pos, text string) {
	f.found = append(f.found, &mutant{
		pkg: f.pkg, operator: f.operator, file: f.file, text: text,
		start: f.fset.Position(from).Offset, end: f.fset.Position(to).Offset,
	})
}

func (f *finder) text(n ast.Node) string {
	return string(f.sources[f.file][f.fset.Position(n.Pos()).Offset:f.fset.Position(n.End()).Offset])
}

func (f *finder) typeOf(e ast.Expr) types.Type { return f.info.TypeOf(e) }

// typeName returns the type as this file spells it.
func (f *finder) typeName(t types.Type) string {
	return types.TypeString(t, func(other *types.Package) string {
		if other == f.types {
			return ""
		}
		for _, spec := range f.syntax.Imports {
			if spec.Name != nil && strings.Trim(spec.Path.Value, `"`) == other.Path() {
				return spec.Name.Name
			}
		}
		return other.Name()
	})
}

func isError(t types.Type) bool { return t != nil && types.TypeString(t, nil) == "error" }

func isContext(t types.Type) bool { return t != nil && types.TypeString(t, nil) == "context.Context" }

// skip replaces a call by one that evaluates the same receiver and arguments,
// does nothing and returns zero values, so that no variable becomes unused.
func (f *finder) skip(call *ast.CallExpr) {
	signature, isFunction := f.typeOf(call.Fun).(*types.Signature)
	if !isFunction {
		return
	}
	var results, arguments []string
	for result := range signature.Results().Variables() {
		results = append(results, "_ "+f.typeName(result.Type()))
	}
	if method, isSelector := ast.Unparen(call.Fun).(*ast.SelectorExpr); isSelector && f.info.Types[method.X].IsValue() {
		arguments = append(arguments, f.text(method.X))
	}
	for _, argument := range call.Args {
		arguments = append(arguments, f.text(argument))
	}
	f.replace(call.Pos(), call.End(), fmt.Sprintf("func(...any) (%s) { return }(%s)", strings.Join(results, ", "), strings.Join(arguments, ", ")))
}

// callee returns the name of what is called and the package or type it belongs to.
func (f *finder) callee(call *ast.CallExpr) (owner, name string) {
	switch function := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return "", function.Name
	case *ast.SelectorExpr:
		if id, isIdent := function.X.(*ast.Ident); isIdent {
			if imported, isPackage := f.info.Uses[id].(*types.PkgName); isPackage {
				return imported.Imported().Path(), function.Sel.Name
			}
		}
		return types.TypeString(f.typeOf(function.X), nil), function.Sel.Name
	}
	return "", ""
}

// ofUndo reports whether the call is a method of a stack of undo steps.
func (f *finder) ofUndo(call *ast.CallExpr) bool {
	owner, _ := f.callee(call)
	return strings.Contains(strings.ToLower(owner[strings.LastIndex(owner, ".")+1:]), "undo")
}

func dropUndo(f *finder, node, parent ast.Node) {
	call, isCall := node.(*ast.CallExpr)
	if !isCall || !f.ofUndo(call) {
		return
	}
	switch parent.(type) {
	case *ast.ExprStmt, *ast.DeferStmt:
		f.skip(call)
	}
}

var waits = regexp.MustCompile(`(?i)wait|sleep|settle`)

// isWait reports whether the call waits: by its name or that of its receiver's
// type, and because it takes a context.
func (f *finder) isWait(call *ast.CallExpr) bool {
	owner, name := f.callee(call)
	return f.takesContext(call) && (waits.MatchString(name) || waits.MatchString(owner))
}

func (f *finder) takesContext(call *ast.CallExpr) bool {
	return len(call.Args) > 0 && isContext(f.typeOf(call.Args[0]))
}

func skipWait(f *finder, node, _ ast.Node) {
	if call, isCall := node.(*ast.CallExpr); isCall && f.isWait(call) {
		f.skip(call)
	}
}

// quiet are calls without an effect on the cloud or the answer.
var quiet = regexp.MustCompile(`slog\.|^builtin|^fmt\.F|sync\.|^testing`)

func dropCall(f *finder, node, parent ast.Node) {
	call, isCall := node.(*ast.CallExpr)
	if !isCall || f.ofUndo(call) || f.isWait(call) {
		return
	}
	owner, name := f.callee(call)
	signature, isFunction := f.typeOf(call.Fun).(*types.Signature)
	if !isFunction || quiet.MatchString(owner+"."+name) {
		return
	}
	results := signature.Results()
	_, isStatement := parent.(*ast.ExprStmt)
	writes := results.Len() == 1 && isError(results.At(0).Type()) && f.takesContext(call) && owner != "context"
	if writes || isStatement && results.Len() == 0 {
		f.skip(call)
	}
}

// checksError reports whether the condition tests for an error.
func (f *finder) checksError(condition ast.Expr) (checks bool) {
	ast.Inspect(condition, func(n ast.Node) bool {
		if e, isExpr := n.(ast.Expr); isExpr && isError(f.typeOf(e)) {
			checks = true
		}
		return !checks
	})
	return checks
}

func (f *finder) never(condition ast.Expr) {
	f.replace(condition.Pos(), condition.End(), "false && ("+f.text(condition)+")")
}

func ignoreError(f *finder, node, _ ast.Node) {
	switch n := node.(type) {
	case *ast.IfStmt:
		if f.checksError(n.Cond) {
			f.never(n.Cond)
		}
	case *ast.ReturnStmt:
		if len(n.Results) == 0 {
			return
		}
		last, isName := n.Results[len(n.Results)-1].(*ast.Ident)
		if isName && last.Name != "nil" && isError(f.typeOf(last)) {
			f.replace(last.Pos(), last.End(), "nil")
		}
	}
}

// swapValues swaps each value with the next one of its type: arguments of a
// call, or fields of a literal. Arguments of a format are left alone, and so are
// constants: they are not mistaken for one another.
func swapValues(f *finder, node, _ ast.Node) {
	var values []ast.Expr
	switch n := node.(type) {
	case *ast.CallExpr:
		values = n.Args
		if signature, isFunction := f.typeOf(n.Fun).(*types.Signature); isFunction && signature.Variadic() {
			values = values[:min(len(values), signature.Params().Len()-1)]
		}
	case *ast.CompositeLit:
		for _, element := range n.Elts {
			if pair, isPair := element.(*ast.KeyValueExpr); isPair {
				values = append(values, pair.Value)
			}
		}
	}
	values = slices.DeleteFunc(slices.Clone(values), func(e ast.Expr) bool { return f.typeOf(e) == nil || f.info.Types[e].Value != nil })
	for i, a := range values {
		for _, b := range values[i+1:] {
			if f.text(a) != f.text(b) && types.Identical(f.typeOf(a), f.typeOf(b)) {
				between := string(f.sources[f.file][f.fset.Position(a.End()).Offset:f.fset.Position(b.Pos()).Offset])
				f.replace(a.Pos(), b.End(), f.text(b)+between+f.text(a))
				break
			}
		}
	}
}

func dropField(f *finder, node, _ ast.Node) {
	switch n := node.(type) {
	case *ast.CompositeLit:
		for i, element := range n.Elts {
			if _, isPair := element.(*ast.KeyValueExpr); !isPair {
				continue
			}
			switch {
			case i+1 < len(n.Elts):
				f.replace(element.Pos(), n.Elts[i+1].Pos(), "")
			case i > 0:
				f.replace(n.Elts[i-1].End(), element.End(), "")
			default:
				f.replace(n.Lbrace+1, n.Rbrace, "")
			}
		}
	case *ast.AssignStmt:
		if n.Tok != token.ASSIGN || len(n.Lhs) != 1 {
			return
		}
		switch n.Lhs[0].(type) {
		case *ast.IndexExpr, *ast.SelectorExpr:
			f.replace(n.Lhs[0].Pos(), n.Lhs[0].End(), "_")
		}
	}
}

// refuses reports whether the block ends with a return of an error made there.
func (f *finder) refuses(body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	last, isReturn := body.List[len(body.List)-1].(*ast.ReturnStmt)
	if !isReturn || len(last.Results) == 0 {
		return false
	}
	result := last.Results[len(last.Results)-1]
	_, isName := result.(*ast.Ident)
	return !isName && f.typeOf(result) != nil && types.Implements(f.typeOf(result), types.Universe.Lookup("error").Type().Underlying().(*types.Interface)) //nolint:forcetypeassert // error is an interface
}

func skipValidation(f *finder, node, _ ast.Node) {
	if n, isIf := node.(*ast.IfStmt); isIf && !f.checksError(n.Cond) && f.refuses(n.Body) {
		f.never(n.Cond)
	}
}

func invertCondition(f *finder, node, parent ast.Node) {
	switch n := node.(type) {
	case *ast.IfStmt:
		if !f.checksError(n.Cond) {
			f.replace(n.Cond.Pos(), n.Cond.End(), "!("+f.text(n.Cond)+")")
		}
	case *ast.CaseClause:
		for _, condition := range n.List {
			if t, isBasic := f.typeOf(condition).Underlying().(*types.Basic); isBasic && t.Info()&types.IsBoolean != 0 {
				f.replace(condition.Pos(), condition.End(), "!("+f.text(condition)+")")
			}
		}
	case *ast.BinaryExpr:
		if other, isLogical := map[token.Token]string{token.LAND: "||", token.LOR: "&&"}[n.Op]; isLogical {
			f.replace(n.Pos(), n.End(), fmt.Sprintf("((%s) %s (%s))", f.text(n.X), other, f.text(n.Y)))
		}
	case *ast.Ident:
		if _, isReturn := parent.(*ast.ReturnStmt); isReturn && (n.Name == "true" || n.Name == "false") {
			f.replace(n.Pos(), n.End(), "!"+n.Name)
		}
	}
}

func moveBoundary(f *finder, node, _ ast.Node) {
	n, isBinary := node.(*ast.BinaryExpr)
	if !isBinary {
		return
	}
	if other, isComparison := map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}[n.Op]; isComparison {
		f.replace(n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other)
	}
}

func emptyCase(f *finder, node, _ ast.Node) {
	if n, isCase := node.(*ast.CaseClause); isCase && len(n.Body) > 0 {
		f.replace(n.Body[0].Pos(), n.Body[len(n.Body)-1].End(), "")
	}
}

func cancelCleanup(f *finder, node, _ ast.Node) {
	call, isCall := node.(*ast.CallExpr)
	if !isCall {
		return
	}
	if owner, name := f.callee(call); owner == "context" && name == "WithoutCancel" {
		f.replace(call.Pos(), call.End(), f.text(call.Args[0]))
	}
}
