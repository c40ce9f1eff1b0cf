package main

import (
	"fmt"
	"os"
	"runtime"
)

type commands struct {
	Version versionCommand `cmd:"" help:"Print the version."`
}

type versionCommand struct{}

// Run prints the version of the release and of the Go it was built with.
func (versionCommand) Run() error {
	_, err := fmt.Fprintf(os.Stdout, "openstack_cpi %s (%s %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
