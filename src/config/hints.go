package config

// Hints are the parts of error texts that name properties. They are here,
// beside the keys, because the packages that return the errors speak OpenStack
// and not BOSH.
const (
	HintCredentials  = "check user name and password (openstack.username, api_key) or application credential, user domain and project"
	HintNotKeystone  = "openstack.auth_url is not the URL of a Keystone"
	HintCorrectURL   = "correct the URL (openstack.auth_url, or the service catalog)"
	HintCheckURL     = "check the URL (openstack.auth_url, or the service catalog)"
	HintUnusable     = "a proxy may have answered in the service's place: check the URL (openstack.auth_url, or the service catalog)"
	HintSetRegion    = "set openstack.region"
	HintCheckRegion  = "check openstack.region"
	HintTrustCA      = "put its CA into openstack.connection_options.ca_cert"
	HintClientTLS    = "check client_cert, client_key and ssl_min_version of openstack.connection_options"
	HintTimeouts     = "the timeouts in openstack.connection_options"
	HintPublicImages = "set openstack.stemcell_public_visibility to false"
	HintRootDisk     = "boot from a volume with root_disk.size"
	HintVolumeZones  = "name the volume zone of each compute zone in openstack.volume_availability_zones, or correct availability_zone of the disk type"
	HintNetID        = "check net_id: it must be the id of a network of this project, not of a subnet"
)
