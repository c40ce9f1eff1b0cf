package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// simulator is a running openstack-simulator.
type simulator struct {
	process *exec.Cmd
	config  string // its cpi.json
}

// startSimulator returns when the simulator has printed its URL; its cpi.json
// is complete by then.
func startSimulator(ctx context.Context, executable, dir string) (*simulator, error) {
	config := filepath.Join(dir, "cpi.json")
	// The context is not passed on: the clean-up after Ctrl-C needs the
	// simulator.
	process := exec.CommandContext(context.WithoutCancel(ctx), executable,
		"--listen", "127.0.0.1:0", "--write-config", config)
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr bytes.Buffer
	process.Stderr = &stderr
	stdout, err := process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := process.Start(); err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	lines := bufio.NewScanner(stdout)
	if lines.Scan() {
		go drain(lines)
		return &simulator{process: process, config: config}, nil
	}
	err = process.Wait()
	return nil, fmt.Errorf("the simulator ended before it listened: %w\n%s", err, tail(stderr.String()))
}

// drain reads the remaining output, so that the simulator does not block on a
// full pipe.
func drain(lines *bufio.Scanner) {
	for lines.Scan() {
	}
}

// stop ends the simulator and waits for it.
func (s *simulator) stop() {
	if s.process.Process.Signal(syscall.SIGTERM) != nil {
		return
	}
	kill := time.AfterFunc(5*time.Second, func() { _ = s.process.Process.Signal(os.Kill) }) //nolint:errcheck // it may have ended
	defer kill.Stop()
	_ = s.process.Wait() //nolint:errcheck // it was terminated
}
