package bosh

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/piston/openstack-bosh-cpi/src/jsonkind"
)

// member is one key of a JSON object with its undecoded value.
type member struct {
	key   string
	value json.RawMessage
}

// object is a JSON object that keeps the order of its keys, which a map does not:
// the order of networks is the order of a VM's interfaces.
type object []member

func (o *object) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return fmt.Errorf("a JSON object is expected, not %s", jsonkind.Of(data))
	}
	*o = object{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		key, _ := token.(string)
		o.set(key, value)
	}
	_, err = decoder.Token()
	return err
}

func (o object) MarshalJSON() ([]byte, error) {
	var buffer bytes.Buffer
	buffer.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			buffer.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		buffer.Write(key)
		buffer.WriteByte(':')
		buffer.Write(m.value)
	}
	buffer.WriteByte('}')
	return buffer.Bytes(), nil
}

// set replaces the value of a key without moving it, or appends the key.
func (o *object) set(key string, value json.RawMessage) {
	for i := range *o {
		if (*o)[i].key == key {
			(*o)[i].value = value
			return
		}
	}
	*o = append(*o, member{key, value})
}

// put is set for a value that is not encoded yet.
func (o *object) put(key string, value any) { o.set(key, JSON(value)) }
