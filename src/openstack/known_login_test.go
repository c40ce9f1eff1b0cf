package openstack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/openstacktest"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// director is a cloud whose sessions share a cache, as the processes of a
// director do.
type director struct {
	*openstacktest.Cloud

	dir string
}

func onDirector(t *testing.T, options simulator.Options, test func(d *director)) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	openstacktest.Run(t, options, func(c *openstacktest.Cloud) { test(&director{Cloud: c, dir: dir}) })
}

// process returns the session of a new process.
func (d *director) process(changes ...func(*config.OpenStack)) *openstack.Session {
	d.Helper()
	return d.processOn(d.Transport(), changes...)
}

func (d *director) processOn(transport http.RoundTripper, changes ...func(*config.OpenStack)) *openstack.Session {
	d.Helper()
	return d.NewSession(func(o *config.OpenStack) {
		for _, change := range changes {
			change(o)
		}
	}, openstack.WithTransport(transport), openstack.WithCache(d.dir))
}

// uncached returns the session of a process without a cache.
func (d *director) uncached() *openstack.Session { return d.NewSession(nil) }

// looks lets a new process look for a volume that does not exist.
func (d *director) looks(changes ...func(*config.OpenStack)) {
	d.Helper()
	d.looksWith(d.process(changes...))
}

func (d *director) looksWith(session *openstack.Session) {
	d.Helper()
	_, err := volume.New(session).Volume(d.Context(), "x")
	require.True(d, openstack.IsNotFound(err), "%v", err)
}

// logins returns the number of logins during a step.
func (d *director) logins(step func()) int {
	before := d.Calls(getsToken)
	step()
	return d.Calls(getsToken) - before
}

func (d *director) files() []string {
	d.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*-login"))
	require.NoError(d, err)
	return files
}

// The token and the catalog serve the next processes while the token is valid for
// 20 minutes at least.
func TestLoginOfAnotherProcess(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{TokenLifetime: time.Hour}, func(d *director) {
		assert.Equal(d, 1, d.logins(func() { d.looks() }))
		d.Waits(39 * time.Minute)
		assert.Zero(d, d.logins(func() { d.looks() }))
		d.Waits(2 * time.Minute)
		assert.Equal(d, 1, d.logins(func() { d.looks() }), "19 minutes are left")
		assert.Zero(d, d.logins(func() { d.looks() }))
	})
}

// Without the property there is no cache.
func TestNoCache(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		assert.Equal(d, 2, d.logins(func() { d.looksWith(d.uncached()); d.looksWith(d.uncached()) }))
		assert.Empty(d, d.files())
	})
}

// A token that is soon invalid is not kept.
func TestShortTokensAreNotKept(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{TokenLifetime: 15 * time.Minute}, func(d *director) {
		assert.Equal(d, 2, d.logins(func() { d.looks(); d.looks() }))
		assert.Empty(d, d.files())
	})
}

// Credentials, projects, regions and certificate authorities have logins of
// their own, and so has a new password.
func TestLoginsOfOtherCredentials(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{Regions: []string{"north", "south"}}, func(d *director) {
		d.looks()
		for name, change := range map[string]func(*config.OpenStack){
			"user":      func(o *config.OpenStack) { o.Username, o.Project = "admin", "admin" },
			"region":    func(o *config.OpenStack) { o.Region = "south" },
			"project":   func(o *config.OpenStack) { o.ProjectID = d.Fixtures().ProjectID },
			"domain":    func(o *config.OpenStack) { o.UserDomainName, o.ProjectDomainName = o.Domain, o.Domain },
			"interface": func(o *config.OpenStack) { o.EndpointType = "internal" },
			"CA":        func(o *config.OpenStack) { o.Connection.CACertPEM = "another" },
			"credential": func(o *config.OpenStack) {
				o.ApplicationCredentialID, o.ApplicationCredentialSecret = d.Fixtures().ApplicationCredentialID, config.Secret(d.Fixtures().ApplicationCredentialSecret)
				o.Username, o.APIKey = "", ""
			},
		} {
			assert.Equal(d, 1, d.logins(func() { d.looks(change) }), name)
			assert.Zero(d, d.logins(func() { d.looks(change) }), name)
		}
		assert.Zero(d, d.logins(func() { d.looks() }))
		_, err := d.process(func(o *config.OpenStack) { o.APIKey = "wrong" }).Compute(d.Context())
		require.ErrorContains(d, err, "HTTP 401", "a wrong password does not find the token of the right one")
	})
}

// Of 64 processes that start together, one logs in.
func TestOneLoginOfManyProcesses(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		d.Inject(simulator.Fault{On: getsToken, Kind: simulator.Delayed, Delay: 400 * time.Millisecond, Times: -1})
		begun := time.Now()
		assert.Equal(d, 1, d.logins(func() { d.all64() }))
		assert.Less(d, time.Since(begun), time.Second)

		d.RevokeTokens()
		assert.Equal(d, 1, d.logins(func() { d.all64() }), "all have the revoked token, and one replaces it")
	})
}

