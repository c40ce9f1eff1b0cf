package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/cpi"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// call is one request from stdin to stdout. The configuration is read when a
// method needs it, so that info and unknown methods are answered without one.
type call struct {
	configFile string
	caCertFile string
	// transport replaces the network in tests.
	transport http.RoundTripper

	level   *telemetry.Log
	log     *slog.Logger
	method  string
	session *openstack.Session
}

// serveCall answers the request on in. The exit code is 0 whenever an answer was
// written: bosh create-env takes any other for a missing answer.
func serveCall(ctx context.Context, args []string, in io.Reader, out, errors io.Writer) int {
	c := &call{}
	flags := flag.NewFlagSet("openstack_cpi", flag.ContinueOnError)
	flags.SetOutput(errors)
	flags.StringVar(&c.configFile, "config", "", "the job's cpi.json")
	flags.StringVar(&c.caCertFile, "ca-cert", "", "the job's cacert.pem, used when the configuration has a ca_cert")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		flags.Usage()
		return 2
	}
	return c.serve(ctx, in, out, errors)
}

func (c *call) serve(ctx context.Context, in io.Reader, out, errors io.Writer) int {
	c.level = telemetry.New(errors)
	c.level.SetLevel(os.Getenv("BOSH_LOG_LEVEL"))
	c.log = c.level.Logger
	begun := time.Now()
	if err := rpc.Serve(ctx, in, out, c.methods, c.log); err != nil {
		c.log.Error("the answer could not be written", slog.Any("error", err))
		return 1
	}
	c.summarize(time.Since(begun))
	return 0
}

// open loads the configuration for the request and prepares the session. It does
// not talk to the cloud yet.
func (c *call) open(request bosh.Request) (*cpi.CPI, error) {
	cfg, err := c.load(request)
	if err != nil {
		return nil, bosh.Errorf(bosh.CPIError, "%w", err)
	}
	c.level.SetLevel(os.Getenv("BOSH_LOG_LEVEL"), cfg.OpenStack.LogLevel)
	for _, warning := range cfg.Warnings {
		c.log.Warn("configuration", slog.String("warning", warning))
	}
	options := []openstack.Option{openstack.WithUserAgent("openstack-bosh-cpi/" + version)}
	if c.transport != nil {
		options = append(options, openstack.WithTransport(c.transport))
	}
	if c.session, err = openstack.NewSession(cfg.OpenStack, c.log, options...); err != nil {
		return nil, bosh.Errorf(bosh.CPIError, "%w", err)
	}
	plain := &http.Client{Transport: c.transport, Timeout: cfg.OpenStack.Connection.ReadTimeout}
	return cpi.New(request, cfg, c.session, plain, c.log), nil
}

func (c *call) load(request bosh.Request) (config.Config, error) {
	file, err := os.ReadFile(c.configFile)
	if err != nil {
		return config.Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	var options []config.Option
	if c.caCertFile != "" {
		ca, err := os.ReadFile(c.caCertFile)
		if err != nil {
			return config.Config{}, fmt.Errorf("read the CA certificate: %w", err)
		}
		options = append(options, config.WithCACert(string(ca)))
	}
	return config.Load(file, request.Context.Overrides, options...)
}

// info answers with whatever configuration there is; only the operator's limit
// on the API version is of interest.
func (c *call) info(context.Context, bosh.AnyArgs) (bosh.Info, error) {
	file, err := os.ReadFile(c.configFile)
	if err != nil {
		return cpi.Info(bosh.NewestAPIVersion), nil //nolint:nilerr // info works without a configuration
	}
	return cpi.Info(config.MaxAPIVersion(file, nil)), nil
}

func (c *call) ping(context.Context, bosh.AnyArgs) (string, error) { return cpi.Ping(), nil }

// summarize writes the one line that a call leaves in the task's log.
func (c *call) summarize(took time.Duration) {
	if c.session == nil {
		return
	}
	stats := c.session.Stats()
	calls, retries := 0, 0
	for _, service := range stats.Services {
		calls, retries = calls+service.Calls, retries+service.Retries
	}
	c.log.Info("call finished", slog.String("method", c.method), slog.Float64("seconds", round(took)), slog.Int("calls", calls),
		slog.Int("retries", retries), slog.Float64("waited_seconds", round(stats.Waited)), slog.Any("services", stats))
}

func round(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
