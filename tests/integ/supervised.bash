# For scripts that run the supervisor. No waiting by time: every step waits for a line of its log, at most so long.
limit=60 # s
authority=$QUORATE_BIN/quorate-authority
pid=  # of the supervisor
line= # the last one that was read
dir=$(mktemp -d) || exit 2
: >"$dir/log"

finish() {
    [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
    rm -rf "$dir"
}
trap finish EXIT

fail() {
    echo "FAILED: $*"
    echo "--- log"
    cat "$dir/log"
    exit 1
}

# need PROGRAM...: skips without one of them, and in a build without the test CA.
need() {
    local program
    for program in "$@"; do
        [ -x "$QUORATE_BIN/$program" ] || { echo "SKIP $program is not built"; exit 77; }
    done
    if "$authority" dev certify --dir / 2>&1 | grep -q "production build"; then
        echo "SKIP needs the test CA"
        exit 77
    fi
}

# The same for several cores.
need_cluster() {
    need quorate-authority quorate-core quorate-timed quorate-tsm quorate-front quorate-mesh quorate
    if grep -q __asan_init "$QUORATE_BIN/quorate-core"; then
        echo "SKIP five cores built with a sanitizer are too slow for one another"
        exit 77
    fi
}

# whole: the front at $url is ready; any three of its cores have presignatures, and can make more, whoever goes. Meanwhile
# the supervisor is listened to.
whole() {
    local until=$((SECONDS + limit)) said=
    until [[ $said == *'"degraded":""'* ]]; do
        [ $SECONDS -lt $until ] || fail "the cluster does not get whole: $said"
        while read -r -t 0.2 line <&3; do
            echo "$line" >>"$dir/log"
        done
        said=$(curl -sf --max-time 20 "$url/readyz")
    done
}

# supervise ARG...: runs quorate-authority; what it and its children print comes on descriptor 3.
supervise() {
    exec 3<&-
    : >"$dir/log"
    rm -f "$dir/fifo"
    mkfifo "$dir/fifo"
    "$authority" "$@" >"$dir/fifo" 2>&1 &
    pid=$!
    exec 3<"$dir/fifo"
}

# await_line START [TEXT]: the next line that begins so and holds TEXT; it stays in $line.
await_line() {
    local until=$((SECONDS + limit))
    while [ $SECONDS -lt $until ] && read -r -t $limit line <&3; do
        echo "$line" >>"$dir/log"
        [[ $line == "$1"*"${2:-}"* ]] && return
    done
    fail "no line: $1 ${2:-}"
}

# await EVENT [TEXT]: the same for an event of the supervisor itself.
await() {
    while await_line "$1 " "${2:-}"; do
        [[ $line == *program=quorate-authority* ]] && return
    done
}

# await_all PATTERN...: a line like each of these, in any order: what a child says first may come before the line of the supervisor
# that it has started it. The one like the first pattern stays in $line.
await_all() {
    local until=$((SECONDS + limit)) first='' one left=("$@")
    while [ $SECONDS -lt $until ] && read -r -t $limit line <&3; do
        echo "$line" >>"$dir/log"
        for one in "${!left[@]}"; do
            # shellcheck disable=SC2053 # a pattern
            [[ $line == ${left[one]} ]] || continue
            [ "$one" != 0 ] || first=$line
            unset "left[one]"
            break
        done
        [ ${#left[@]} -gt 0 ] || { line=$first; return; }
    done
    fail "no lines: ${left[*]}"
}

field() {
    sed -n "s/.* $1=\([^ ]*\).*/\1/p" <<<"$line"
}

# runs PID: whether it does; one that nobody has waited for yet does not.
runs() {
    [ -e "/proc/$1/status" ] && ! grep -q '^State:[[:space:]]*[ZX]' "/proc/$1/status" 2>/dev/null
}

# all_gone PID...: the log ends only when nobody holds it open; a process is gone soon after it let go of it.
all_gone() {
    local one until
    while read -r -t $limit line <&3; do
        echo "$line" >>"$dir/log"
    done
    [ $? -le 128 ] || fail "somebody still runs"
    until=$((SECONDS + limit))
    for one in "$@"; do
        while runs "$one"; do
            [ $SECONDS -lt $until ] || fail "process $one still runs"
            sleep 0.01
        done
    done
}

# stop PID...: SIGTERM ends the supervisor with success, and these with it.
stop() {
    kill -TERM "$pid"
    wait "$pid" || fail "exit $? after SIGTERM"
    all_gone "$pid" "$@"
    pid=
}
