package contract_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
)

// lacks ends a claim that the cloud or the run has no means to try. In a run that must leave out
// nothing (CPI_STRICT=1) that is a failure.
func (c *cloud) lacks(what string) {
	c.t.Helper()
	if os.Getenv("CPI_STRICT") == "1" {
		c.t.Error("nothing may be left out")
	}
	c.t.Skip("the run lacks " + what)
}

// quotas are limits by the service that watches over them.
type quotas struct{ compute, volume, network object }

// projectWith makes a project with these quotas, and returns the cloud as the user sees it from there.
func (c *cloud) projectWith(limits quotas) *cloud {
	c.t.Helper()
	if c.admin == nil {
		c.lacks("an administrator, who could make a project with a quota: CPI_ADMIN_USERNAME and others")
	}
	admin := c.admin()
	name := c.name("project")
	made := admin.identity.post("/projects", object{"project": object{"name": name, "domain_id": c.projectDomainID}}).
		wants(http.StatusCreated)
	project := made.text("project.id")
	c.atTheEnd(admin.identity, "/projects/"+project)
	c.t.Cleanup(func() { admin.deleteGroupsOf(project) })

	for _, role := range c.roleIDs {
		admin.identity.put("/projects/"+project+"/users/"+c.userID+"/roles/"+role, nil).wants(http.StatusNoContent)
	}
	if limits.compute != nil {
		admin.compute.put("/os-quota-sets/"+project, object{"quota_set": limits.compute}).wants(http.StatusOK)
	}
	if limits.volume != nil {
		admin.volume.put("/os-quota-sets/"+project, object{"quota_set": limits.volume}).wants(http.StatusOK)
	}
	if limits.network != nil {
		admin.network.put("/quotas/"+project, object{"quota": limits.network}).wants(http.StatusOK)
	}

	there := c.login
	there.project = name
	limited := authenticate(c.t, c.identity.client, there)
	limited.run, limited.fixtures = c.run, c.fixtures
	return limited
}

// ownParts is the part of a server that uses an image and a network of the project's own.
func (c *cloud) ownParts() object {
	c.t.Helper()
	return object{
		"imageRef": strings.TrimPrefix(c.activeImage(), "/images/"),
		"networks": list{object{"uuid": c.tenantNetwork(nil)}},
	}
}

// deleteGroupsOf deletes the default security group neutron made for a project.
func (c *cloud) deleteGroupsOf(project string) {
	groups := c.network.list("/security-groups", url.Values{"project_id": {project}}).wants(http.StatusOK)
	for _, id := range groups.each("security_groups", "id") {
		c.network.delete("/security-groups/" + id)
	}
}
