package keystone

import (
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// authRequestV2 is the body of POST /v2.0/tokens.
type authRequestV2 struct {
	Auth *struct {
		TenantName          string `json:"tenantName"`
		TenantID            string `json:"tenantId"`
		PasswordCredentials *struct {
			Username string `json:"username"`
			UserID   string `json:"userId"`
			Password string `json:"password"`
		} `json:"passwordCredentials"`
		Token *struct {
			ID string `json:"id"`
		} `json:"token"`
	} `json:"auth"`
}

// createTokenV2 authenticates as API version 2.0 does: everything is in the
// default domain.
func (k *Service) createTokenV2(c *api.Call) (api.Answer, error) {
	var body authRequestV2
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if body.Auth == nil {
		return api.Answer{}, k.missing("auth", "request body")
	}
	u := k.userV2(body)
	if u == nil {
		return api.Answer{}, k.rejected(c)
	}
	p, known := k.tenant(u, body.Auth.TenantName, body.Auth.TenantID)
	if !known {
		return api.Answer{}, k.rejected(c)
	}
	t := k.issue(u, p, "password")
	return api.OK(api.Object{"access": k.describeV2(c, t)})
}

// userV2 returns the user of the credentials or of the token, nil for none.
func (k *Service) userV2(body authRequestV2) *user {
	if old := body.Auth.Token; old != nil {
		if t, ok := k.valid(old.ID); ok {
			return t.user
		}
		return nil
	}
	login := body.Auth.PasswordCredentials
	if login == nil {
		return nil
	}
	for _, u := range k.users {
		if u.domain.ID == "default" && (u.name == login.Username || u.id == login.UserID) && u.password == login.Password {
			return u
		}
	}
	return nil
}

// tenant returns the project with a name or an id. Neither is an unscoped
// token.
func (k *Service) tenant(u *user, name, id string) (found *project, known bool) {
	if name == "" && id == "" {
		return nil, true
	}
	for _, p := range k.projects {
		if (p.name == name && p.domain.ID == "default" || p.id == id) && len(u.roles[p.id]) > 0 {
			return p, true
		}
	}
	return nil, false
}

func (k *Service) describeV2(c *api.Call, t *token) api.Object {
	roles, names := []api.Object{}, []string{}
	for _, name := range t.roles {
		roles, names = append(roles, api.Object{"name": name}), append(names, name)
	}
	described := api.Object{
		"id": t.id, "issued_at": world.Microseconds(t.issued) + "Z", "expires": t.expires.UTC().Format(time.RFC3339),
		"audit_ids": []string{t.auditID},
	}
	catalog := []api.Object{}
	if t.project.id != "" {
		described["tenant"] = api.Object{"id": t.project.id, "name": t.project.name, "enabled": true, "description": nil}
		catalog = k.catalogV2(c, t.project.id)
	}
	return api.Object{
		"token":          described,
		"serviceCatalog": catalog,
		"user": api.Object{
			"id": t.user.id, "name": t.user.name, "username": t.user.name, "roles": roles, "roles_links": []api.Object{},
		},
		"metadata": api.Object{"is_admin": 0, "roles": names},
	}
}

// catalogV2 returns the endpoints in the format of API version 2.0.
func (k *Service) catalogV2(c *api.Call, project string) []api.Object {
	services := []api.Object{}
	for _, entry := range k.entries(project) {
		endpoints := []api.Object{}
		for i, region := range k.world.Options.Regions {
			endpoints = append(endpoints, api.Object{
				"id": entry.kind + "-" + region, "region": region,
				"publicURL":   k.endpoint(c, entry.path, i, "public"),
				"internalURL": k.endpoint(c, entry.path, i, "internal"),
				"adminURL":    k.endpoint(c, entry.path, i, "admin"),
			})
		}
		services = append(services, api.Object{
			"endpoints": endpoints, "endpoints_links": []api.Object{}, "type": entry.kind, "name": entry.name,
		})
	}
	return services
}
