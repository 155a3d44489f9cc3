#!/bin/bash
# quorate verify, extract, inspect and stamp's words on hybrid, pq and dual tokens of our own writers.
set -u
quorate=${QUORATE_BIN:?}/quorate
samples=${QUORATE_BUILD:?the build folder}/tests/unit_client_samples
command -v jq >/dev/null || { echo "SKIP jq is not installed"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
QUORATE_SAMPLES=$work "$samples" >samples.log 2>&1 || { cat samples.log; exit 1; }
bad=0
fail() {
    echo "FAIL: $*"
    bad=1
}
trust=(--ca classic-ca.der --ca pq-ca.der --data document)

# verdict CODE LINE ARGS...: the exit code, and the last line begins with LINE.
verdict() {
    local code=$1 line=$2 got
    shift 2
    "$quorate" verify "$@" >out 2>err
    got=$?
    [ $got -eq "$code" ] || fail "verify $*: exit code $got, not $code: $(tail -1 out) $(cat err)"
    case $(tail -1 out) in "$line"*) ;; *) fail "verify $*: not \"$line\": $(tail -1 out)" ;; esac
}
quit() {
    local text=$1 got
    shift
    "$quorate" "$@" >out 2>err
    got=$?
    [ $got -eq 2 ] || fail "quorate $*: exit code $got, not 2"
    grep -qF -- "$text" err || fail "quorate $*: does not say \"$text\": $(cat err)"
}

# The proven time is that of the record.
verdict 0 "GENUINE quantum-safe: 2026-02-20T00:00:00.54Z, accuracy 1 s, by CN=sample pq TSA; the token itself says 2026-02-20T00:00:00.5Z" \
    "${trust[@]}" hybrid.tsr
grep -q '^GENUINE      classic: ecdsa-with-SHA384' out || fail "classic leg: $(cat out)"
grep -q '^GENUINE      pq: id-ml-dsa-65' out || fail "pq leg: $(cat out)"
grep -q '^GENUINE      binding: same authority and epoch; record 40 ms after the token, window 5 s' out || fail "binding: $(cat out)"
verdict 0 "GENUINE quantum-safe" "${trust[@]}" --require classic,pq --pq-since 2020-01-01 hybrid-one.tst
verdict 2 "COULD NOT TELL" "${trust[@]}" hybrid-bare.tsr
verdict 0 "GENUINE quantum-safe" "${trust[@]}" --untrusted classic-tsa.der --untrusted pq-tsa.der --require pq hybrid-bare.tsr
verdict 2 "COULD NOT TELL: pq: chain: no ML-DSA certificate is trusted" --ca classic-ca.der --data document hybrid.tsr
verdict 3 "INCOMPLETE: pq: neither a record" "${trust[@]}" hybrid-stripped.tsr
verdict 1 "NOT GENUINE: pq: neither a record" "${trust[@]}" --require pq hybrid-stripped.tsr
verdict 1 "NOT GENUINE: pq: neither a record" "${trust[@]}" --pq-since 2020-01-01 hybrid-stripped.tsr
verdict 3 "INCOMPLETE" "${trust[@]}" --pq-since 9999-01-01 hybrid-stripped.tsr
verdict 1 "NOT GENUINE: binding: the record came 0.040 s after" "${trust[@]}" --window 0 hybrid.tsr
verdict 0 "GENUINE pq only: 2026-02-20T00:00:00.5Z" "${trust[@]}" --require pq pq.tst
verdict 1 "NOT GENUINE: classic: there is no such signature" "${trust[@]}" --require classic pq.tst
verdict 0 "GENUINE quantum-safe: 2026-02-20T00:00:00.5Z" "${trust[@]}" --require pq,classic dual.tst
verdict 1 "NOT GENUINE: classic: imprint" --ca classic-ca.der --ca pq-ca.der --data samples.log hybrid.tsr
"$quorate" verify --json "${trust[@]}" hybrid.tsr >out || fail "--json"
jq -e '.verdict == "GENUINE" and .exit_code == 0 and .quantum_safe and .proven_time == "2026-02-20T00:00:00.54Z" and
    .window_s == 5 and (.legs | map_values(.result) == {classic: "GENUINE", pq: "GENUINE", binding: "GENUINE"}) and
    .pq.verdict == "GENUINE" and .pq.signature_algorithm == "id-ml-dsa-65" and (.pq_required | not)' out >/dev/null ||
    fail "--json: $(cat out)"
