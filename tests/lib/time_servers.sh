# Sourced after script.sh: time servers of others as peers, fetched from Debian and unpacked below the build folder, since
# installing one would replace the machine's own time service.
# shellcheck shell=bash
timed=$QUORATE_BIN/quorate-timed
[ -x "$timed" ] || skip "quorate-timed is not built"
need python3 python3
need openssl openssl
need apt-get apt
[ "$(id -u)" = 0 ] || skip "time servers want to be started by root"
export PYTHONDONTWRITEBYTECODE=1 # its scripts share parts
TIME_PIDS=()
stop_time_servers() {
    local pid
    for pid in "${TIME_PIDS[@]}"; do
        kill -TERM "$pid" 2>/dev/null
    done
    for pid in "${TIME_PIDS[@]}"; do
        wait "$pid" 2>/dev/null
    done
    TIME_PIDS=()
}
trap 'stop_time_servers; rm -rf "$T"' EXIT

. "$(dirname "${BASH_SOURCE[0]}")/../../tools/chrony.sh"

# The path of a server's program of Debian that can run here.
time_server() { # PACKAGE NAME
    time_program "$QUORATE_BUILD" "$1" "$2"
}

# Where servers with fixed ports listen: loopback addresses of this script's own, and ports that the kernel gives to nobody.
# shellcheck disable=SC2034 # for scripts
TIME_NET=127.$((1 + $$ / 256 % 254)).$(($$ % 256)) NTP_PORT=11123 KE_PORT=14460

time_ca() { # makes $T/ca.pem and its key
    chrony_ca "$T" || fail "no CA"
}

# A certificate for a name, in a folder of its own that chrony accepts; with dates where they are given.
time_certificate() { # FOLDER NAME [NOTBEFORE NOTAFTER]
    mkdir -p "$1" && chmod 700 "$1"
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/key.pem" -out "$1/csr" \
        -subj "/CN=$2" 2>/dev/null || fail "no key for $2"
    chmod 640 "$1/key.pem"
    mkdir -p "$1/ca" && : >"$1/ca/index" && openssl rand -hex 8 >"$1/ca/serial"
    cat >"$1/ca/conf" <<EOF
[ca]
default_ca = d
[d]
database = $1/ca/index
serial = $1/ca/serial
new_certs_dir = $1/ca
default_md = sha256
policy = any
x509_extensions = x
unique_subject = no
[any]
commonName = supplied
[x]
subjectAltName = DNS:$2
EOF
    openssl ca -batch -notext -config "$1/ca/conf" -in "$1/csr" -cert "$T/ca.pem" -keyfile "$T/ca.key" -out "$1/cert.pem" \
        -startdate "${3:-$(date -u -d '-1 hour' +%Y%m%d%H%M%SZ)}" -enddate "${4:-$(date -u -d '+30 days' +%Y%m%d%H%M%SZ)}" \
        2>"$1/ca/log" || { cat "$1/ca/log" >&2; fail "no certificate for $2"; }
}

# chronyd as an NTS server on one address; its folder has key.pem and cert.pem.
start_chrony() { # CHRONYD FOLDER ADDRESS NTP_PORT KE_PORT
    chrony_conf "$2" "$3" "$4" "$5"
    chrony_command "$1" "$2"
    timeout 300 "${chrony[@]}" >"$2/log" 2>&1 &
    TIME_PIDS+=($!)
}

# Until something listens there, 60 s at most.
await_port() { # ADDRESS PORT
    python3 - "$1" "$2" <<'PY'
import socket, sys, time
end = time.monotonic() + 60
while time.monotonic() < end:
    try:
        socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.02)
sys.exit(1)
PY
}

