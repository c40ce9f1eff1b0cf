# scripts/openstack down stops the processes that `up` started, of any cloud, and
# no others.

openstack_down() {
  local wipe='' release compute
  case ${1:-} in
    '') ;;
    --wipe) wipe=1 ;;
    *) only_help "$1" ;;
  esac
  while read -r release compute; do
    use_cloud "$release" "$compute"
    # shellcheck source=/dev/null
    . "$HERE/compute/$compute.sh"
    stop_cloud
    [ -z "$wipe" ] || wipe_cloud
  done < <(clouds)
  [ -z "$wipe" ] || rm -f "$ROOT/current"
  say "down"
}

# stop_cloud stops the APIs and agents first, and then the databases that they
# use.
stop_cloud() {
  local stores="mariadb rabbitmq memcached epmd" names name
  names=$(process_names)
  [ -n "$names" ] || return 0
  # shellcheck disable=SC2086 # a list of words
  say "stopping $RELEASE-$COMPUTE:" $names
  stop_compute
  # shellcheck disable=SC2046 # a list of words
  stop_processes 8 $(for name in $names; do [[ " $stores " == *" $name "* ]] || echo "$name"; done)
  stop_processes 30 rabbitmq mariadb memcached
  stop_processes 5 epmd
}

# wipe_cloud removes the data of a cloud. The packages, the debootstrapped Debians
# and the private CA stay.
wipe_cloud() {
  wipe_compute
  say "removing $STATE"
  rm -rf "$STATE"
}
