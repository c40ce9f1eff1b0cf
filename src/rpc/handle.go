package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// Handle turns a function with typed arguments into a Method. A is a struct
// whose fields are the positional arguments in order, each with a tag
// `arg:"name"`, or `arg:"name,optional"` if it may be missing or null. A
// required string must not be empty: to a cloud, an empty id can mean every
// object. An A with the method Variadic() accepts any arguments and decodes
// none. An argument with the method Check() error is checked. A result with the method AtVersion(int) any is converted to the
// caller's API version.
//
// Arguments that do not fit become a CpiError that names the method and the
// argument, but never the value.
func Handle[A, R any](call func(ctx context.Context, args A) (R, error)) Method {
	return func(ctx context.Context, req bosh.Request) (any, error) {
		var args A
		if err := decode(req.Arguments, &args); err != nil {
			return nil, invalid("Arguments are not correct, details: '%s: %w'", req.Method, err)
		}
		result, err := call(ctx, args)
		if err != nil {
			return nil, err
		}
		if versioned, ok := any(result).(interface{ AtVersion(version int) any }); ok {
			return versioned.AtVersion(req.APIVersion), nil
		}
		return result, nil
	}
}

// decode decodes the arguments into the fields of the struct that target points
// to.
func decode(arguments []json.RawMessage, target any) error {
	if _, ok := target.(interface{ Variadic() }); ok {
		return nil
	}
	args := reflect.ValueOf(target).Elem()
	if len(arguments) > args.NumField() {
		return fmt.Errorf("at most %d arguments expected, got %d", args.NumField(), len(arguments))
	}
	for i := range args.NumField() {
		name, optional := strings.CutSuffix(args.Type().Field(i).Tag.Get("arg"), ",optional")
		place := fmt.Sprintf("argument %d (%s)", i+1, name)
		if i >= len(arguments) || jsonkind.IsNull(arguments[i]) {
			if optional {
				continue
			}
			if i >= len(arguments) {
				return fmt.Errorf("%s is missing", place)
			}
			return fmt.Errorf("%s must not be null", place)
		}
		if err := decodeOne(arguments[i], args.Field(i), place); err != nil {
			return err
		}
		if !optional && args.Field(i).Kind() == reflect.String && strings.TrimSpace(args.Field(i).String()) == "" {
			return fmt.Errorf("%s must not be empty", place)
		}
	}
	return nil
}

func decodeOne(raw json.RawMessage, field reflect.Value, place string) error {
	err := json.Unmarshal(raw, field.Addr().Interface())
	if whole, ok := wholeNumber(raw); ok && err != nil && field.Kind() == reflect.Int {
		field.SetInt(whole)
		return nil
	}
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if mismatch.Field != "" {
			place += " at " + mismatch.Field
		}
		return fmt.Errorf("%s must be %s, got %s", place, expected(mismatch.Type), jsonkind.Found(mismatch))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", place, err)
	}
	return check(field, place)
}

// wholeNumber returns the value of a number such as 1024.0, which YAML and
// templates produce. The limit is that of exact numbers in JSON.
func wholeNumber(raw json.RawMessage) (int64, bool) {
	value, err := strconv.ParseFloat(string(raw), 64)
	return int64(value), err == nil && value == math.Trunc(value) && math.Abs(value) < 1<<53
}

// check calls the method Check of a value that is not empty, or of the elements
// of a slice. Its error does not hold the value.
func check(field reflect.Value, place string) error {
	if field.Kind() == reflect.Slice {
		for i := range field.Len() {
			if err := check(field.Index(i), fmt.Sprintf("%s[%d]", place, i)); err != nil {
				return err
			}
		}
	}
	checked, ok := reflect.TypeAssert[interface{ Check() error }](field)
	if !ok || field.Kind() == reflect.String && strings.TrimSpace(field.String()) == "" {
		return nil
	}
	if err := checked.Check(); err != nil {
		return fmt.Errorf("%s %w", place, err)
	}
	return nil
}

// expected returns the JSON type for a Go type, for errors.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Int:
		return "an integer"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}
