# scripts/openstack verify: a smoke check of the current cloud as user bosh

openstack_verify() {
  [ $# = 0 ] || { usage >&2; exit 2; }
  use_current_cloud
  is_up keystone || die "the cloud $RELEASE-$COMPUTE is not running: scripts/openstack up"
  CLOUD_FIXTURES=$STATE/fixtures.json /usr/bin/python3 -B "$HERE/client/verify.py"
}
