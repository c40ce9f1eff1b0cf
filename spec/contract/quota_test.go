package contract_test

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// skipWithout skips a claim for which the cloud or the run lacks something.
// With CPI_STRICT=1 the claim fails instead.
func (c *cloud) skipWithout(what string) {
	c.t.Helper()
	if os.Getenv("CPI_STRICT") == "1" {
		c.t.Error("CPI_STRICT is set: no claim may be skipped")
	}
	c.t.Skip("the run lacks " + what)
}

// needsExtension skips the claim if Neutron does not have the extension.
func (c *cloud) needsExtension(alias string) {
	c.t.Helper()
	if !slices.Contains(c.network.get("/extensions").expect(http.StatusOK).each("extensions", "alias"), alias) {
		c.skipWithout("Neutron's extension " + alias)
	}
}

// quotas are limits by the service that enforces them.
type quotas struct{ compute, volume, network object }

// projectWithQuota creates a project with these quotas and logs the user in to
// it.
func (c *cloud) projectWithQuota(limits quotas) *cloud {
	c.t.Helper()
	if c.admin == nil {
		c.skipWithout("an administrator to create a project with a quota: set CPI_ADMIN_USERNAME and the related variables")
	}
	admin := c.admin()
	name := c.name("project")
	made := admin.identity.post("/projects", object{"project": object{"name": name, "domain_id": c.projectDomainID}}).
		expect(http.StatusCreated)
	project := made.text("project.id")
	c.deleteAtEnd(admin.identity, "/projects/"+project)
	c.t.Cleanup(func() { admin.deleteGroupsOf(project) })

	for _, role := range c.roleIDs {
		admin.identity.put("/projects/"+project+"/users/"+c.userID+"/roles/"+role, nil).expect(http.StatusNoContent)
	}
	if limits.compute != nil {
		admin.compute.put("/os-quota-sets/"+project, object{"quota_set": limits.compute}).expect(http.StatusOK)
	}
	if limits.volume != nil {
		admin.volume.put("/os-quota-sets/"+project, object{"quota_set": limits.volume}).expect(http.StatusOK)
	}
	if limits.network != nil {
		admin.network.put("/quotas/"+project, object{"quota": limits.network}).expect(http.StatusOK)
	}

	login := c.login
	login.Project = name
	limited := authenticate(c.t, c.identity.Client, login)
	limited.run, limited.fixtures = c.run, c.fixtures
	return limited
}

// ownImageAndNetwork returns the fields of a server that uses an image and a
// network of the project itself.
func (c *cloud) ownImageAndNetwork() object {
	c.t.Helper()
	return object{
		"imageRef": strings.TrimPrefix(c.activeImage(), "/images/"),
		"networks": list{object{"uuid": c.tenantNetwork(nil)}},
	}
}

// deleteGroupsOf deletes the default security group that Neutron created for a
// project.
func (c *cloud) deleteGroupsOf(project string) {
	groups := c.network.list("/security-groups", url.Values{"project_id": {project}}).expect(http.StatusOK)
	for _, id := range groups.each("security_groups", "id") {
		c.network.delete("/security-groups/" + id)
	}
}
