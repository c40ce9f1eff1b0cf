# scripts/openstack env prints shell exports, for eval "$(scripts/openstack env)".

openstack_env() {
  local user='bosh' tls=''
  while [ $# -gt 0 ]; do
    case $1 in
      --tls) tls=1 ;;
      --admin) user='admin' ;;
      *) only_help "$1" ;;
    esac
    shift
  done
  use_current_cloud
  is_up keystone || die "the cloud $RELEASE-$COMPUTE is not running: scripts/openstack up"
  [ -r "$STATE/fixtures.json" ] || die "$STATE/fixtures.json is missing: scripts/openstack up did not finish"
  local url=http://127.0.0.1:$PORT_KEYSTONE/v3 region=RegionOne
  [ -z "$tls" ] || url=https://127.0.0.1:$((PORT_KEYSTONE + PORT_TLS_OFFSET))/v3 region=RegionTLS
  # Variables of another cloud may be set in the caller's shell.
  # shellcheck disable=SC2016 # the caller's shell expands it
  printf '%s\n' 'unset $(env | sed -n "s/^\(OS_[A-Z0-9_]*\)=.*/\1/p")'
  export_line OS_AUTH_TYPE password
  export_line OS_IDENTITY_API_VERSION 3
  export_line OS_AUTH_URL "$url"
  export_line OS_REGION_NAME "$region"
  export_line OS_INTERFACE public
  export_line OS_USERNAME "$user"
  export_line OS_PASSWORD "$(cat "$STATE/password")"
  export_line OS_PROJECT_NAME "$user"
  export_line OS_USER_DOMAIN_NAME Default
  export_line OS_PROJECT_DOMAIN_NAME Default
  [ -z "$tls" ] || export_line OS_CACERT "$ROOT/tls/ca.pem"
  export_line NO_PROXY "127.0.0.1,localhost"
  export_line no_proxy "127.0.0.1,localhost"
  export_line CPI_TARGET openstack
  export_line CPI_PROJECT bosh
  export_line CPI_RELEASE "$(release_name)"
  export_line CPI_FIXTURES "$STATE/fixtures.json"
}

export_line() { printf 'export %s=%q\n' "$1" "$2"; }
