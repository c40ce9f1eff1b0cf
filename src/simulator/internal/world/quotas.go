package world

// QuotaNames lists the quotas that the services check.
func QuotaNames() []string {
	return []string{
		"instances", "cores", "ram", "metadata_items", "key_pairs", "server_groups", "server_group_members", "networks", "subnets", "ports",
		"floating_ips", "security_groups", "volumes", "gigabytes", "per_volume_gigabytes", "snapshots", "images", "image_bytes",
	}
}

// SetQuota sets a limit; a negative limit is no limit. Options.Quotas lists the
// names.
func (w *World) SetQuota(name string, limit int) { w.quotas[name] = limit }

// Quota returns the limit of a resource, -1 for none.
func (w *World) Quota(name string) int { return w.QuotaOr(name, -1) }

// QuotaOr returns the limit of a resource, -1 for none, and otherwise where it
// is not set.
func (w *World) QuotaOr(name string, otherwise int) int {
	limit, set := w.quotas[name]
	if !set {
		return otherwise
	}
	return max(limit, -1)
}

// Exceeds reports whether an amount is above the quota of a resource.
func (w *World) Exceeds(name string, wanted int) bool {
	limit := w.Quota(name)
	return limit >= 0 && wanted > limit
}
