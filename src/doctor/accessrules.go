package doctor

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// neededRules is docs/access-rules.json: the requests that the CPI sends.
//
//go:embed access-rules.json
var neededRules []byte

// checkAccessRules compares the access rules of an application credential with the
// requests of the CPI.
func (d *Doctor) checkAccessRules(ctx context.Context, s *sheet) {
	token, err := d.session.Token(ctx)
	if err != nil {
		s.failed("access rules", err)
		return
	}
	if !token.Restricted {
		s.ok("access rules", "the token has none: the user's roles alone decide")
		return
	}
	var needed []openstack.AccessRule
	if err := json.Unmarshal(neededRules, &needed); err != nil {
		s.failed("access rules", err)
		return
	}
	prefixes := d.prefixes(ctx)
	var refused []string
	total := 0
	for request, types := range byRequest(needed) {
		total++
		allowed := slices.ContainsFunc(types, func(service string) bool {
			return slices.ContainsFunc(token.Rules, func(rule openstack.AccessRule) bool {
				return allows(rule, service, request.method, prefixes[service]+request.path)
			})
		})
		if !allowed {
			refused = append(refused, types[0]+" "+request.method+" "+request.path)
		}
	}
	slices.Sort(refused)
	if len(refused) > 0 {
		s.bad("access rules", "create an application credential with docs/access-rules.json (docs/privileges.md); the rules of one cannot be changed",
			"%d of %d requests of the CPI are not allowed: %s", len(refused), total, strings.Join(refused, ", "))
		return
	}
	s.ok("access rules", "all %d requests of the CPI are allowed", total)
}

// ruledRequest is a request without the type of its service: Cinder has two.
type ruledRequest struct{ group, method, path string }

// byRequest returns the requests with the types of their services.
func byRequest(rules []openstack.AccessRule) map[ruledRequest][]string {
	requests := map[ruledRequest][]string{}
	for _, rule := range rules {
		group := rule.Service
		if group == "volumev3" {
			group = "block-storage"
		}
		request := ruledRequest{group, rule.Method, rule.Path}
		requests[request] = append(requests[request], rule.Service)
	}
	return requests
}

// segment matches the parts of the path of an access rule that stand for others.
var segment = regexp.MustCompile(`{[^}]*}|\*\*|\*`)

// allows reports whether the rule allows the request: as in Keystone's middleware,
// "{name}" and "*" stand for one segment of the path and "**" for any number, and
// the rest is a regular expression.
func allows(rule openstack.AccessRule, service, method, path string) bool {
	pattern := segment.ReplaceAllStringFunc(rule.Path, func(part string) string {
		if part == "**" {
			return ".*"
		}
		return "[^/]+"
	})
	matches, err := regexp.MatchString("^"+pattern+"$", strings.ReplaceAll(path, "*", "x"))
	return err == nil && matches && rule.Service == service && rule.Method == method
}

// versionInPath matches the version in the path of an endpoint.
var versionInPath = regexp.MustCompile(`/v\d.*$`)

// prefixes returns the paths of the endpoints before their version, by type of the
// service. Services compare the whole path with the rules.
func (d *Doctor) prefixes(ctx context.Context) map[string]string {
	prefixes := map[string]string{}
	for kind, client := range map[string]func(context.Context) (*gophercloud.ServiceClient, error){
		"compute": d.session.Compute, "network": d.session.Network, "image": d.session.Image, "volumev3": d.session.Volume,
		"block-storage": d.session.Volume, "load-balancer": d.session.LoadBalancer,
	} {
		found, err := client(ctx)
		if err != nil {
			continue // see checkVersions
		}
		if endpoint, err := url.Parse(found.Endpoint); err == nil {
			prefixes[kind] = strings.TrimSuffix(versionInPath.ReplaceAllString(endpoint.Path, ""), "/")
		}
	}
	return prefixes
}
