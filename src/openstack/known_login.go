package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"time"

	client "github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/openstack/internal/cache"
)

const (
	// loginName is the name of the login in the cache.
	loginName = "login"
	// cachedReserve is how long a token from the cache must remain valid. The
	// services use it after the request, too: Nova to create a boot volume.
	cachedReserve = 20 * time.Minute
	// loginWait limits the waiting for the login of another process. loginPoll is
	// the pause between two looks at its result.
	loginWait = 5 * time.Second
	loginPoll = 10 * time.Millisecond
	// renewedAge is the age up to which another process's token replaces one that
	// a service has rejected. An older one may have been revoked with it.
	renewedAge = 10 * time.Second
)

// knownLogin is a login in the cache. Its times are durations, because the
// clocks of Keystone and of this machine may differ.
type knownLogin struct {
	Token     string        `json:"token"`
	Lifetime  time.Duration `json:"lifetime"` // when it was saved
	ProjectID string        `json:"project_id"`
	Catalog   []endpoint    `json:"catalog"`
}

// newCache returns the cache of the configured credential in a directory, nil if
// there is none.
func newCache(cfg config.OpenStack, dir string, log *slog.Logger) *cache.Cache {
	if dir == "" {
		return nil
	}
	secret := cfg.APIKey.Reveal() + "\x00" + cfg.ApplicationCredentialSecret.Reveal()
	// The secrets in the identity are encoded as "<redacted>".
	identity, err := json.Marshal([]any{
		cfg.AuthURL, cfg.IdentityV2, cfg.Username, cfg.ApplicationCredentialID, cfg.Tenant, cfg.Project, cfg.ProjectID,
		cfg.Domain, cfg.UserDomainName, cfg.ProjectDomainName, cfg.Region, cfg.EndpointType, cfg.Connection,
	})
	if err != nil {
		log.Debug("there is no cache", slog.Any("error", err))
		return nil
	}
	opened, err := cache.New(dir, identity, []byte(secret))
	if err != nil {
		log.Debug("there is no cache", slog.Any("error", err))
		return nil
	}
	return opened
}

// findLogin returns the login of another process, or logs in. Of processes that
// start together one logs in, and the others wait for it. rejected is a token
// that a service has rejected; empty for none.
func (s *Session) findLogin(ctx context.Context, rejected string) (*login, error) {
	for begun := time.Now(); ; {
		if known := s.cachedLogin(rejected); known != nil {
			return known, nil
		}
		unlock, err := s.cache.TryLock(loginName)
		if err == nil {
			defer unlock()
			break
		}
		if !errors.Is(err, cache.ErrLocked) || time.Since(begun) > loginWait {
			s.log.Debug("logging in without a lock", slog.Any("error", err))
			break
		}
		if err := Sleep(ctx, loginPoll); err != nil {
			return nil, err
		}
	}
	// Another process may have logged in between the two looks.
	if known := s.cachedLogin(rejected); known != nil {
		return known, nil
	}
	made, err := s.newLogin(ctx)
	if err != nil {
		return nil, err
	}
	s.keepLogin(made)
	return made, nil
}

// cachedLogin returns the login in the cache, nil if there is none that can be
// used. A login with the rejected token is removed.
func (s *Session) cachedLogin(rejected string) *login {
	var known knownLogin
	age, err := s.cache.Load(loginName, &known)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.log.Debug("the cached login cannot be read", slog.Any("error", err))
		}
		return nil
	}
	s.onToken(known.Token)
	if known.Token == rejected {
		s.forgetLogin()
		return nil
	}
	left := known.Lifetime - age
	if known.Token == "" || left < cachedReserve || rejected != "" && age > renewedAge {
		return nil
	}
	provider, err := client.NewClient(s.cfg.AuthURL)
	if err != nil {
		return nil
	}
	provider.HTTPClient = *s.http
	provider.SetToken(known.Token)
	return &login{provider: provider, catalog: known.Catalog, projectID: known.ProjectID, made: time.Now().Add(-age), expires: time.Now().Add(left), cached: true}
}

// keepLogin writes the login to the cache, if its token is valid for long
// enough. It also removes old files, because logins are rare.
func (s *Session) keepLogin(made *login) {
	s.cache.Sweep()
	lifetime := time.Until(made.expires)
	if lifetime < cachedReserve {
		return
	}
	known := knownLogin{Token: made.provider.Token(), Lifetime: lifetime, ProjectID: made.projectID, Catalog: made.catalog}
	if err := s.cache.Save(loginName, known); err != nil {
		s.log.Debug("the login cannot be cached", slog.Any("error", err))
	}
}

// forgetLogin removes the login from the cache.
func (s *Session) forgetLogin() {
	if err := s.cache.Remove(loginName); err != nil {
		s.log.Debug("the cached login cannot be removed", slog.Any("error", err))
	}
}
