package lifecycle_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the CPI logs is stored by the director, readable for its users. At debug level every request to the cloud is
// shown, and still no secret: not the password, the token, the agent's settings, nor anything of the environment.
func TestSecretsAreNotLogged(t *testing.T) {
	s := play(t)
	s.director.CPI.Environment = append(os.Environ(), "BOSH_LOG_LEVEL=debug", "OS_PASSWORD=canary-os")
	arguments := s.arguments(newVM{networks: networks{s.manual("private")}})
	shown := s.log("create_vm", arguments...)
	assert.Contains(t, shown, "DEBUG")
	assert.Contains(t, shown, "/servers")
	for _, secret := range append(encodingsOf("canary"), "gAAAAA") { // so begin Keystone's tokens
		assert.NotContains(t, shown, secret)
	}
	assert.NotContains(t, s.log("has_vm", unknownID), "gAAAAA")
}

// log is what a call writes to stderr. A VM that it makes is deleted at the end.
func (s *scenario) log(method string, arguments ...any) string {
	s.Helper()
	result, cost, err := s.director.Ask(s.Context(), s.director.Request(s.api, method, arguments...))
	require.NoError(s, err)
	if method == "create_vm" {
		created := s.createdVM(result)
		s.cids = append(s.cids, created.cid)
		s.Cleanup(func() { s.call(nil, "delete_vm", created.cid) })
	}
	s.keepsSecrets(cost.Stderr)
	return cost.Stderr
}

// encodingsOf are the three ways in which a word appears inside of a longer text in base64.
func encodingsOf(word string) (found []string) {
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + word + "xx"))
		begin := (before*8 + 5) / 6
		found = append(found, encoded[begin:(before+len(word))*8/6])
	}
	return found
}

// document is a request as bytes.
func (s *scenario) document(method string, arguments ...any) []byte {
	s.Helper()
	document, err := json.Marshal(s.director.Request(s.api, method, arguments...))
	require.NoError(s, err)
	return document
}
