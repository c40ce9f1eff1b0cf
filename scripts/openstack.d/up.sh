# scripts/openstack up
for service in shared stores keystone glance placement nova neutron cinder octavia tls; do
  # shellcheck source=/dev/null
  . "$HERE/services/$service.sh"
done

openstack_up() {
  local release=zed compute=fake install_only=
  while [ $# -gt 0 ]; do
    case $1 in
      --release | --compute)
        [ $# -gt 1 ] || refuse "$1 needs a value"
        if [ "$1" = --release ]; then release=$2; else compute=$2; fi
        shift
        ;;
      --release=*) release=${1#*=} ;;
      --compute=*) compute=${1#*=} ;;
      --install-only) install_only=1 ;;
      --debug) DEBUG=true ;;
      *) only_help "$1" ;;
    esac
    shift
  done
  [ -e "$HERE/compute/$compute.sh" ] || die "unknown kind of compute '$compute', one of: fake qemu"
  use_cloud "$release" "$compute"
  # shellcheck source=/dev/null
  . "$HERE/compute/$compute.sh"
  make_directories
  exec 9>"$ROOT/up.lock"
  flock -n 9 || die "another scripts/openstack up is running"
  install_packages
  [ -n "$install_only" ] && return
  refuse_second_cloud
  make_password
  refuse_taken_ports
  configure_all
  start_all
  wait_for_all
  make_fixtures cloud
  ln -sfn "${STATE##*/}" "$ROOT/current"
  check_alive
  say "up: OpenStack $(release_name), $COMPUTE compute, $(memory_in_use). Next: eval \"\$(scripts/openstack env)\""
}

make_directories() {
  mkdir -p "$STATE"/{lock,done,nova,neutron,cinder/conversion,glance/images,glance/staging} "$ETC" "$LOG" "$RUN"
  chmod 755 "$ROOT" "$STATE" "$RUN" "$LOG"
}

# The clouds share their ports, so one runs at a time.
refuse_second_cloud() {
  local release compute name
  while read -r release compute; do
    [ "$release-$compute" = "$RELEASE-$COMPUTE" ] && continue
    name=$(use_cloud "$release" "$compute"; for name in $(process_names); do is_up "$name" && echo "$name"; done | head -n 1)
    [ -z "$name" ] || die "the cloud $release-$compute is running ($name): scripts/openstack down first"
  done < <(clouds)
}

refuse_taken_ports() {
  local item
  for item in "mariadb:$PORT_MYSQL" "rabbitmq:$PORT_RABBIT" "memcached:$PORT_MEMCACHED" $API_PORTS; do
    if ! is_up "${item%:*}" && listens "${item#*:}"; then
      die "port ${item#*:} (${item%:*}) is taken by a process that scripts/openstack did not start"
    fi
  done
}

make_password() {
  [ -s "$STATE/password" ] || (umask 077; head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$STATE/password")
  PASSWORD=$(cat "$STATE/password")
}

configure_all() {
  make_certificates
  local service
  for service in stores keystone glance placement nova neutron cinder octavia tls; do "configure_$service"; done
  chmod -R go-rwx "$ETC"/{keystone,glance,placement,nova,neutron,cinder,octavia}
  chmod 755 "$ETC"
  chmod 644 "$ETC/my.cnf"
  install_drivers
  say "configuration written to $ETC"
}

# install_drivers copies the drivers to a folder from which the cloud's Python
# imports them, also in a release that has another root directory, and adds the
# entry point for Octavia.
install_drivers() {
  local dir=$STATE/drivers info=$STATE/drivers/openstack_for_bosh-1.dist-info
  mkdir -p "$info"
  cp "$HERE"/drivers/*.py "$dir/"
  printf 'Metadata-Version: 2.1\nName: openstack-for-bosh\nVersion: 1\n' >"$info/METADATA"
  printf '[octavia.network.drivers]\nreal_vip_network_driver = real_vip_network_driver:RealVIPNetworkDriver\n' \
    >"$info/entry_points.txt"
}

start_all() {
  prepare_compute
  start_stores
  make_databases
  say "mariadb responds, databases exist"
  # One chain per service, in parallel: first its schema, then its processes.
  # Schemas do not need the message broker.
  local chains=() chain
  for chain in start_keystone start_neutron make_nova_schema start_cinder start_glance start_placement make_octavia_schema; do
    ( "$chain" || fail "$(log_of_chain "$chain")" "$chain" ) &
    chains+=("$!:$chain")
  done
  wait_for rabbitmq 120 listens "$PORT_RABBIT"
  say "rabbitmq responds"
  for chain in "${chains[@]}"; do
    wait "${chain%%:*}" || die "${chain#*:} (see above)"
  done
  say "schemas ready, keystone has its catalog"
  start_nova
  start_compute
  start_octavia
  start_nova_metadata
  start_tls
}
log_of_chain() { local name=${1#start_}; name=${name#make_}; echo "${name%_schema}"; }

wait_for_all() {
  local api url
  for api in $API_PORTS; do
    url=http://127.0.0.1:${api#*:}/
    wait_for "${api%:*}" 180 answers "$url"
    say "${api%:*} responds at $url"
  done
  wait_for haproxy 30 answers --cacert "$ROOT/tls/ca.pem" "https://127.0.0.1:$((PORT_KEYSTONE + PORT_TLS_OFFSET))/v3"
  say "the https proxy responds"
  wait_for nova-metadata 180 answers "http://127.0.0.1:$PORT_NOVA_METADATA/"
}

# make_fixtures identity|cloud makes the objects that the tests use.
make_fixtures() {
  local log=$LOG/fixtures-$1.log status
  if [ "$1" = cloud ]; then make_fixture_files || fail "fixtures-$1" "files of the fixtures"; fi
  CLOUD_ROOT=$ROOT CLOUD_STATE=$STATE CLOUD_COMPUTE=$COMPUTE CLOUD_HOSTS=$COMPUTE_HOSTS CLOUD_RELEASE=$(release_name) \
    CLOUD_PORTS="$API_PORTS" CLOUD_TLS_OFFSET=$PORT_TLS_OFFSET \
    /usr/bin/python3 -B "$HERE/client/$1.py" 2>&1 9>&- | tee "$log" | while IFS= read -r line; do say "$line"; done
  status=${PIPESTATUS[0]}
  [ "$status" = 0 ] || die "fixtures (see above and $log)"
}

make_fixture_files() {
  {
    [ -s "$STATE/bosh.key" ] || ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -C bosh -f "$STATE/bosh.key"
    [ -s "$STATE/tiny.qcow2" ] || inside qemu-img create -q -f qcow2 "$STATE/tiny.qcow2" 32M
  } >>"$LOG/fixtures-cloud.log" 2>&1
}

check_alive() {
  local name
  for name in $(process_names); do is_up "$name" || fail "$name" "$name died"; done
}

# memory_in_use prints the number of processes of this cloud, including workers,
# and their memory.
memory_in_use() {
  local name pid started
  for name in $(process_names); do
    read -r pid started <"$RUN/$name.pid"
    ps -e -o pgid=,rss= | awk -v group="$pid" '$1 == group {print $2}'
  done | awk '{sum += $1} END {printf "%d processes, %d MiB resident", NR, sum / 1024}'
}
