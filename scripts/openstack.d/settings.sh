# Settings and paths. Sourced by scripts/openstack.

# Debian's own python3 and tools first: helpers of the packages follow PATH, and a pyenv or conda that
# comes before /usr/bin has none of the modules they need.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 LANG=C.UTF-8
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
for variable in $(compgen -v OS_ || true); do unset "$variable"; done
# Every service talks to loopback only; a proxy in the environment would break that.
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

# use_cloud RELEASE COMPUTE: every path that depends on which cloud is meant. Each release and each kind of
# compute keeps its own databases; they share the ports, so one runs at a time.
use_cloud() {
  RELEASE=$1 COMPUTE=$2
  STATE=$ROOT/$RELEASE-$COMPUTE
  ETC=$STATE/etc LOG=$STATE/log RUN=$STATE/run
  use_release "$RELEASE"
}

# clouds: "RELEASE COMPUTE" of every cloud that has a state directory
clouds() {
  local dir name
  for dir in "$ROOT"/*-fake "$ROOT"/*-qemu; do
    [ -d "$dir/run" ] || continue
    name=${dir##*/}
    echo "${name%-*} ${name##*-}"
  done
}

# use_current_cloud: the cloud that `up` brought up last
use_current_cloud() {
  local name
  name=$(readlink "$ROOT/current") || die "no cloud in $ROOT: run scripts/openstack up first"
  use_cloud "${name%-*}" "${name##*-}"
}
