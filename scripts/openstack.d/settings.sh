# Settings and paths. Sourced by scripts/openstack.

# Only Debian's own python3 and tools: programs of the packages search PATH, and a
# pyenv or conda before /usr/bin does not have the modules that they need.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 LANG=C.UTF-8
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
for variable in $(compgen -v OS_ || true); do unset "$variable"; done
# All services connect to loopback only, which fails with a proxy.
CALLER_PROXY=${http_proxy:-${HTTP_PROXY:-}}
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
export no_proxy='*' NO_PROXY='*'

ROOT=${OPENSTACK_ROOT:-/var/lib/openstack-for-bosh}
DEBUG=${OPENSTACK_DEBUG:-false}

PORT_KEYSTONE=5000 PORT_GLANCE=9292 PORT_PLACEMENT=8778 PORT_NOVA=8774 PORT_NOVA_METADATA=8775
PORT_NEUTRON=9696 PORT_CINDER=8776 PORT_OCTAVIA=9876 PORT_OCTAVIA_HEALTH=5555
PORT_MYSQL=3306 PORT_RABBIT=5672 PORT_RABBIT_DIST=25672 PORT_EPMD=4369 PORT_MEMCACHED=11211
PORT_TLS_OFFSET=10000                 # keystone over https is 15000, and so on
API_PORTS="keystone:$PORT_KEYSTONE glance:$PORT_GLANCE placement:$PORT_PLACEMENT nova-api:$PORT_NOVA
  neutron-server:$PORT_NEUTRON cinder-api:$PORT_CINDER octavia-api:$PORT_OCTAVIA"

# use_cloud RELEASE COMPUTE sets the paths of a cloud. Each release and each kind
# of compute has its own databases. They use the same ports, so one runs at a
# time.
use_cloud() {
  RELEASE=$1 COMPUTE=$2
  STATE=$ROOT/$RELEASE-$COMPUTE
  ETC=$STATE/etc LOG=$STATE/log RUN=$STATE/run
  use_release "$RELEASE"
}

# clouds prints "RELEASE COMPUTE" of every cloud that has a state directory.
clouds() {
  local dir name
  for dir in "$ROOT"/*-fake "$ROOT"/*-qemu; do
    [ -d "$dir/run" ] || continue
    name=${dir##*/}
    echo "${name%-*} ${name##*-}"
  done
}

# use_current_cloud sets the paths of the cloud that `up` started last.
use_current_cloud() {
  local name
  name=$(readlink "$ROOT/current") || die "no cloud in $ROOT: run scripts/openstack up first"
  use_cloud "${name%-*}" "${name##*-}"
}