func (d *director) all64() {
	d.Helper()
	var all errgroup.Group
	for range 64 {
		session := d.process()
		all.Go(func() error {
			if _, err := volume.New(session).Volume(d.Context(), "x"); !openstack.IsNotFound(err) {
				return err
			}
			return nil
		})
	}
	require.NoError(d, all.Wait())
}

// A process that hangs while it logs in delays others for five seconds.
func TestWaitingForAnotherProcessIsBounded(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		d.Inject(simulator.Fault{On: getsToken, Kind: simulator.Delayed, Delay: 30 * time.Second})
		hanging, other := d.process(), d.process()
		var first errgroup.Group
		first.Go(func() error { _, err := hanging.Compute(d.Context()); return err })
		d.Waits(time.Second)

		ctx, cancel := context.WithTimeout(d.Context(), time.Second)
		defer cancel()
		_, err := d.process().Compute(ctx)
		require.ErrorIs(d, err, context.DeadlineExceeded)

		begun := time.Now()
		_, err = other.Compute(d.Context())
		require.NoError(d, err)
		assert.InDelta(d, 5, time.Since(begun).Seconds(), 0.1)
		require.NoError(d, first.Wait())
	})
}

// Whatever became of the cached login and its file, the next process succeeds.
func TestStaleLogins(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options simulator.Options
		happens func(d *director)
		change  func(*config.OpenStack)
		logins  int
	}{
		"revoked":        {happens: func(d *director) { d.RevokeTokens() }, logins: 1},
		"truncated":      {happens: func(d *director) { require.NoError(d, os.Truncate(d.files()[0], 30)) }, logins: 1},
		"readable":       {happens: func(d *director) { require.NoError(d, os.Chmod(d.files()[0], 0o644)) }, logins: 1},
		"removed":        {happens: func(d *director) { require.NoError(d, os.RemoveAll(d.dir)) }, logins: 1},
		"open directory": {happens: func(d *director) { require.NoError(d, os.Chmod(d.dir, 0o755)) }, logins: 1},
		"a directory": {happens: func(d *director) {
			file := d.files()[0]
			require.NoError(d, errors.Join(os.Remove(file), os.MkdirAll(file+"/below", 0o700)))
		}, logins: 1},
		"other project":      {change: func(o *config.OpenStack) { o.Username, o.Project = "admin", "admin" }, logins: 1},
		"relative to a file": {happens: func(d *director) { d.dir = os.Args[0] + "/cache" }, logins: 1},
		"not writable":       {happens: func(d *director) { d.dir = "/proc/cache" }, logins: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onDirector(t, test.options, func(d *director) {
				d.looks()
				if test.happens != nil {
					test.happens(d)
				}
				change := test.change
				if change == nil {
					change = func(*config.OpenStack) {}
				}
				assert.Equal(d, test.logins, d.logins(func() { d.looks(change) }))
			})
		})
	}
}

// A rejected token is removed, also if the new login fails, and the error is
// the same as that of a process without a cache.
func TestRevokedCredential(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		d.looks()
		d.RevokeTokens()
		d.Inject(simulator.Fault{On: getsToken, Status: http.StatusUnauthorized, Times: -1})
		_, err := volume.New(d.process()).Volume(d.Context(), "x")
		require.ErrorContains(d, err, "check user name and password")
		assert.Empty(d, d.files())
		_, cold := volume.New(d.process()).Volume(d.Context(), "x")
		require.ErrorContains(d, cold, "check user name and password")
	})
}

// The clock of Keystone does not matter.
func TestClockOfKeystone(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		onDirector(t, simulator.Options{TokenLifetime: time.Hour}, func(d *director) {
			transport := changed{d.Transport(), func(body string) string {
				for _, member := range []string{`"issued_at":`, `"expires_at":`} {
					body = shifted(d.T, body, member, skew)
				}
				return body
			}}
			for range 2 {
				d.looksWith(d.processOn(transport))
			}
			assert.Equal(d, 1, d.Calls(getsToken))
			d.Waits(45 * time.Minute)
			d.looksWith(d.processOn(transport))
			assert.Equal(d, 2, d.Calls(getsToken))
		})
	}
}

// shifted adds the skew to the time after the member's name.
func shifted(t *testing.T, body, member string, skew time.Duration) string {
	t.Helper()
	before, after, found := strings.Cut(body, member)
	require.True(t, found, body)
	before += member + after[:strings.Index(after, `"`)+1]
	after = after[strings.Index(after, `"`)+1:]
	text, after, _ := strings.Cut(after, `"`)
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return before + at.Add(skew).Format(time.RFC3339) + `"` + after
}

