# Releases of OpenStack and the Debian releases that package them. The OpenStack
# of the running Debian is installed directly. Any other one is installed in
# another Debian below $ROOT/debian, and its processes have that folder as root
# directory. Sourced by scripts/openstack.

declare -A DEBIAN_OF=([victoria]=bullseye [zed]=bookworm [epoxy]=trixie [unstable]=sid)
declare -A RELEASE_OF_NOVA=([22]=victoria [26]=zed [31]=epoxy [32]=flamingo [33]=gazpacho [34]=hibiscus)

# use_release NAME sets SUITE, SYSROOT (empty for the running Debian) and INSIDE,
# the prefix of every command.
use_release() {
  local running
  SUITE=${DEBIAN_OF[$1]:-}
  [ -n "$SUITE" ] || die "unknown release '$1', one of: ${!DEBIAN_OF[*]}"
  running=$(debian_suite)
  if [ "$SUITE" = "$running" ]; then
    SYSROOT='' INSIDE=()
  else
    SYSROOT=$ROOT/debian/$SUITE
    INSIDE=(unshare --mount --propagation private "$HERE/enter" "$SYSROOT" "$ROOT")
  fi
  PYTHON_MODULES=$SYSROOT/usr/lib/python3/dist-packages
}

inside() { "${INSIDE[@]}" "$@"; }

# release_name prints OpenStack's name of the installed release, also for
# "unstable".
release_name() {
  local version major
  # shellcheck disable=SC2016 # dpkg-query expands the field
  version=$(inside dpkg-query -W -f '${Version}' nova-common)
  major=${version#*:}
  major=${major%%.*}
  echo "${RELEASE_OF_NOVA[$major]:-nova-$major}"
}

# wsgi_script SCRIPT MODULE prints the path of a WSGI application. Newer releases
# have a module instead of the script.
wsgi_script() {
  if [ -e "$SYSROOT/usr/bin/$1" ]; then echo "/usr/bin/$1"; else echo "/usr/lib/python3/dist-packages/$2"; fi
}

HOST_PACKAGES="curl openssl openssh-client iproute2 procps python3"
CLOUD_PACKAGES="mariadb-server rabbitmq-server memcached haproxy uwsgi-plugin-python3 qemu-utils
  keystone glance placement-api nova-api nova-conductor nova-scheduler neutron-server
  cinder-api cinder-scheduler cinder-volume octavia-api octavia-worker octavia-housekeeping
  python3-fixtures python3-pymemcache"

install_packages() {
  if [ -n "$SYSROOT" ]; then
    install_host_packages
    make_sysroot
    install_missing "$SUITE" "$CLOUD_PACKAGES $COMPUTE_PACKAGES"
  else
    install_missing "$SUITE" "$HOST_PACKAGES $CLOUD_PACKAGES $COMPUTE_PACKAGES"
  fi
}

install_host_packages() {
  local SYSROOT='' INSIDE=()
  install_missing host "$HOST_PACKAGES debootstrap"
}

# with_network COMMAND… runs a command with the caller's proxy, which settings.sh
# removes.
with_network() { env -u no_proxy -u NO_PROXY ${CALLER_PROXY:+http_proxy="$CALLER_PROXY"} "$@"; }

make_sysroot() {
  local mirror log=$LOG/debootstrap.log
  [ -e "$SYSROOT/.complete" ] && return 0
  mirror=$(debian_mirror) || exit 1
  say "debian $SUITE: debootstrap into $SYSROOT"
  rm -rf --one-file-system "$SYSROOT"
  mkdir -p "$SYSROOT"
  with_network unshare --mount --propagation private debootstrap --variant=minbase "$SUITE" "$SYSROOT" "$mirror" \
    >>"$log" 2>&1 9>&- || { tail -n 30 "$log" >&2; die "debootstrap $SUITE (see $log)"; }
  : >"$SYSROOT/.complete"
}

missing_packages() {
  local package
  for package in $1; do
    # shellcheck disable=SC2016 # dpkg-query expands the field
    [ "$(inside dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" = 'ii ' ] || echo "$package"
  done
}

# install_missing WHERE PACKAGES installs those packages that are not installed.
install_missing() {
  local where=$1 log=$LOG/apt.log missing policy
  missing=$(missing_packages "$2")
  [ -n "$missing" ] || { say "packages of $where: all installed"; return; }
  # shellcheck disable=SC2086 # a list of words
  say "packages of $where: apt-get install" $missing
  if [ "${#INSIDE[@]}" -gt 0 ]; then cp -L /etc/resolv.conf "$SYSROOT/etc/resolv.conf"; policy=$SYSROOT; else policy=; fi
  policy=$policy/usr/sbin/policy-rc.d
  # The scripts of the packages must not start daemons: `up` starts them with its
  # own configuration.
  local had_policy=1
  [ -e "$policy" ] || { had_policy=; printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; }
  # shellcheck disable=SC2086 # a list of words
  apt_get update -q && apt_get install -y -q --no-install-recommends \
    -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    $missing
  local status=$?
  [ -n "$had_policy" ] || rm -f "$policy"
  [ $status = 0 ] || { tail -n 30 "$log" >&2; die "apt-get install (see $log)"; }
  say "packages of $where: installed"
}

# The index of unstable is valid for a week, and the mirror may be an older
# snapshot. Its packages are still signed, and they are installed only into a
# folder for tests.
apt_options() { [ -z "$SYSROOT" ] || echo "-o Acquire::Check-Valid-Until=false"; }

# apt_get ARGUMENT… tries three times, because one failed download fails the whole
# installation.
apt_get() {
  local try
  for ((try = 0; try < 3; try++)); do
    # shellcheck disable=SC2046 # a list of words
    with_network env DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true NEEDRESTART_SUSPEND=1 \
      "${INSIDE[@]}" apt-get $(apt_options) -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >>"$LOG/apt.log" 2>&1 </dev/null 9>&- && return 0
    sleep 5
  done
  return 1
}
