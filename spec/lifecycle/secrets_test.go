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

// The director stores the CPI's log for its users. At debug level it contains
// every request to the cloud, but no secret: not the password, the token, the
// agent's settings or the environment.
func TestSecretsAreNotLogged(t *testing.T) {
	s := newScenario(t)
	s.director.CPI.Environment = append(os.Environ(), "BOSH_LOG_LEVEL=debug", "OS_PASSWORD=canary-os")
	arguments := s.arguments(vmArguments{networks: networks{s.manual("private")}})
	logged := s.stderrOf("create_vm", arguments...)
	assert.Contains(t, logged, "DEBUG")
	assert.Contains(t, logged, "/servers")
	for _, secret := range append(encodingsOf("canary"), "gAAAAA") { // prefix of Fernet tokens
		assert.NotContains(t, logged, secret)
	}
	assert.NotContains(t, s.stderrOf("has_vm", unknownID), "gAAAAA")
}

// stderrOf returns what a call writes to stderr. A VM that it creates is
// deleted at the end.
func (s *scenario) stderrOf(method string, arguments ...any) string {
	s.Helper()
	result, cost, err := s.director.Ask(s.Context(), s.director.Request(s.api, method, arguments...))
	require.NoError(s, err)
	if method == "create_vm" {
		created := s.createdVM(result)
		s.cids = append(s.cids, created.cid)
		s.Cleanup(func() { s.call(nil, "delete_vm", created.cid) })
	}
	s.assertNoSecrets(cost.Stderr)
	return cost.Stderr
}

// encodingsOf returns the three encodings of a word inside of a longer base64
// text.
func encodingsOf(word string) (found []string) {
	for before := range 3 {
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + word + "xx"))
		begin := (before*8 + 5) / 6
		found = append(found, encoded[begin:(before+len(word))*8/6])
	}
	return found
}

// document returns a request as JSON.
func (s *scenario) document(method string, arguments ...any) []byte {
	s.Helper()
	document, err := json.Marshal(s.director.Request(s.api, method, arguments...))
	require.NoError(s, err)
	return document
}