# Servers of ours that do what real ones do not (tests/time_server): starts them with the certificate of FOLDER, and puts where
# their key establishment listens into FAKE[NAME]. What they say at their end is in $T/fake.N, N from 1 on; fake_time_stop N waits
# for it. NAME,ADDRESS[:PORT],FAULT[,ARG]: honest, lie with seconds, delay with milliseconds, and more in fake_time_main.c.
declare -A FAKE
FAKE_PIDS=(0)
fake_time() { # FOLDER NAME,ADDRESS[:PORT],FAULT[,ARG]...
    local folder=$1 n=${#FAKE_PIDS[@]} name address where
    shift
    [ -x "$QUORATE_BUILD/tests/quorate-fake-time" ] || skip "quorate-fake-time is not built"
    mkfifo "$T/fake.fifo.$n"
    "$QUORATE_BUILD/tests/quorate-fake-time" "$folder/cert.pem" "$folder/key.pem" "$@" >"$T/fake.fifo.$n" 2>"$T/fake.err.$n" &
    FAKE_PIDS+=($!)
    TIME_PIDS+=($!)
    exec {where}<"$T/fake.fifo.$n"
    while read -r -t 30 name address <&"$where" && [ "$name" != ready ]; do
        # shellcheck disable=SC2034 # for scripts
        FAKE[$name]=$address
    done
    [ "$name" = ready ] || { cat "$T/fake.err.$n" >&2; fail "the fake servers do not start"; }
    cat <&"$where" >"$T/fake.$n" &
    exec {where}<&-
}

fake_time_stop() { # N
    kill -TERM "${FAKE_PIDS[$1]}"
    wait "${FAKE_PIDS[$1]}" || { cat "$T/fake.err.$1" >&2; fail "fake server: a client did what none may"; }
}

# Runs the client with these options until a sample is as wanted; what it logged is in $T/log, or $TIME_LOG. TIME_AHEAD: what all
# servers show more than UTC, 37 if they are right. The leap table says 37 seconds
# since 2017, and is good for as long as such a test.
run_timed() { # SECONDS CONDITIONS -- OPTIONS
    local seconds=$1 conditions=() core client ahead=${TIME_AHEAD:-37} log=${TIME_LOG:-$T/log}
    shift
    while [ "$1" != -- ]; do
        conditions+=("$1")
        shift
    done
    shift
    python3 "$(dirname "$0")/timed_core.py" "$log.sock" "$ahead" "$seconds" "${conditions[@]}" &
    core=$!
    "$timed" --core "unix:$log.sock" --ca "$T/ca.pem" --leap-table "$TIME_LEAPS" --poll 0 "$@" 2>"$log" &
    client=$!
    wait $core
    core=$?
    kill -TERM $client 2>/dev/null # first: nobody else knows it
    wait $client
    client=$?
    [ $core = 0 ] || { cat "$log" >&2; fail "no such sample"; }
    [ $client = 0 ] || { cat "$log" >&2; fail "quorate-timed ended with $client"; }
    grep -q '^stopped' "$log" || fail "no orderly end"
}

# A core that keeps time by its client: $T/core.sock, $T/time.sock, and what it says in $T/core.log.
TIME_LEAPS=1483228800:37@4102444800
start_time_core() {
    local core=$QUORATE_BIN/quorate-core line=
    [ -x "$core" ] || skip "quorate-core is not built"
    mkfifo "$T/events"
    "$core" --listen "unix:$T/core.sock" --time-listen "unix:$T/time.sock" --clock nts --leap-table "$TIME_LEAPS" \
        --policy 1,classic,1.2.3,3,100,1000 --allow-unlocked 2>"$T/events" &
    TIME_PIDS+=($!)
    exec 3<"$T/events"
    while read -r -t 60 line <&3; do
        echo "$line" >>"$T/core.log"
        [[ $line == "ready "* ]] && break
    done
    [[ $line == "ready "* ]] || { cat "$T/core.log" >&2; fail "the core does not start"; }
    cat <&3 >>"$T/core.log" &
}

time_state() { # SECONDS valid|invalid WIDTH_MS: what the core says of its time
    python3 "$(dirname "$0")/timed_state.py" "$T/core.sock" "$@" || { cat "$T/core.log" "$T/timed.log" >&2; fail "state $*"; }
}
