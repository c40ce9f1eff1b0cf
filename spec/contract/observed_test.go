package contract_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	confirmed = "confirmed"
	refuted   = "refuted"
	untried   = "untried" // the cloud or the run lacked something that the claim needs
)

// observation is the result of one claim on one cloud.
type observation struct {
	Verdict string `json:"verdict"`
	Answer  string `json:"answer,omitempty"`
	Date    string `json:"date"`
}

// log collects the observations of one run on a cloud. On the simulator they
// are not saved.
type log struct {
	release string
	mutex   sync.Mutex
	seen    map[string]observation
}

func newLog(release string) *log {
	return &log{release: release, seen: map[string]observation{}}
}

// add records how the claim's test ended.
func (l *log) add(t *testing.T, id string, decided response) {
	t.Helper()
	seen := observation{Verdict: confirmed, Answer: decided.summary(), Date: time.Now().UTC().Format(time.DateOnly)}
	switch {
	case t.Skipped():
		seen = observation{Verdict: untried, Date: seen.Date}
	case t.Failed():
		seen = observation{Verdict: refuted, Date: seen.Date}
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.seen[id] = seen
}

// save merges the run into the release's file. Claims that did not run keep
// their observation; observations of removed claims are dropped.
func (l *log) save(t *testing.T) {
	t.Helper()
	if l.release == "" {
		return
	}
	path := filepath.Join("observed", l.release+".json")
	known := readObservations(t, path)
	maps.Copy(known, l.seen)
	maps.DeleteFunc(known, func(id string, _ observation) bool { return !slices.Contains(ids(), id) })

	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(known))
	require.NoError(t, os.MkdirAll("observed", 0o750))
	require.NoError(t, os.WriteFile(path, document.Bytes(), 0o600))
}

// ids returns the ids of all claims, sorted.
func ids() []string {
	var all []string
	for _, claims := range allClaims() {
		for _, claim := range claims {
			all = append(all, claim.id)
		}
	}
	slices.Sort(all)
	return all
}

func readObservations(t *testing.T, path string) map[string]observation {
	t.Helper()
	observations := map[string]observation{}
	document, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return observations
	}
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(document, &observations), path)
	return observations
}

// requireObserved fails unless a cloud returned a response of the same shape,
// or an error with the same message, for the claim.
func requireObserved(t *testing.T, releases map[string]map[string]observation, id string, decided response) {
	t.Helper()
	var answers []string
	for _, observations := range releases {
		if seen, known := observations[id]; known {
			answers = append(answers, seen.Answer)
		}
	}
	if len(answers) > 0 {
		require.Contains(t, answers, decided.summary(), "no observed cloud returned this response")
	}
}

// observedReleases reads the observations of every cloud, by file.
func observedReleases(t *testing.T) map[string]map[string]observation {
	t.Helper()
	files, err := filepath.Glob("observed/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	releases := map[string]map[string]observation{}
	for _, file := range files {
		releases[file] = readObservations(t, file)
	}
	return releases
}

// TestUnproven logs every claim that no cloud has confirmed. Their number is
// committed in unproven.txt and may only decrease. A claim that a cloud refuted
// is wrong and must be corrected.
func TestUnproven(t *testing.T) {
	t.Parallel()
	proven := map[string]bool{}
	for file, observations := range observedReleases(t) {
		for id, seen := range observations {
			assert.NotEqualf(t, refuted, seen.Verdict, "%s: %s refuted it", id, file)
			proven[id] = proven[id] || seen.Verdict == confirmed
		}
	}

	all := ids()
	unproven := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return proven[id] })
	t.Logf("%d of %d claims were never confirmed by a cloud: %s", len(unproven), len(all), strings.Join(unproven, " "))

	content, err := os.ReadFile("unproven.txt")
	require.NoError(t, err)
	allowed, err := strconv.Atoi(strings.TrimSpace(string(content)))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(unproven), allowed, "run the new claims on a cloud before adding them")
	assert.GreaterOrEqual(t, len(unproven), allowed, "write the lower number to unproven.txt")
}
