package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// The limits of what is usual.
const (
	// shortToken is less than a stemcell upload on a slow line. The CPI renews
	// tokens, but an upload that has begun cannot be repeated.
	shortToken = 30 * time.Minute
	// skewed is more than a slow response explains.
	skewed = 30 * time.Second
)

// checkIdentity looks at the login: credentials, project, roles, the life time of
// tokens and Keystone's clock.
func (d *Doctor) checkIdentity(ctx context.Context, s *sheet) {
	token, err := d.session.Token(ctx)
	if err != nil {
		s.bad("login", "correct the credentials of openstack, or ask the cloud's operator", "%s", err)
		return
	}
	if token.ProjectID == "" {
		s.bad("project", "name the project (openstack.project or project_id)", "the token of %s belongs to no project", token.User)
		return
	}
	s.ok("login", "user %s in project %s (%s)", token.User, token.Project, token.ProjectID)
	checkRoles(s, token.Roles)
	checkTimes(s, token)
}

// checkRoles compares the roles with those of docs/privileges.md.
func checkRoles(s *sheet, roles []string) {
	slices.Sort(roles)
	list := strings.Join(roles, ", ")
	has := func(name string) bool {
		return slices.ContainsFunc(roles, func(role string) bool { return strings.EqualFold(role, name) })
	}
	switch {
	case len(roles) == 0:
		s.unknown("roles", "the token does not contain any")
	case has("admin"):
		s.warning("roles", "use a user with the role member, or an application credential with the rules of docs/access-rules.json",
			"%s: the CPI needs no administrator, and what it does by mistake would affect all projects", list)
	case len(roles) == 1 && has("reader"):
		s.bad("roles", "give the user the role member in the project", "%s: nothing can be created", list)
	case has("member") || has("_member_"):
		s.ok("roles", "%s", list)
	default:
		s.unknown("roles", "%s: these are roles of this cloud only, so that their rights are not known", list)
	}
}

// checkTimes looks at the life time of tokens, and compares Keystone's clock with
// that of this machine.
func checkTimes(s *sheet, token openstack.Token) {
	if token.Issued.IsZero() {
		s.unknown("token", "Keystone does not say when it was issued")
		s.unknown("clock", "Keystone does not say its time")
		return
	}
	if life := token.Expires.Sub(token.Issued); life < shortToken {
		s.warning("token", "ask the cloud's operator for a longer life time (keystone.conf, [token] expiration)",
			"valid for %s: the upload of a stemcell can take longer", life)
	} else {
		s.ok("token", "valid for %s", life)
	}
	skew := time.Since(token.Issued).Truncate(time.Second)
	if skew.Abs() > skewed {
		s.warning("clock", "synchronise the clocks (NTP) of this machine and of the cloud",
			"this machine's clock is %s", offset(skew))
		return
	}
	s.ok("clock", "agrees with Keystone's within %s", skewed)
}

func offset(skew time.Duration) string {
	if skew < 0 {
		return (-skew).String() + " behind Keystone's"
	}
	return skew.String() + " ahead of Keystone's"
}
