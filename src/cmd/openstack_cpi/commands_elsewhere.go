//go:build nocommands

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// commandsName is the name of the executable with all commands, which is in the
// directory of this one.
const commandsName = "openstack_cpi_commands"

// runCommand prints the version, or replaces this process with the executable
// that has all commands and the help. It returns only if that is impossible.
func runCommand(_ context.Context, args []string, s streams) int {
	var err error
	if slices.Equal(args, []string{"version"}) {
		if err = printVersion(s.out); err == nil {
			return 0
		}
	} else {
		err = becomeCommands()
	}
	fmt.Fprintf(s.logs, "openstack_cpi: %s\n", err) //nolint:errcheck // there is no other place to report it
	return 1
}

// becomeCommands replaces this process with the executable that has all commands.
func becomeCommands() error {
	own, err := os.Executable()
	if err != nil {
		return err
	}
	if own, err = filepath.EvalSymlinks(own); err != nil {
		return err
	}
	other := filepath.Join(filepath.Dir(own), commandsName)
	return fmt.Errorf("start %s, which has the commands: %w", other, syscall.Exec(other, os.Args, os.Environ()))
}