quit "--require takes" verify --require all hybrid.tsr
quit "not a number" verify --window -1 hybrid.tsr
quit "not a number" verify --window 2592001 hybrid.tsr
quit "not a time" verify --pq-since soon hybrid.tsr
quit "clients ask for: it is no evidence" verify --evidence-policy 1.3.6.1.4.1.32473.3161.1.2 hybrid.tsr
quit "not an object identifier" verify --hybrid-policy x hybrid.tsr

# stamp and inspect speak of the record.
"$quorate" inspect hybrid.tsr >out || fail "inspect"
grep -q "evidence record:" out || fail "inspect: no record"
grep -q "archive time-stamp of the record: TimeStampToken" out || fail "inspect: no archive time-stamp"
root=$(sed -n 's/^    root: *//p' out)
[ -n "$root" ] && [ "$(grep -c "sha512 $root" out)" = 1 ] || fail "inspect: the root is not the imprint"
"$quorate" inspect --json hybrid.tsr | jq -e '.evidence_record | .groups >= 1 and .root ==
    .archive_time_stamp.tst_info.message_imprint.hashed_message and (has("problem") | not)' >/dev/null || fail "inspect --json"
"$quorate" inspect --json dual.tst | jq -e '.more_signer_infos | length == 1' >/dev/null || fail "inspect --json: dual"

# extract
"$quorate" extract hybrid.tsr >out 2>err || fail "extract: $(cat err)"
[ ! -s out ] && [ ! -s err ] || fail "extract speaks"
for part in classic.tst er pq.tst; do
    [ -s hybrid.$part ] || fail "extract: no hybrid.$part"
done
verdict 3 INCOMPLETE "${trust[@]}" hybrid.classic.tst
digest=$("$quorate" inspect --json hybrid.tsr | jq -r .evidence_record.root)
verdict 1 "NOT GENUINE: the policy is one of archive time-stamps" --ca pq-ca.der --digest "$digest" hybrid.pq.tst
verdict 0 "GENUINE pq only" --ca pq-ca.der --digest "$digest" --policy 1.3.6.1.4.1.32473.3161.1.4 hybrid.pq.tst
[ "$(openssl dgst -sha512 -r hybrid.classic.tst | cut -d' ' -f1)" = \
    "$("$quorate" inspect --json hybrid.tsr | jq -r .evidence_record.data_object_sha512)" ] || fail "extract: another data object"
quit "is there already" extract hybrid.tsr
echo mine >hybrid.er
quit "is there already" extract hybrid.tsr
[ "$(cat hybrid.er)" = mine ] || fail "extract wrote over a file"
"$quorate" extract --force hybrid.tsr || fail "extract --force"
grep -qx mine hybrid.er && fail "extract --force did not write"
"$quorate" extract --out other hybrid.tsr || fail "extract --out"
for part in classic.tst er pq.tst; do
    cmp -s hybrid.$part other.$part || fail "extract --out: other.$part differs"
done
"$quorate" extract --out standard - <hybrid-one.tst || fail "extract from standard input"
cp hybrid.tsr plain && "$quorate" extract plain && [ -s plain.er ] || fail "extract of a name without suffix"
quit "there is no record" extract hybrid-stripped.tsr
quit "there is no record" extract dual.tst
quit "neither a token nor a reply" extract document
quit "one TOKEN" extract
quit "one TOKEN" extract hybrid.tsr hybrid-one.tst
quit "needs --out" extract -
quit "No such file" extract absent
quit "No such file" extract --out absent/x hybrid.tsr
[ ! -e hybrid-stripped.er ] || fail "extract wrote of a token without record"
"$quorate" help extract >a && "$quorate" extract --help | cmp -s - a || fail "help"
exit $bad
