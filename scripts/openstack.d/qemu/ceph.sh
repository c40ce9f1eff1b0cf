# Ceph for the volumes: one mon, one mgr, one osd with a bluestore in a sparse
# file; no cephx, loopback only. Cinder's driver reads the capacity from the pool
# statistics of the mgr.

CEPH_CONF=$STATE/ceph/ceph.conf

configure_ceph() {
  local dir=$STATE/ceph
  mkdir -p "$dir"/{run,mon,mgr,osd}
  [ -s "$dir/fsid" ] || cat /proc/sys/kernel/random/uuid >"$dir/fsid"
  [ -s "$dir/osd-uuid" ] || cat /proc/sys/kernel/random/uuid >"$dir/osd-uuid"
  put "$CEPH_CONF" <<CNF
[global]
fsid = $(cat "$dir/fsid")
mon_host = [v2:127.0.0.1:3300,v1:127.0.0.1:6789]
mon_initial_members = a
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
auth_allow_insecure_global_id_reclaim = true
run_dir = $dir/run
admin_socket = $dir/run/\$cluster-\$name.asok
log_to_file = false
log_to_stderr = true
err_to_stderr = true
mon_cluster_log_to_file = false
mon_data = $dir/mon
mgr_data = $dir/mgr
osd_data = $dir/osd
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = bluestore
osd_memory_target = 939524096
bluestore_block_create = true
bluestore_block_size = 42949672960
bluestore_rocksdb_options = compression=kNoCompression,max_write_buffer_number=4,write_buffer_size=33554432
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_allow_pool_delete = true
mon_data_avail_warn = 1
mon_data_avail_crit = 1
mon_osd_full_ratio = 0.99
mgr_initial_modules =
mgr_disabled_modules = dashboard prometheus telemetry zabbix influx telegraf restful insights diskprediction_local k8sevents rook cephadm snap_schedule mirroring test_orchestrator selftest hello alerts localpool
[client]
rbd_default_features = 61
CNF
}

start_ceph() {
  configure_ceph
  step ceph-mon ceph-mon make_ceph_mon || fail ceph-mon "ceph-mon --mkfs"
  start ceph-mon /usr/bin/ceph-mon -f -i a -c "$CEPH_CONF"
  wait_for ceph-mon 60 timeout 10 ceph -c "$CEPH_CONF" --connect-timeout 5 mon stat
  step ceph-osd ceph-osd make_ceph_osd || fail ceph-osd "ceph-osd --mkfs"
  start ceph-osd /usr/bin/ceph-osd -f -i 0 -c "$CEPH_CONF"
  start ceph-mgr /usr/bin/ceph-mgr -f -i a -c "$CEPH_CONF"
}

make_ceph_mon() {
  local dir=$STATE/ceph
  rm -rf "$dir/mon" "$dir/monmap"
  mkdir -p "$dir/mon"
  monmaptool --create --addv a '[v2:127.0.0.1:3300,v1:127.0.0.1:6789]' --fsid "$(cat "$dir/fsid")" "$dir/monmap" &&
    ceph-mon --mkfs -i a --monmap "$dir/monmap" -c "$CEPH_CONF"
}

make_ceph_osd() {
  local dir=$STATE/ceph uuid
  uuid=$(cat "$dir/osd-uuid")
  rm -rf "$dir/osd"
  mkdir -p "$dir/osd"
  ceph -c "$CEPH_CONF" osd new "$uuid" 0 && ceph-osd -i 0 --mkfs --osd-uuid "$uuid" -c "$CEPH_CONF"
}

make_ceph_pool() {
  wait_for ceph-osd 90 sh -c "timeout 10 ceph -c '$CEPH_CONF' osd stat | grep -q '1 up'"
  step ceph-pool ceph-mon pool_for_volumes || fail ceph-mon "creating the pool"
  wait_for ceph-mgr 90 sh -c "timeout 10 ceph -c '$CEPH_CONF' df -f json | grep -q '\"volumes\"'"
}
pool_for_volumes() { ceph -c "$CEPH_CONF" osd pool create volumes 8 8 && rbd -c "$CEPH_CONF" pool init volumes; }
