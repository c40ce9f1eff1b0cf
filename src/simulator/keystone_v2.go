package simulator

import "time"

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

// createTokenV2 authenticates as version 2.0 of the API does: everything is in the default domain.
func (k *keystone) createTokenV2(c *call) (answer, error) {
	var body authRequestV2
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if body.Auth == nil {
		return answer{}, k.missing("auth", "request body")
	}
	u := k.userV2(body)
	if u == nil {
		return answer{}, k.rejected(c)
	}
	p, known := k.tenant(u, body.Auth.TenantName, body.Auth.TenantID)
	if !known {
		return answer{}, k.rejected(c)
	}
	t := k.issue(u, p, "password")
	return ok(object{"access": k.describeV2(c, t)})
}

// userV2 returns the user that the credentials or the token of the body belong to, nil for none.
func (k *keystone) userV2(body authRequestV2) *user {
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

// tenant finds the project by name or id; no name and no id is an unscoped token.
func (k *keystone) tenant(u *user, name, id string) (found *project, known bool) {
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

func (k *keystone) describeV2(c *call, t *token) object {
	roles, names := []object{}, []string{}
	for _, name := range t.roles {
		roles, names = append(roles, object{"name": name}), append(names, name)
	}
	described := object{
		"id": t.id, "issued_at": microseconds(t.issued) + "Z", "expires": t.expires.UTC().Format(time.RFC3339),
		"audit_ids": []string{t.auditID},
	}
	catalog := []object{}
	if t.project.id != "" {
		described["tenant"] = object{"id": t.project.id, "name": t.project.name, "enabled": true, "description": nil}
		catalog = k.catalogV2(c, t.project.id)
	}
	return object{
		"token":          described,
		"serviceCatalog": catalog,
		"user": object{
			"id": t.user.id, "name": t.user.name, "username": t.user.name, "roles": roles, "roles_links": []object{},
		},
		"metadata": object{"is_admin": 0, "roles": names},
	}
}

// catalogV2 lists the endpoints in the form of version 2.0 of the API.
func (k *keystone) catalogV2(c *call, project string) []object {
	services := []object{}
	for _, entry := range k.entries(project) {
		endpoints := []object{}
		for i, region := range k.options.Regions {
			endpoints = append(endpoints, object{
				"id": entry.kind + "-" + region, "region": region,
				"publicURL":   k.endpoint(c, entry.path, i, "public"),
				"internalURL": k.endpoint(c, entry.path, i, "internal"),
				"adminURL":    k.endpoint(c, entry.path, i, "admin"),
			})
		}
		services = append(services, object{
			"endpoints": endpoints, "endpoints_links": []object{}, "type": entry.kind, "name": entry.name,
		})
	}
	return services
}
