#!/bin/bash
# Five cores on simulated silicon, each with a quorate-tsm beside it, as quorate dev up starts them: who made the key is shown down
# to the chips, by a bundle that stays good when two cores are killed; a quorate-tsm that is killed comes back and costs nothing.
set -u
. "$(dirname "$0")/supervised.bash"
need_cluster

place=$dir/dev
bundle=$place/bundle
echo "what is stamped" >"$dir/file"
: >"$dir/status"

pid_of() { # NAME: of dev status
    "$authority" dev status --dir "$place" | sed -n "s/^$1 pid \([0-9]*\) .*/\1/p"
}

# stamp NAME: of a cluster that may have few presignatures just now.
stamp() {
    local until=$((SECONDS + limit))
    until "$QUORATE_BIN/quorate" stamp --url "$url" --ca "$place/ca.pem" --out "$dir/$1" "$dir/file" >>"$dir/log" 2>&1; do
        [ $SECONDS -lt $until ] || fail "stamp $1"
        while read -r -t 0.2 line <&3; do
            echo "$line" >>"$dir/log"
        done
    done
}

# verify NAME CODE [OPTION...]: a token, down to what made its keys.
verify() {
    local name=$1 code=$2 got
    shift 2
    "$QUORATE_BIN/quorate" verify --require classic,pq --data "$dir/file" --ca "$place/ca.pem" --allow-simulated \
        --bundle "$bundle" "$@" "$dir/$name" >"$dir/verdict" 2>&1
    got=$?
    [ $got -eq "$code" ] || fail "verify $name: exit code $got, not $code: $(cat "$dir/verdict")"
}

says() { # TEXT: the verdict does
    grep -q -- "$1" "$dir/verdict" || fail "it does not say \"$1\": $(cat "$dir/verdict")"
}

