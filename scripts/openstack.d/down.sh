# scripts/openstack down: stops what `up` started and nothing else, whichever cloud it belongs to.

openstack_down() {
  local wipe='' release compute
  case ${1:-} in
    '') ;;
    --wipe) wipe=1 ;;
    *) usage >&2; exit 2 ;;
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

# APIs and agents stop first, then the stores they use.
stop_cloud() {
  local stores="mariadb rabbitmq memcached epmd" names name
  names=$(process_names)
  [ -n "$names" ] || return 0
  # shellcheck disable=SC2086
  say "stopping $RELEASE-$COMPUTE:" $names
  stop_compute
  # shellcheck disable=SC2046
  stop_processes 8 $(for name in $names; do [[ " $stores " == *" $name "* ]] || echo "$name"; done)
  stop_processes 30 rabbitmq mariadb memcached
  stop_processes 5 epmd
}

# The packages, the debootstrapped Debians and the private CA stay.
wipe_cloud() {
  wipe_compute
  say "removing $STATE"
  rm -rf "$STATE"
}
