package jsonkind

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

// word is decoded by a method.
type word string

func (w *word) UnmarshalJSON(data []byte) error {
	if len(data) < 5 {
		return errors.New("too short")
	}
	*w = word(data)
	return nil
}

type embedded struct {
	Kind string `json:"kind"`
}

type document struct {
	Pools []struct {
		Port *int `json:"port"`
	} `json:"pools"`
	Any  map[string]any `json:"any"`
	Word word           `json:"word"`

	embedded
}

func TestMismatch(t *testing.T) {
	t.Parallel()
	for text, path := range map[string]string{
		`{"pools":[{"port":1},{"port":"80"}]}`: ".pools[1].port",
		`{"pools":[{},3]}`:                     ".pools[1]",
		`{"pools":{"port":1}}`:                 ".pools",
		`{"kind":1}`:                           ".kind",
		`{"Kind":1}`:                           ".kind",
		`{"any":[]}`:                           ".any",
		`{"any":{"x":[1]},"word":"long"}`:      "",
		`{"word":"x"}`:                         ".word",
		`{"other":1}`:                          "",
		`[]`:                                   "",
	} {
		assert.Equal(t, path, Mismatch(json.RawMessage(text), reflect.TypeFor[document]()), text)
	}
}
