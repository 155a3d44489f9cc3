#!/bin/bash
# quorate stamp, query, verify, inspect and bench against an authority of this build; openssl ts looks over its shoulder.
set -u
. "$(dirname "$0")/supervised.bash"
need quorate-authority quorate-core quorate-front quorate
command -v jq >/dev/null || { echo "SKIP jq is not installed"; exit 77; }
quorate=$QUORATE_BIN/quorate

# expect CODE ARGS...: exit code of quorate; output stays in $dir/out and $dir/err.
expect() {
    local code=$1 got
    shift
    "$quorate" "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    [ $got -eq "$code" ] || fail "quorate $*: exit code $got, not $code: $(cat "$dir/out" "$dir/err")"
}

supervise dev up --dir "$dir/dev" --listen 127.0.0.1:0
await_line "ready http"
url=${line#ready }
ca=$dir/dev/ca.pem
verify=(verify --quiet --allow-simulated --strict --ca "$ca")
for name in a b c; do echo "file $name" >"$dir/$name"; done

echo "case: several files, each by each hash"
for hash in sha256 sha384 sha512 sha3-256 sha3-384 sha3-512; do
    expect 0 stamp --force --url "$url/" --hash $hash --ca "$ca" "$dir/a" "$dir/b" "$dir/c"
    [ "$(grep -c '^/.*\.tsr: 20' "$dir/out")" -eq 3 ] || fail "three lines: $(cat "$dir/out")"
    for name in a b c; do
        expect 0 "${verify[@]}" --data "$dir/$name" "$dir/$name.tsr"
    done
    expect 1 "${verify[@]}" --data "$dir/a" "$dir/b.tsr"
    case $hash in sha3*) continue ;; esac
    openssl ts -verify -in "$dir/a.tsr" -data "$dir/a" -CAfile "$ca" >/dev/null 2>&1 || fail "openssl ts -verify, $hash"
done

echo "case: every path, JSON, what is kept"
for path in / /tsa /tsr /timestamp /api/v1/timestamp; do
    expect 0 stamp --force --json --url "$url$path" --ca "$ca" "$dir/a"
    [ "$(jq -r '.[0] | .verdict, .simulated, .token.policy' "$dir/out" | tr '\n' ' ')" = \
        "GENUINE true 1.3.6.1.4.1.32473.3161.1.93 " ] || fail "stamp --json: $(cat "$dir/out")"
done
before=$(sha256sum <"$dir/a.tsr")
expect 2 stamp --url "$url/" "$dir/a"
[ "$before" = "$(sha256sum <"$dir/a.tsr")" ] || fail "a token was written over"
ls "$dir" | grep -q 'tsr\.' && fail "a temporary file was left"

echo "case: fall-backs, refusals"
expect 0 stamp --force --url http://127.0.0.1:1/ --url "$url/nothing-here" --url "$url/" "$dir/a" "$dir/b"
expect 2 stamp --force --url "$url/" --policy 1.2.3 "$dir/a"
grep -q unacceptedPolicy "$dir/err" || fail "no reason: $(cat "$dir/err")"
[ "$(sha256sum <"$dir/a.tsr")" != "$before" ] || fail "not stamped anew"
expect 0 "${verify[@]}" --data "$dir/a" "$dir/a.tsr"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other -keyout "$dir/other.key" -out "$dir/other.pem" \
    2>/dev/null
expect 1 stamp --force --url "$url/" --ca "$dir/other.pem" "$dir/a"

echo "case: both legs of a hybrid token, and what is left of it"
expect 0 stamp --force --json --url "$url/" --ca "$ca" "$dir/a"
[ "$(jq -r '.[0].quantum_safe' "$dir/out")" = true ] || fail "stamp --json: not quantum-safe: $(cat "$dir/out")"
expect 0 "${verify[@]}" --require classic,pq --pq-since 2020-01-01 --data "$dir/a" "$dir/a.tsr"
expect 0 extract --force "$dir/a.tsr"
expect 3 "${verify[@]}" --data "$dir/a" "$dir/a.classic.tst"
expect 1 "${verify[@]}" --require pq --data "$dir/a" "$dir/a.classic.tst"
openssl ts -verify -in "$dir/a.classic.tst" -token_in -data "$dir/a" -CAfile "$ca" >/dev/null 2>&1 || fail "openssl ts -verify a.classic.tst"

echo "case: without certificates"
expect 0 stamp --force --no-certs --url "$url/" --untrusted "$dir/dev/chain.pem" --untrusted "$dir/dev/chain-pq.pem" --ca "$ca" "$dir/a"
expect 2 "${verify[@]}" --data "$dir/a" "$dir/a.tsr"
expect 0 "${verify[@]}" --untrusted "$dir/dev/chain.pem" --untrusted "$dir/dev/chain-pq.pem" --data "$dir/a" "$dir/a.tsr"
expect 0 stamp --force --no-certs --url "$url/" "$dir/a"
grep -q "signature was not checked" "$dir/err" || fail "no warning: $(cat "$dir/err")"

echo "case: query, curl, verify; and what inspect says"
expect 0 query --hash sha512 --policy 1.3.6.1.4.1.32473.3161.1.91 --out "$dir/q" "$dir/a"
curl -sSf -H 'Content-Type: application/timestamp-query' --data-binary "@$dir/q" -o "$dir/r" "$url/" || fail curl
expect 0 "${verify[@]}" --query "$dir/q" --data "$dir/a" "$dir/r"
expect 1 "${verify[@]}" --query "$dir/q" "$dir/b.tsr"
expect 0 inspect --json "$dir/q" "$dir/r" "$dir/dev/chain.pem"
[ "$(jq -r '.[].kind' "$dir/out" | tr '\n' ' ')" = "TimeStampReq TimeStampResp certificates " ] || fail "kinds"
jq -e '.[0].query.nonce == .[1].tst_info.nonce and .[1].encoding == "DER" and
    (.[1].signer_info.signed_attrs | length) == 4 and .[1].signer_info.unsigned_attrs == [] and
    (.[1].certificates | length) == 1 and .[1].certificates[0].extended_key_usage_critical and
    .[1].tst_info.accuracy != null and .[1].tst_info.ordering == false' "$dir/out" >/dev/null ||
    fail "inspect --json: $(cat "$dir/out")"
expect 1 verify --quiet --ca "$ca" --query "$dir/q" "$dir/r"

echo "case: standard input and output"
"$quorate" stamp --quiet --url "$url/" --out - - <"$dir/a" >"$dir/piped" 2>/dev/null || fail "stamp - to -"
expect 0 "${verify[@]}" --data "$dir/a" "$dir/piped"

echo "case: bench, closed and open loop"
expect 0 bench --url "$url/" --ca "$ca" --duration 1 --warmup 0 --connections 4 --verify 50 --json
jq -e '.tokens > 0 and .verified == ([50, .kept] | min) and .not_genuine == 0 and .wrong == 0 and .time.p99_ms >= .time.p50_ms' "$dir/out" \
    >/dev/null || fail "bench: $(cat "$dir/out")"
expect 0 bench --url "$url/tsr" --rate 50 --duration 1 --warmup 0 --connections 4 --hash sha512 --certs --json
jq -e '.loop == "open" and .tokens > 0 and .verified == .kept' "$dir/out" >/dev/null || fail "bench: $(cat "$dir/out")"
expect 2 bench --url "$url/nothing-here" --duration 1

echo "case: another build's authority is not believed"
mv "$dir/dev/ca.pem" "$dir/old-ca.pem"
expect 1 "${verify[@]/$ca/$dir/other.pem}" --data "$dir/a" "$dir/piped"
stop
echo "ok"