echo "case: from a token down to the chips"
supervise dev up --dir "$place" --listen 127.0.0.1:0 --nodes 5 --threshold 3
await_line "ready http"
url=${line#ready }
stamp first.tsr
verify first.tsr 0
says '^GENUINE quantum-safe (simulated'
says 'ceremony  *PASS  5 nodes made both keys together'
says 'node evidence  *PASS  5 of 5 nodes, 3 are needed'
for i in 1 2 3 4 5; do
    says "core-$i  *PASS  code [0-9a-f]*.. on chip [0-9a-f]*.., SIM-[A-Z][a-z]*, simulated"
done
says 'machines apart  *PASS'
says '^bundle: GENUINE, assurance simulated: software played the processors, nobody vouches for them'
curl -sSf --max-time 20 "$url/bundle" | cmp - "$bundle" || fail "GET /bundle"
curl -sSf --max-time 20 -o "$dir/shown" "$url/evidence?nonce=$(printf '6e%.0s' {1..32})" || fail "GET /evidence"

curl -sSf --max-time 20 "$url/health" | grep -q '"attested":true.*"simulated":true' || fail "GET /health"

echo "case: the record of the ceremony names the policy by which its nodes judged one another"
"$QUORATE_BIN/quorate" ceremony verify "$place/ceremony.qcr" >"$dir/verdict" || fail "the record: $(cat "$dir/verdict")"
says '^  assurance:   simulated: the bundle of the epoch shows by what evidence$'
says "^  policy:      SHA-384 $(sha384sum "$place/policy.txt" | cut -d ' ' -f 1)$"
"$QUORATE_BIN/quorate" ceremony verify --json "$place/ceremony.qcr" >"$dir/verdict" || fail "the record: $(cat "$dir/verdict")"
jq -e --arg hash "$(sha384sum "$place/policy.txt" | cut -d ' ' -f 1)" '.assurance == "simulated" and .policy_hash == $hash' "$dir/verdict" >/dev/null ||
    fail "$(cat "$dir/verdict")"

echo "case: the programs that run are measured again, and one changed byte of one of them is another measurement"
mkdir "$dir/copy"
for name in quorate-core quorate-timed quorate-tsm; do
    cp "$QUORATE_BIN/$name" "$dir/copy" || fail "cp"
done
code=$("$QUORATE_BIN/quorate" measure --simulated "$dir/copy") || fail "measure"
for folder in "$QUORATE_BIN" "$dir/copy"; do
    verify first.tsr 0 --measure "$folder"
    says '^    measurement  *PASS'
    says "^      core-1  *PASS  code ${code:0:16}\.\."
done
"$QUORATE_BIN/quorate" measure --recipe --simulated "$dir/copy" | cmp - "$place/recipe.txt" || fail "the recipe of the cluster"
for name in quorate-core quorate-timed quorate-tsm; do
    at=$(($(wc -c <"$dir/copy/$name") / 2))
    byte=$(od -An -tu1 -j $at -N 1 "$dir/copy/$name")
    printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$dir/copy/$name" bs=1 seek=$at conv=notrunc status=none
    verify first.tsr 1 --measure "$dir/copy"
    says "^    measurement  *FAIL  .*/$name: not the file of the recipe"
    says '^bundle: NOT GENUINE'
    [ "$("$QUORATE_BIN/quorate" measure --simulated "$dir/copy")" != "$code" ] || fail "the same measurement of another $name"
    cp "$QUORATE_BIN/$name" "$dir/copy"
done
rm "$dir/copy/quorate-tsm"
verify first.tsr 1 --measure "$dir/copy"
says "^    measurement  *FAIL  .*/quorate-tsm: No such file"

echo "case: channels of presignatures have evidence, and are logged by their cores"
n=$(grep -c '^audit .*event=attested' "$dir/log")
while [ "$n" -lt 45 ]; do # of five cores: all five in the ceremony, and four peers after it
    await_line "audit " "event=attested"
    n=$((n + 1))
done

echo "case: a bundle that somebody altered"
cp "$bundle" "$dir/kept"
printf '\x5a' | dd of="$bundle" bs=1 seek=120000 conv=notrunc status=none
verify first.tsr 1
verify first.tsr 1 --json
jq -e '.verdict == "GENUINE" and .bundle.verdict == "NOT GENUINE" and .exit_code == 1' "$dir/verdict" >/dev/null || fail "$(cat "$dir/verdict")"
cp "$dir/kept" "$bundle"

echo "case: a quorate-tsm that is killed comes back"
kill -9 "$(pid_of tsm-1)"
await evidence_ended name=tsm-1
await evidence_started name=tsm-1
stamp second.tsr

echo "case: two cores are killed, and tokens go on"
for i in 2 4; do
    kill -9 "$(pid_of "core-$i")"
    await core_ended "name=core-$i"
done
stamp third.tsr
verify third.tsr 0
says 'node evidence  *PASS  5 of 5 nodes'

echo "case: those that come again are other guests, outside of the epoch"
until=$((SECONDS + limit))
until [ "$(grep -c '^core-[24] pid [1-9][0-9]* outside\|^tsm-[24] pid [1-9][0-9]* sim' "$dir/status")" -eq 4 ]; do
    [ $SECONDS -lt $until ] || fail "status: $(cat "$dir/status")"
    while read -r -t 0.2 line <&3; do
        echo "$line" >>"$dir/log"
    done
    "$authority" dev status --dir "$place" >"$dir/status"
done
stamp fourth.tsr
verify fourth.tsr 0
grep "event=attested" "$dir/log" | grep -v 'fault=ok' && fail "evidence was refused"

echo "case: one of them gets its share again, on the machine of its place and on no other"
chip=$(sed -n '/^\[node core-1\]/,/^platform/s/^platform = //p' "$place/plan.ini")
order() { # OUT [OPTION...]: that place 2 is taken again
    local out=$1
    shift
    "$authority" ceremony order --config "$place/quorate.conf" --place 2 --attempt 1 --key "$place/operator.pem" --out "$out" "$@" \
        >"$dir/said" 2>&1
}
[ -n "$chip" ] || fail "no machine in the plan: $(cat "$place/plan.ini")"
order "$dir/foreign" --platform "$chip" &&
    "$authority" ceremony reenrol --config "$place/quorate.conf" --order "$dir/foreign" >"$dir/said" 2>&1 &&
    fail "on another machine: $(cat "$dir/said")"
order "$dir/order" || fail "order: $(cat "$dir/said")"
"$authority" ceremony reenrol --config "$place/quorate.conf" --order "$dir/order" >"$dir/said" 2>&1 || fail "reenrol: $(cat "$dir/said")"
until=$((SECONDS + limit))
until "$authority" dev status --dir "$place" | grep -q '^core-2 pid [1-9][0-9]* share'; do
    [ $SECONDS -lt $until ] || fail "core-2 has no share: $("$authority" dev status --dir "$place")"
    while read -r -t 0.2 line <&3; do
        echo "$line" >>"$dir/log"
    done
done
stamp fifth.tsr
verify fifth.tsr 0

echo "case: the bundle shows it beside the one that it came after, and each counts"
says 're-enrolments  *PASS  1 place went to other processes, as operators ordered'
says 'core-2  *PASS  code [0-9a-f]*.. on chip'
says 'core-2 #2  *PASS  code [0-9a-f]*.. on chip [0-9a-f]*.., SIM-[A-Z][a-z]*, simulated'
says 'node evidence  *PASS  5 of 5 nodes'
says 'document  *PASS'
curl -sSf --max-time 20 "$url/bundle" | cmp - "$bundle" || fail "GET /bundle"
verify fifth.tsr 0 --json
jq -e '.bundle.nodes[1].later == [{"incarnation": 2, "result": "PASS", "fault": "ok"}]' "$dir/verdict" >/dev/null || fail "$(cat "$dir/verdict")"
verify first.tsr 0 # its epoch is what it was

echo "case: it ends by order, and of who lost its place nobody says so"
"$authority" ceremony retire --config "$place/quorate.conf" --order "$dir/leave" --key "$place/operator.pem" --out "$dir/retired" \
    >"$dir/said" 2>&1
grep -q '^4 of 5 nodes have erased their shares' "$dir/said" || fail "retire: $(cat "$dir/said")"
verify fifth.tsr 0
says 'retirement  *PASS  this epoch has ended: 4 of 5 nodes say that their shares are erased; 1 process of before lost a place'

echo "case: it ends, with all that belongs to it"
mapfile -t pids < <("$authority" dev status --dir "$place" | sed -n 's/.* pid \([1-9][0-9]*\) .*/\1/p')
stop "${pids[@]}"

echo "case: evidence that is none, and of whom there is none"
for bad in "--nodes 5 --threshold 3 --evidence real" "--nodes 5 --threshold 2 --evidence simulated" "--evidence simulated"; do
    # shellcheck disable=SC2086 # words
    "$authority" dev up --dir "$dir/none" $bad >"$dir/out" 2>&1
    [ $? -eq 2 ] || fail "$bad: $(cat "$dir/out")"
done
mkdir "$dir/few"
cp "$QUORATE_BIN/quorate-authority" "$QUORATE_BIN/quorate-core" "$QUORATE_BIN/quorate-tsm" "$dir/few" || fail "cp"
"$dir/few/quorate-authority" dev up --dir "$dir/none" --nodes 5 --threshold 3 >"$dir/out" 2>&1
[ $? -eq 1 ] || fail "without quorate-timed: $(cat "$dir/out")"
grep -q '/few/quorate-timed: evidence is of it, too; --evidence none goes without: No such file' "$dir/out" || fail "$(cat "$dir/out")"
[ ! -e "$dir/none/quorate.conf" ] || fail "it began without quorate-timed"
exit 0
