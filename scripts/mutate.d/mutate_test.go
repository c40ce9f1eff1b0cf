package main

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// changes returns the lines that the operator's mutants of testdata change, and
// what they change them to.
func changes(t *testing.T, operator string) []string {
	t.Helper()
	packages, err := load(t.Context(), []string{"./testdata/product"})
	require.NoError(t, err)
	require.Len(t, packages, 1)
	var diffs []string
	for _, m := range packages[0].mutants([]string{operator}) {
		if packages[0].compiles(m) {
			diffs = append(diffs, strings.Join(strings.Fields(m.diff()), " "))
		}
	}
	return diffs
}

func TestOperators(t *testing.T) {
	t.Parallel()
	for operator, want := range map[string][]string{
		"undo": {`- undo.push(disk) + func(...any) () { return }(undo, disk)`},
		"wait": {`- state, err := waitFor(context.WithoutCancel(ctx), disk) + ` +
			`state, err := func(...any) (_ string, _ error) { return }(context.WithoutCancel(ctx), disk)`},
		"call": {`- err = write(ctx, vm, disk) + err = func(...any) (_ error) { return }(ctx, vm, disk)`},
		"error": {
			`- if err != nil { + if false && (err != nil) {`,
			`- return Disk{}, err + return Disk{}, nil`,
			`- return result, err + return result, nil`,
		},
		"swap": {
			`- err = write(ctx, vm, disk) + err = write(ctx, disk, vm)`,
			`- result := Disk{ID: disk, VM: vm} + result := Disk{ID: vm, VM: disk}`,
		},
		"field": {
			`- return Disk{Removed: true}, nil + return Disk{}, nil`,
			`- result := Disk{ID: disk, VM: vm} + result := Disk{VM: vm}`,
			`- result := Disk{ID: disk, VM: vm} + result := Disk{ID: disk}`,
			`- result.Size = size + _ = size`,
		},
		"validation": {`- if vm == disk { + if false && (vm == disk) {`},
		"condition": {
			`- if vm == disk { + if !(vm == disk) {`,
			`- if size > 1 { + if !(size > 1) {`,
		},
		"boundary": {`- if size > 1 { + if size >= 1 {`},
		"case":     {`- return Disk{Removed: true}, nil +`, `- err = write(ctx, vm, disk) +`},
		"cancel":   {`- state, err := waitFor(context.WithoutCancel(ctx), disk) + state, err := waitFor(ctx, disk)`},
	} {
		t.Run(operator, func(t *testing.T) {
			t.Parallel()
			assert.ElementsMatch(t, want, changes(t, operator))
		})
	}
	assert.Len(t, operatorNames(), 11)
}

func TestMutantsAreKilledOrSurvive(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"--package", "./testdata/product", "--operator", "swap,field"}, io.Discard)
	require.NoError(t, err)
	var out strings.Builder
	require.NoError(t, run(t.Context(), o, &out))
	assert.Contains(t, out.String(), "killed   testdata/product/product.go:43: swap TestAttach")
	assert.Contains(t, out.String(), "survived: testdata/product/product.go:45: field\n    - result.Size = size\n    + _ = size\n")
	for operator, figures := range map[string]string{"swap": "2 1 1 0 0", "field": "4 2 2 0 0", "all": "6 3 3 0 0"} {
		assert.Regexp(t, `(?m)^ *`+operator+` +`+strings.ReplaceAll(figures, " ", " +")+` *$`, out.String())
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]string{
		"--operator undo,nonsense": "unknown operator nonsense",
		"--jobs 0":                 "--jobs must be at least 1",
		"src/cpi":                  "unexpected argument src/cpi",
	} {
		_, err := parse(strings.Fields(arguments), io.Discard)
		assert.EqualError(t, err, want)
	}
}
