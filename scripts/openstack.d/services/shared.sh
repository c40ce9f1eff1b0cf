# Parts of the configuration that several services share. $PASSWORD is the
# password of all accounts of this cloud. It is made once per state directory.

database_url() { echo "mysql+pymysql://$1:$PASSWORD@127.0.0.1:$PORT_MYSQL/${2:-$1}?charset=utf8"; }
rabbit_url() { echo "rabbit://openstack:$PASSWORD@127.0.0.1:$PORT_RABBIT/"; }

# account NAME prints the credentials of a service account, for a client section
# such as [neutron] in nova.conf. The region is always given: the catalog has a
# second one, and the services do not trust its private CA.
account() {
  cat <<CNF
auth_type = password
auth_url = http://127.0.0.1:$PORT_KEYSTONE/
project_domain_name = Default
user_domain_name = Default
project_name = service
username = $1
password = $PASSWORD
region_name = RegionOne
CNF
}

# authtoken NAME TYPE prints how an API checks tokens. TYPE is its type in the
# catalog. Without it the API refuses every request with an application
# credential that has access rules.
authtoken() {
  cat <<CNF
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$PORT_KEYSTONE/
memcached_servers = 127.0.0.1:$PORT_MEMCACHED
interface = internal
service_type = $2
# Since the fix of CVE-2023-2088, Cinder accepts the detachment of a volume only
# from Nova, which authenticates with a service token.
service_token_roles = service
service_token_roles_required = true
$(account "$1")
CNF
}

# sections_of_all NAME prints the sections that every service has.
sections_of_all() {
  cat <<CNF

[database]
connection = $(database_url "$1")
max_pool_size = 10
max_overflow = 40
connection_recycle_time = 280

[oslo_messaging_rabbit]
heartbeat_in_pthread = false
kombu_reconnect_delay = 0.5
rabbit_retry_interval = 1
rabbit_interval_max = 5

[oslo_messaging_notifications]
driver = noop

[oslo_middleware]
# links in responses begin with https when the request came through the TLS proxy
enable_proxy_headers_parsing = true

[oslo_concurrency]
lock_path = $STATE/lock/$1

CNF
}
