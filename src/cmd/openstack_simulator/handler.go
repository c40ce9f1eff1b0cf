package main

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// handler serves the cloud, and below /simulator its control interface, which
// needs no token.
type handler struct {
	cloud   *simulator.Simulator
	control *http.ServeMux

	mu       sync.Mutex
	baseline simulator.Inventory // for leaks and changes
}

func newHandler(cloud *simulator.Simulator) http.Handler {
	h := &handler{cloud: cloud, control: http.NewServeMux(), baseline: cloud.Inventory()}
	for pattern, serve := range map[string]http.HandlerFunc{
		"GET /simulator/journal":        h.journal,
		"DELETE /simulator/journal":     h.resetJournal,
		"GET /simulator/inventory":      h.inventory,
		"GET /simulator/leaks":          h.leaks,
		"GET /simulator/changes":        h.changes,
		"PUT /simulator/baseline":       h.setBaseline,
		"GET /simulator/violations":     h.violations,
		"GET /simulator/fixtures":       h.fixtures,
		"POST /simulator/faults":        h.inject,
		"DELETE /simulator/faults":      h.clearFaults,
		"PUT /simulator/quotas/{name}":  h.setQuota,
		"POST /simulator/revoke-tokens": h.revokeTokens,
	} {
		h.control.HandleFunc(pattern, serve)
	}
	return h
}

// ServeHTTP passes the paths of OpenStack on unchanged: a ServeMux would
// redirect those with empty segments.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/simulator/") {
		h.control.ServeHTTP(w, r)
		return
	}
	h.cloud.ServeHTTP(w, r)
}

// journal answers the exchanges after the one with the number in the query
// parameter after.
func (h *handler) journal(w http.ResponseWriter, r *http.Request) {
	after := 0
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.Atoi(text); err != nil {
			http.Error(w, "after: a number is expected", http.StatusBadRequest)
			return
		}
	}
	exchanges := h.cloud.Journal()
	answer(w, slices.DeleteFunc(exchanges, func(e simulator.Exchange) bool { return e.Seq <= after }))
}

func (h *handler) resetJournal(w http.ResponseWriter, _ *http.Request) {
	h.cloud.ResetJournal()
	w.WriteHeader(http.StatusNoContent)
}

func (h *handler) inventory(w http.ResponseWriter, _ *http.Request) { answer(w, h.cloud.Inventory()) }

func (h *handler) leaks(w http.ResponseWriter, _ *http.Request) {
	answer(w, h.cloud.Leaks(h.before()))
}

func (h *handler) changes(w http.ResponseWriter, _ *http.Request) {
	answer(w, h.cloud.Inventory().Diff(h.before()))
}

func (h *handler) before() simulator.Inventory {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.baseline
}

// setBaseline makes the present inventory the one that leaks and changes are
// compared with.
func (h *handler) setBaseline(w http.ResponseWriter, _ *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.baseline = h.cloud.Inventory()
	w.WriteHeader(http.StatusNoContent)
}

func (h *handler) violations(w http.ResponseWriter, _ *http.Request) {
	answer(w, append([]string{}, h.cloud.Violations()...))
}

func (h *handler) fixtures(w http.ResponseWriter, _ *http.Request) { answer(w, h.cloud.Fixtures()) }

// inject adds the faults of the body, which has the format of --faults.
func (h *handler) inject(w http.ResponseWriter, r *http.Request) {
	document, err := io.ReadAll(r.Body)
	if err == nil {
		err = h.cloud.InjectJSON(document)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h *handler) clearFaults(w http.ResponseWriter, _ *http.Request) {
	h.cloud.ClearFaults()
	h.cloud.ClearStateFaults()
	w.WriteHeader(http.StatusNoContent)
}

// setQuota sets a quota to the number in the body.
func (h *handler) setQuota(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	var limit int
	err := json.NewDecoder(r.Body).Decode(&limit)
	switch {
	case !slices.Contains(simulator.QuotaNames(), name):
		http.Error(w, "there is no quota "+name, http.StatusNotFound)
	case err != nil:
		http.Error(w, "a number is expected: "+err.Error(), http.StatusBadRequest)
	default:
		h.cloud.SetQuota(name, limit)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (h *handler) revokeTokens(w http.ResponseWriter, _ *http.Request) {
	h.cloud.RevokeTokens()
	w.WriteHeader(http.StatusNoContent)
}

func answer(w http.ResponseWriter, document any) {
	w.Header().Set("Content-Type", "application/json")
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	encoder.Encode(document) //nolint:errcheck,errchkjson // it fails only when the client has closed the connection
}
