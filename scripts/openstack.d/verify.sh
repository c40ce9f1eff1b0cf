# scripts/openstack verify checks the current cloud as user bosh.

openstack_verify() {
  only_help "$@"
  use_current_cloud
  is_up keystone || die "the cloud $RELEASE-$COMPUTE is not running: scripts/openstack up"
  CLOUD_FIXTURES=$STATE/fixtures.json /usr/bin/python3 -B "$HERE/client/verify.py"
}
