# The same APIs over https, with a certificate of a private CA: region RegionTLS
# of the catalog.

# make_certificates makes a CA and a server certificate. All releases use the same
# CA, and `down --wipe` keeps it.
make_certificates() {
  local dir=$ROOT/tls
  mkdir -p "$dir"
  openssl x509 -checkend 86400 -noout -in "$dir/server.pem" >/dev/null 2>&1 || make_ca "$dir" ||
    die "openssl could not make the private CA"
  [ -s "$dir/ca-encrypted.key" ] || openssl rsa -aes256 -passout "pass:$OCTAVIA_CA_PASSPHRASE" -in "$dir/ca.key" \
    -out "$dir/ca-encrypted.key" 2>/dev/null || die "openssl could not encrypt the CA key"
  chmod 600 "$dir"/*.key "$dir/server.pem"
  chmod 644 "$dir/ca.pem"
}

make_ca() {
  local dir=$1
  rm -f "$dir/ca-encrypted.key"
  openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -keyout "$dir/ca.key" -out "$dir/ca.pem" \
    -subj "/O=openstack-for-bosh/CN=openstack-for-bosh private CA" \
    -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null &&
    openssl req -newkey rsa:2048 -nodes -sha256 -keyout "$dir/server.key" -out "$dir/server.csr" \
      -subj "/CN=localhost" 2>/dev/null &&
    openssl x509 -req -sha256 -days 3650 -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial \
      -extfile <(printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n') \
      -out "$dir/server.crt" 2>/dev/null &&
    cat "$dir/server.crt" "$dir/server.key" >"$dir/server.pem"
}

configure_tls() {
  local api port
  {
    cat <<CNF
global
    maxconn 2000
    ssl-default-bind-options ssl-min-ver TLSv1.2
    log stderr format raw daemon warning
defaults
    mode http
    log global
    option dontlog-normal
    timeout connect 10s
    timeout client 600s
    timeout server 600s
CNF
    for api in $API_PORTS; do
      port=${api#*:}
      cat <<CNF
frontend ${api%:*}
    bind 127.0.0.1:$((port + PORT_TLS_OFFSET)) ssl crt $ROOT/tls/server.pem alpn http/1.1
    http-request set-header X-Forwarded-Proto https
    default_backend ${api%:*}
backend ${api%:*}
    server api 127.0.0.1:$port
CNF
    done
  } | put "$ETC/haproxy.cfg"
}

start_tls() { start haproxy /usr/sbin/haproxy -db -f "$ETC/haproxy.cfg"; }
