# Cinder, the volume service. compute/ starts cinder-volume, because its driver
# depends on the kind of compute.

configure_cinder() {
  put "$ETC/cinder/cinder.conf" <<CNF
[DEFAULT]
debug = $DEBUG
my_ip = 127.0.0.1
host = volumes
state_path = $STATE/cinder
transport_url = $(rabbit_url)
graceful_shutdown_timeout = 3
auth_strategy = keystone
api_paste_config = /etc/cinder/api-paste.ini
resource_query_filters_file = /etc/cinder/resource_filters.json
rootwrap_config = /etc/cinder/rootwrap.conf
osapi_volume_listen = 127.0.0.1
osapi_volume_listen_port = $PORT_CINDER
osapi_volume_workers = 1
glance_api_servers = http://127.0.0.1:$PORT_GLANCE
default_volume_type = ssd
storage_availability_zone = z1
default_availability_zone = z1
allow_availability_zone_fallback = true
enabled_backends = backend-z1,backend-z2
backend_stats_polling_interval = 30
service_down_time = 300
rpc_response_timeout = 120
quota_volumes = -1
quota_snapshots = -1
quota_gigabytes = -1
quota_backups = -1
quota_backup_gigabytes = -1
per_volume_size_limit = -1
volume_clear = none
image_conversion_dir = $STATE/cinder/conversion
[backend-z1]
backend_availability_zone = z1
$(compute_cinder_backend)
[backend-z2]
backend_availability_zone = z2
$(compute_cinder_backend)
[nova]
$(account nova)
interface = internal
token_auth_url = http://127.0.0.1:$PORT_KEYSTONE/
[key_manager]
backend = cinder.keymgr.conf_key_mgr.ConfKeyManager
fixed_key = 0000000000000000000000000000000000000000000000000000000000000000
[service_user]
send_service_user_token = true
$(account cinder)
$(sections_of_all cinder)
$(authtoken cinder block-storage)
CNF
}

start_cinder() {
  step cinder-schema cinder cinder-manage --config-file "$ETC/cinder/cinder.conf" db sync || return 1
  start cinder-api /usr/bin/cinder-api --config-file "$ETC/cinder/cinder.conf"
  start cinder-scheduler /usr/bin/cinder-scheduler --config-file "$ETC/cinder/cinder.conf"
}
