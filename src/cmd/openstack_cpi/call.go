package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/cpi"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/rpc"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// call serves one request. It reads the configuration only when a method needs
// it, so that info and unknown methods are answered without one.
type call struct {
	configFile string
	caCertFile string
	cacheDir   string
	// transport replaces the network in tests.
	transport http.RoundTripper
	// intercept wraps the transport of a call that a person makes; nil for a
	// director's.
	intercept func(http.RoundTripper) http.RoundTripper
	// logLevel replaces the configured level if it is not empty.
	logLevel string

	level   *telemetry.Log
	log     *slog.Logger
	method  string
	config  config.Config
	session *openstack.Session
	failure error    // of the method
	cpi     *cpi.CPI // nil until a method needs the cloud
}

// options registers the options with which BOSH starts this program.
func (c *call) options(flags *flag.FlagSet) {
	configOptions(flags, &c.configFile, &c.caCertFile)
	flags.StringVar(&c.cacheDir, "cache", "", "the `DIRECTORY` of the cache that calls share, if cpi.json does not name another or none")
}

// configOptions registers the options that name the job's files.
func configOptions(flags *flag.FlagSet, configFile, caCertFile *string) {
	flags.StringVar(configFile, "config", "", "the job's cpi.json, a `FILE`")
	flags.StringVar(caCertFile, "ca-cert", "", "the job's cacert.pem, a `FILE`; used if cpi.json has a ca_cert")
}

// serve answers the request on in and returns the exit code. That is 0 whenever
// an answer was written: bosh create-env ignores the answer of any other.
func (c *call) serve(ctx context.Context, in io.Reader, out, logs io.Writer) int {
	c.level = telemetry.New(logs)
	c.level.SetLevel(os.Getenv("BOSH_LOG_LEVEL"), c.logLevel)
	c.log = c.level.Logger
	start := time.Now()
	if file, err := os.ReadFile(c.configFile); err == nil {
		c.level.Mask.AddDocument(file)
	}
	if err := rpc.Serve(ctx, in, out, c.methods, c.level.Mask.Text, c.log); err != nil {
		c.log.Error("cannot write the answer", slog.Any("error", err))
		c.undo(ctx)
		return 1
	}
	c.summarize(time.Since(start))
	return 0
}

// undo undoes the call after its answer was lost: the caller does not know the
// CID of what was created and cannot delete it.
func (c *call) undo(ctx context.Context) {
	if c.cpi == nil {
		return
	}
	if err := c.cpi.Undo(ctx); err != nil {
		c.log.Error("the call could not be undone", slog.String("method", c.method), slog.Any("error", err))
	}
}

// open loads the configuration for the request and creates the session. It
// sends nothing to the cloud.
func (c *call) open(request bosh.Request) (*cpi.CPI, error) {
	cfg, err := loadConfig(c.configFile, c.caCertFile, request.Context.Overrides, c.level.Mask, config.WithCacheDir(c.cacheDir))
	if err != nil {
		return nil, bosh.Errorf(bosh.CPIError, "%w", err)
	}
	c.config = cfg
	c.level.SetLevel(os.Getenv("BOSH_LOG_LEVEL"), c.logLevel, cfg.OpenStack.LogLevel)
	for _, warning := range cfg.Warnings {
		c.log.Warn("configuration", slog.String("warning", warning))
	}
	globalID := openstack.GlobalRequestID(request.Context.DirectorUUID, request.Context.RequestID)
	options := append(sessionOptions(c.transport, c.level.Mask), openstack.WithGlobalRequestID(globalID),
		openstack.WithCache(cfg.OpenStack.TokenCache), openstack.WithInterceptor(c.intercept))
	if c.session, err = openstack.NewSession(cfg.OpenStack, c.log, options...); err != nil {
		return nil, bosh.Errorf(bosh.CPIError, "%w", err)
	}
	c.log.Info("call started", slog.String("method", c.method), slog.String("global_request_id", globalID),
		slog.String("started", c.session.Started().UTC().Format("2006-01-02T15:04:05.000Z")))
	plain := &http.Client{Transport: c.plainTransport(), Timeout: cfg.OpenStack.Connection.ReadTimeout}
	c.cpi = cpi.New(request, cfg, c.session, plain, c.log)
	return c.cpi, nil
}

