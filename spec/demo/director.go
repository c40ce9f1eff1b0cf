package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// callLimit ends a call that hangs. A real director waits for ever; every wait of the CPI is bounded far below this.
const callLimit = 15 * time.Minute

// stemcellAPIVersion is what the OpenStack stemcells of today say in their manifest.
const stemcellAPIVersion = 3

// director calls the CPI the way a BOSH director does: one process for each call, nearly no environment, the whole
// request on stdin, one JSON document back, and an `info` before everything else.
type director struct {
	executable string
	config     string // path of cpi.json
	uuid       string
	preferred  int // highest API version it speaks
	agreed     int // the version of all calls after the first info

	infoCalls int           // those that only come before another call
	infoTime  time.Duration // and what they took
}

// measurement is what one process cost.
type measurement struct {
	wall     time.Duration
	apiCalls int   // OpenStack calls by the CPI's own summary line; -1 if it wrote none
	peakKiB  int64 // resident memory; at least this program's own, which a child inherits until it is executed
	stderr   string
}

// cpiError is the error of an answer.
type cpiError struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	OKToRetry bool   `json:"ok_to_retry"`
}

func (e *cpiError) Error() string { return e.Type + ": " + e.Message }

// cpiInfo is the result of `info`.
type cpiInfo struct {
	APIVersion      int      `json:"api_version"`
	StemcellFormats []string `json:"stemcell_formats"`
}

// info asks what the CPI can do. The request carries no api_version: that is what it is about to agree on.
func (d *director) info(ctx context.Context) (cpiInfo, measurement, error) {
	result, cost, err := d.execute(ctx, request{Method: "info", Arguments: []any{}, Context: d.context("info")})
	var info cpiInfo
	if err == nil {
		err = json.Unmarshal(result, &info)
	}
	if err == nil && info.APIVersion < 2 {
		err = fmt.Errorf("info reports api_version %d, a director needs 2 or more", info.APIVersion)
	}
	d.agreed = min(info.APIVersion, d.preferred)
	return info, cost, err
}

// call asks info and then the method, with the API version both sides speak.
func (d *director) call(ctx context.Context, method string, arguments ...any) (json.RawMessage, measurement, error) {
	_, cost, err := d.info(ctx)
	if err != nil {
		return nil, cost, fmt.Errorf("info before %s: %w", method, err)
	}
	d.infoCalls++
	d.infoTime += cost.wall
	return d.execute(ctx, request{
		Method:     method,
		Arguments:  arguments,
		Context:    d.context(method),
		APIVersion: d.agreed,
	})
}

type request struct {
	Method     string         `json:"method"`
	Arguments  []any          `json:"arguments"`
	Context    map[string]any `json:"context"`
	APIVersion int            `json:"api_version,omitempty"`
}

// context is the request's context: a director tells the stemcell's API version only where it has a VM at hand.
func (d *director) context(method string) map[string]any {
	fields := map[string]any{"director_uuid": d.uuid, "request_id": requestID()}
	if slices.Contains([]string{"create_vm", "delete_vm", "attach_disk", "detach_disk"}, method) {
		fields["vm"] = map[string]any{"stemcell": map[string]any{"api_version": stemcellAPIVersion}}
	}
	return fields
}

func requestID() string {
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails on the systems BOSH runs on
	}
	return fmt.Sprintf("cpi-%06d", number)
}

func (d *director) execute(ctx context.Context, req request) (json.RawMessage, measurement, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, measurement{}, err
	}
	// A cancelled director does not stop the call that runs: its answer says what has to be deleted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callLimit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	process := exec.CommandContext(ctx, d.executable, "-config", d.config)
	process.Env = wipedEnvironment()
	process.Stdin, process.Stdout, process.Stderr = bytes.NewReader(body), &stdout, &stderr
	// In a process group of its own, so that Ctrl-C reaches only this program.
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}

	start := time.Now()
	err = process.Run()
	cost := measurement{wall: time.Since(start), apiCalls: countedCalls(stderr.String()), stderr: stderr.String()}
	if process.ProcessState != nil {
		if usage, ok := process.ProcessState.SysUsage().(*syscall.Rusage); ok {
			cost.peakKiB = usage.Maxrss
		}
	}
	if err != nil {
		return nil, cost, fmt.Errorf("%s: %w (stdout: %q)", req.Method, err, stdout.String())
	}
	result, err := readAnswer(stdout.Bytes())
	return result, cost, err
}

// wipedEnvironment is all that a director's worker passes on.
func wipedEnvironment() []string {
	environment := []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	for _, name := range []string{"TMPDIR", "HOME"} {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// readAnswer holds the answer to what a director insists on: one document with result, error and a log string.
func readAnswer(stdout []byte) (json.RawMessage, error) {
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(stdout, &answer); err != nil {
		return nil, fmt.Errorf("stdout is not one JSON object: %w: %q", err, stdout)
	}
	for _, key := range []string{"result", "error", "log"} {
		if _, ok := answer[key]; !ok {
			return nil, fmt.Errorf("the answer has no %q: %q", key, stdout)
		}
	}
	var log *string
	if err := json.Unmarshal(answer["log"], &log); err != nil || log == nil {
		return nil, errors.New("the answer's log is not a string")
	}
	var failure *cpiError
	if err := json.Unmarshal(answer["error"], &failure); err != nil {
		return nil, fmt.Errorf("the answer's error is neither null nor an object: %w", err)
	}
	if failure != nil {
		return nil, failure
	}
	return answer["result"], nil
}

// summary finds the number of all OpenStack calls in the one line the CPI logs at the end of a call. Numbers of each
// service, with a name before the dot, follow it.
var summary = regexp.MustCompile(`call finished .*?\scalls=(\d+)`)

func countedCalls(stderr string) int {
	for _, line := range slices.Backward(strings.Split(stderr, "\n")) {
		if match := summary.FindStringSubmatch(line); match != nil {
			if calls, err := strconv.Atoi(match[1]); err == nil {
				return calls
			}
		}
	}
	return -1
}