// A cached catalog can be older than the cloud's endpoints.
func TestStaleCatalog(t *testing.T) {
	t.Parallel()
	missing := func(body string) string {
		return strings.NewReplacer("volumev3", "removed", "block-storage", "removed").Replace(body)
	}
	replaced := func(path string) func(string) string {
		return func(body string) string { return strings.ReplaceAll(body, "http://cloud/volume/", path) }
	}
	for name, before := range map[string]func(string) string{
		"a service was added":             missing,
		"a path has changed":              replaced("http://cloud/nowhere/"),
		"a service moved to another host": replaced("http://gone/volume/"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onDirector(t, simulator.Options{}, func(d *director) {
				network := unreachable{d.Transport(), "gone", "/nowhere/"}
				old := d.processOn(changed{network, before})
				_, err := compute.New(old).Flavors(d.Context())
				require.NoError(d, err)

				d.Waits(30 * time.Second)
				_, err = volume.New(d.processOn(network)).Volume(d.Context(), "x")
				assert.False(d, openstack.IsNotFound(err), "a new login is not doubted: %v", err)
				d.Waits(2 * time.Minute)
				d.ResetJournal()
				fresh := d.processOn(network)
				made, err := volume.New(fresh).CreateVolume(d.Context(), volume.CreateOpts{Name: "one", SizeGiB: 1})
				require.NoError(d, err)
				_, err = volume.New(fresh).Volume(d.Context(), made.ID)
				require.NoError(d, err)
				assert.Equal(d, 1, d.Calls(getsToken))
				assert.Zero(d, d.logins(func() { d.looksWith(d.processOn(network)) }))
			})
		})
	}
}

// The project can be deleted and created again with the same name. Its id is a
// part of Cinder's URL, so the repeated request has another URL.
func TestProjectWasReplaced(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		before := changed{d.Transport(), func(body string) string { return strings.ReplaceAll(body, d.Fixtures().ProjectID, "deleted") }}
		_, err := compute.New(d.processOn(before)).Flavors(d.Context())
		require.NoError(d, err)
		d.RevokeTokens()
		session := d.process()
		made, err := volume.New(session).CreateVolume(d.Context(), volume.CreateOpts{Name: "one", SizeGiB: 1})
		require.NoError(d, err)
		_, err = volume.New(session).Volume(d.Context(), made.ID)
		require.NoError(d, err)
		id, err := session.ProjectID(d.Context())
		require.NoError(d, err)
		assert.Equal(d, d.Fixtures().ProjectID, id)
	})
}

// changed changes the responses to logins.
type changed struct {
	cloud  http.RoundTripper
	change func(body string) string
}

func (c changed) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.cloud.RoundTrip(request)
	if err != nil || !strings.HasSuffix(request.URL.Path, "/auth/tokens") {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(strings.NewReader(c.change(string(body))))
	response.ContentLength = -1
	return response, err
}

// unreachable is a network without one of the hosts, with a web server at one of
// the paths.
type unreachable struct {
	cloud      http.RoundTripper
	host, path string
}

func (u unreachable) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host == u.host {
		return nil, &url.Error{Op: request.Method, URL: request.URL.String(), Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	}
	if strings.HasPrefix(request.URL.Path, u.path) {
		recorder := httptest.NewRecorder()
		http.NotFound(recorder, request)
		return recorder.Result(), nil
	}
	return u.cloud.RoundTrip(request)
}

// A role can be assigned after the login. A refusal is repeated once with a new
// token, and then is the same error as without a cache.
func TestRefusedWithACachedToken(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		refusal := simulator.Fault{On: "POST /volumes", Status: http.StatusForbidden, Body: `{"forbidden": {"code": 403, "message": "Policy doesn't allow volume:create to be performed."}}`}
		create := func(session *openstack.Session) error {
			_, err := volume.New(session).CreateVolume(d.Context(), volume.CreateOpts{Name: "one", SizeGiB: 1})
			return err
		}
		d.looks()
		d.Waits(2 * time.Minute)
		d.Inject(refusal)
		assert.Equal(d, 1, d.logins(func() { require.NoError(d, create(d.process())) }), "the role was assigned in between")

		d.Waits(2 * time.Minute)
		refusal.Times = -1
		d.Inject(refusal)
		warm := create(d.process())
		assert.Equal(d, 1, d.logins(func() {
			cold := create(d.uncached())
			assert.Equal(d, openstack.MessageOf(cold), openstack.MessageOf(warm))
		}))
	})
}

// The token is in no log and, as a plain text, in no file.
func TestCachedTokenIsSecret(t *testing.T) {
	t.Parallel()
	onDirector(t, simulator.Options{}, func(d *director) {
		var seen []string
		var log bytes.Buffer
		cfg, err := config.Load(d.CPIConfig(openstacktest.URL), nil)
		require.NoError(d, err)
		for range 2 {
			session, err := openstack.NewSession(cfg.OpenStack, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
				openstack.WithTransport(d.Transport()), openstack.WithCache(d.dir), openstack.WithTokens(func(token string) {
					if token != "" {
						seen = append(seen, token)
					}
				}))
			require.NoError(d, err)
			d.looksWith(session)
		}
		require.NotEmpty(d, seen)
		token := seen[len(seen)-1]
		assert.NotContains(d, log.String(), token)
		require.NoError(d, filepath.WalkDir(d.dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			assert.NotContains(d, string(content), token, path)
			assert.NotContains(d, string(content), "http://", path)
			return err
		}))
	})
}