// plainTransport returns the transport for the registry and the metadata
// service; nil stands for net/http's own.
func (c *call) plainTransport() http.RoundTripper {
	switch {
	case c.intercept == nil:
		return c.transport
	case c.transport == nil:
		return c.intercept(http.DefaultTransport)
	}
	return c.intercept(c.transport)
}

// limit is the longest time that a call takes, without its upload and its undo. A
// call waits for a state a few times at most, and half an hour for the upload of
// the same stemcell by another process.
func (c *call) limit() time.Duration { return 30*time.Minute + 6*c.session.StateTimeout() }

// withWarnings adds the warnings of the call to its error. bosh create-env shows
// its users the error, and the log only on request.
func (c *call) withWarnings(err error) error {
	if text := config.WarningsText(slices.Concat(c.config.Warnings, c.cpi.Warnings())); err != nil && text != "" {
		return fmt.Errorf("%w%s", err, text)
	}
	return err
}

// sessionOptions are those of all sessions. A transport that is not nil replaces
// the network.
func sessionOptions(transport http.RoundTripper, mask *telemetry.Mask) []openstack.Option {
	options := []openstack.Option{openstack.WithUserAgent("openstack-bosh-cpi/" + version), openstack.WithTokens(mask.Add)}
	if transport != nil {
		options = append(options, openstack.WithTransport(transport))
	}
	return options
}

// addSecrets makes the secrets of the request known to the mask.
func (c *call) addSecrets(request bosh.Request) {
	if overrides, err := json.Marshal(request.Context.Overrides); err == nil {
		c.level.Mask.AddDocument(overrides)
	}
	for i, argument := range request.Arguments {
		if request.Method == "create_vm" && i == envArgument {
			c.level.Mask.AddEnv(argument)
			continue
		}
		c.level.Mask.AddDocument(argument)
	}
}

// envArgument is the position of env in the arguments of create_vm.
const envArgument = 5

// loadConfig reads the job's files, makes their secrets known to the mask, and
// merges the overrides over them.
func loadConfig(configFile, caCertFile string, overrides map[string]json.RawMessage, mask *telemetry.Mask, options ...config.Option) (config.Config, error) {
	file, err := os.ReadFile(configFile)
	if err != nil {
		return config.Config{}, fmt.Errorf("read the configuration: %w", err)
	}
	mask.AddDocument(file)
	if caCertFile != "" {
		ca, err := os.ReadFile(caCertFile)
		if err != nil {
			return config.Config{}, fmt.Errorf("read the CA certificate: %w", err)
		}
		options = append(options, config.WithCACert(string(ca)))
	}
	return config.Load(file, overrides, options...)
}

// info answers with any configuration, or none. It reads only the operator's
// limit of the API version.
func (c *call) info(context.Context, bosh.AnyArgs) (bosh.Info, error) {
	file, err := os.ReadFile(c.configFile)
	if err != nil {
		return cpi.Info(bosh.NewestAPIVersion), nil //nolint:nilerr // info works without a configuration
	}
	return cpi.Info(config.MaxAPIVersion(file, nil)), nil
}

func (c *call) ping(context.Context, bosh.AnyArgs) (string, error) { return cpi.Ping(), nil }

// summarize logs one line about the call, for the log of the director's task.
func (c *call) summarize(took time.Duration) {
	if c.session == nil {
		return
	}
	stats := c.session.Stats()
	calls, retries := 0, 0
	for _, service := range stats.Services {
		calls, retries = calls+service.Calls, retries+service.Retries
	}
	attrs := []any{
		slog.String("method", c.method), slog.Float64("seconds", took.Seconds()), slog.Int("calls", calls),
		slog.Int("retries", retries), slog.Float64("waited_seconds", stats.Waited.Seconds()), slog.Any("services", stats),
	}
	if failure := bosh.AsError(c.failure); failure != nil {
		text := strings.TrimPrefix(failure.Kind.String(), "Bosh::Clouds::") + ": " + c.level.Mask.Text(failure.Error())
		if len(text) > maxFailure {
			text = strings.ToValidUTF8(text[:maxFailure], "") + "…"
		}
		attrs = append(attrs, slog.String("error", text))
	}
	c.log.Info("call finished", attrs...)
}

// maxFailure limits the error in the last line of the log, in bytes. The answer
// has the whole.
const maxFailure = 500
