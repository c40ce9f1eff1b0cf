# Releases of OpenStack and the Debian that packages them. The release of the running Debian is used as it
# is; any other one lives in a Debian of its own below $ROOT/debian, whose processes are started with that
# folder as root directory. Sourced by scripts/openstack.

declare -A DEBIAN_OF=([victoria]=bullseye [zed]=bookworm [epoxy]=trixie [unstable]=sid)
declare -A RELEASE_OF_NOVA=([22]=victoria [26]=zed [31]=epoxy [32]=flamingo [33]=gazpacho [34]=hibiscus)

# use_release NAME: sets SUITE, SYSROOT (empty for the running Debian) and INSIDE, the prefix of every command
use_release() {
  local running
  SUITE=${DEBIAN_OF[$1]:-}
  [ -n "$SUITE" ] || die "unknown release '$1', one of: ${!DEBIAN_OF[*]}"
  running=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  if [ "$SUITE" = "$running" ]; then
    SYSROOT='' INSIDE=()
  else
    SYSROOT=$ROOT/debian/$SUITE
    INSIDE=(unshare --mount --propagation private "$HERE/enter" "$SYSROOT" "$ROOT")
  fi
  PYTHON_MODULES=$SYSROOT/usr/lib/python3/dist-packages
}

inside() { "${INSIDE[@]}" "$@"; }

# release_name: what OpenStack calls the installed release, also when it was asked for as "unstable"
release_name() {
  local version major
  # shellcheck disable=SC2016 # the field is dpkg's
  version=$(inside dpkg-query -W -f '${Version}' nova-common)
  major=${version#*:}
  major=${major%%.*}
  echo "${RELEASE_OF_NOVA[$major]:-nova-$major}"
}

# wsgi_script SCRIPT MODULE: newer releases have a module instead of the script
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
    apt_install "$SUITE" "$CLOUD_PACKAGES $COMPUTE_PACKAGES"
  else
    apt_install "$SUITE" "$HOST_PACKAGES $CLOUD_PACKAGES $COMPUTE_PACKAGES"
  fi
}

install_host_packages() {
  local SYSROOT='' INSIDE=()
  apt_install host "$HOST_PACKAGES debootstrap"
}

# with_network COMMAND...: with the proxy of the caller, which settings.sh took away
with_network() { env -u no_proxy -u NO_PROXY ${CALLER_PROXY:+http_proxy="$CALLER_PROXY"} "$@"; }

# host_mirror: where the running Debian gets its packages
host_mirror() {
  local uri
  # shellcheck disable=SC2016 # the fields are apt's
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $(. /etc/os-release && echo "$VERSION_CODENAME")" | head -n 1)
  [ -n "$uri" ] || die "apt knows no Debian mirror to make a $SUITE from: add one to /etc/apt and run apt-get update"
  echo "$uri"
}

make_sysroot() {
  local mirror log=$LOG/debootstrap.log
  [ -e "$SYSROOT/.complete" ] && return 0
  mirror=$(host_mirror) || exit 1
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
    # shellcheck disable=SC2016
    [ "$(inside dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" = 'ii ' ] || echo "$package"
  done
}

# apt_install WHERE PACKAGES
apt_install() {
  local where=$1 log=$LOG/apt.log missing policy
  missing=$(missing_packages "$2")
  [ -n "$missing" ] || { say "packages of $where: all installed"; return; }
  # shellcheck disable=SC2086
  say "packages of $where: installing" $missing
  if [ "${#INSIDE[@]}" -gt 0 ]; then cp -L /etc/resolv.conf "$SYSROOT/etc/resolv.conf"; policy=$SYSROOT; else policy=; fi
  policy=$policy/usr/sbin/policy-rc.d
  # Maintainer scripts must not start daemons: `up` starts them with its own configuration.
  local had_policy=1
  [ -e "$policy" ] || { had_policy=; printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod 755 "$policy"; }
  # shellcheck disable=SC2086
  apt_get update -q && apt_get install -y -q --no-install-recommends \
    -o Dpkg::Options::=--force-unsafe-io -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    $missing
  local status=$?
  [ -n "$had_policy" ] || rm -f "$policy"
  [ $status = 0 ] || { tail -n 30 "$log" >&2; die "apt-get install (see $log)"; }
  say "packages of $where: installed"
}

# The index of unstable is valid for a week. A mirror may be a snapshot older than that; what it serves is still
# signed, and only ever installed into a folder for tests.
apt_options() { [ -z "$SYSROOT" ] || echo "-o Acquire::Check-Valid-Until=false"; }

# apt_get ARGUMENT...: three tries, because one package that a mirror fails to deliver fails all
apt_get() {
  local try
  for ((try = 0; try < 3; try++)); do
    # shellcheck disable=SC2046
    with_network env DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true NEEDRESTART_SUSPEND=1 \
      "${INSIDE[@]}" apt-get $(apt_options) -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >>"$LOG/apt.log" 2>&1 </dev/null 9>&- && return 0
    sleep 5
  done
  return 1
}
