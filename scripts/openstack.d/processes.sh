# Progress lines, processes without an init system, and waiting. Sourced by
# scripts/openstack.

say() { printf '[%4ds] %s\n' "$SECONDS" "$*"; }
die() { printf '[%4ds] FAILED: %s\n' "$SECONDS" "$*" >&2; exit 1; }

# fail NAME MESSAGE prints the end of the log of a process and ends the script.
fail() {
  echo "---- last lines of $LOG/$1.log" >&2
  tail -n 40 "$LOG/$1.log" >&2
  die "$2"
}

# A pid file contains "PID STARTTIME" (field 22 of /proc/PID/stat). A pid that
# another process uses now has another start time, so `down` never signals a
# process that `up` did not start.
start_time() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; }
is_zombie() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | grep -q '^Z'; }

# is_up NAME reports whether a process runs.
is_up() {
  local pid started
  [ -r "$RUN/$1.pid" ] && read -r pid started <"$RUN/$1.pid" || return 1
  [ -n "$pid" ] && [ "$(start_time "$pid")" = "$started" ] && ! is_zombie "$pid"
}

# process_names prints the names of all processes that have a pid file.
process_names() {
  local file
  for file in "$RUN"/*.pid; do [ -e "$file" ] && basename "$file" .pid; done
}

# start NAME COMMAND… starts a daemon in a session of its own, unless it runs
# already.
start() {
  local name=$1 pid started='' tries
  shift
  is_up "$name" && return 0
  printf -- '---- %s start: %s\n' "$(date -u +%FT%TZ)" "$*" >>"$LOG/$name.log"
  # In a script setsid replaces itself by its command, and so does every wrapper in
  # INSIDE: $! is the daemon, and it leads its process group.
  ( cd / && exec setsid "${INSIDE[@]}" "$@" </dev/null >>"$LOG/$name.log" 2>&1 9>&- ) &
  pid=$!
  for ((tries = 0; tries < 10; tries++)); do
    started=$(start_time "$pid")
    [ -n "$started" ] && break
    sleep 0.02
  done
  echo "$pid $started" >"$RUN/$name.pid"
  disown "$pid" 2>/dev/null || true
}

# start_wsgi NAME PORT PROCESSES THREADS WSGI-FILE [UWSGI-OPTION...]
start_wsgi() {
  local name=$1 port=$2 processes=$3 threads=$4 file=$5
  shift 5
  start "$name" /usr/bin/uwsgi --plugins python3 --master --lazy-apps --need-app --die-on-term --no-orphans --enable-threads \
    --thunder-lock --buffer-size 65535 --http-socket "127.0.0.1:$port" --listen 100 --socket-timeout 60 \
    --processes "$processes" --threads "$threads" --add-header 'Connection: close' --disable-logging \
    --log-x-forwarded-for --reload-mercy 3 --worker-reload-mercy 3 --wsgi-file "$file" "$@"
}

# wait_for NAME SECONDS CHECK… waits until a check succeeds. It fails if the
# process ends before that.
wait_for() {
  local name=$1 limit=$2 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    is_up "$name" || fail "$name" "$name died"
    [ "$SECONDS" -lt "$deadline" ] || fail "$name" "$name did not answer within ${limit}s"
    sleep 0.2
  done
}

# step MARK LOGNAME COMMAND… runs a command once per state directory.
step() {
  local mark=$STATE/done/$1 log=$LOG/$2.log
  shift 2
  [ -e "$mark" ] && return 0
  inside "$@" >>"$log" 2>&1 </dev/null 9>&- || return 1
  : >"$mark"
}

# stop_processes SECONDS NAME… sends TERM to all, and after the timeout KILL to
# the process groups.
stop_processes() {
  local limit=$1 name pid started deadline alive
  shift
  for name in "$@"; do
    is_up "$name" || continue
    read -r pid started <"$RUN/$name.pid"
    kill -TERM "$pid" 2>/dev/null
  done
  deadline=$((SECONDS + limit))
  while [ "$SECONDS" -le "$deadline" ]; do
    alive=
    for name in "$@"; do is_up "$name" && alive=1; done
    [ -n "$alive" ] || break
    sleep 0.2
  done
  for name in "$@"; do
    [ -r "$RUN/$name.pid" ] || continue
    read -r pid started <"$RUN/$name.pid"
    is_up "$name" && say "$name did not stop in ${limit}s: killing its process group"
    # Workers can outlive their parent and stay in its process group. The group still
    # has this number while the pid is unused, or belongs to the parent as a zombie.
    case $(start_time "$pid") in ''|"$started") kill -KILL -- "-$pid" 2>/dev/null ;; esac
    rm -f "$RUN/$name.pid"
  done
}

# listens PORT reports whether a TCP port of loopback accepts connections.
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# answers CURL-ARGUMENT… reports whether a URL gives an HTTP status below 500.
answers() {
  local code
  code=$(curl -s -o /dev/null -m 20 -w '%{http_code}' "$@") && [ "$code" -ge 200 ] && [ "$code" -lt 500 ]
}

# put FILE replaces a file by standard input, atomically.
put() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.new" && mv -f "$1.new" "$1"
}
