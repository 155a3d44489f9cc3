#!/bin/bash
# The command line of quorate: output as it was written down, exit codes, options. tests/integ/client holds a small CA's
# certificates and tokens, made by openssl ts; "client.sh --write" writes the golden files anew.
set -u
here=$(cd "$(dirname "$0")/client" && pwd) || exit 2
. "$(dirname "$0")/../lib/answers.sh"
cd "$here" || exit 2
write=0
[ "${1:-}" = --write ] && write=1
# golden NAME CODE ARGS...: standard output is as NAME.txt says, and so is the exit code.
golden() {
    local name=$1 code=$2 got
    shift 2
    "$quorate" "$@" >"$work/out" 2>"$work/err"
    got=$?
    [ $got -eq "$code" ] || fail "quorate $*: exit code $got, not $code: $(cat "$work/err")"
    [ $write = 0 ] || cp "$work/out" "$name.txt"
    diff -u "$name.txt" "$work/out" || fail "quorate $*"
}

golden verify 0 verify --ca ca.pem --data data --query q.tsq r.tsr
golden verify-json 0 verify --json --ca ca.pem --data data r.tsr
golden verify-simulated 1 verify --ca ca.pem --data data simulated.tsr
golden verify-allowed 0 verify --ca ca.pem --data data --allow-simulated simulated.tsr
golden verify-open 2 verify r.tsr
golden inspect-query 0 inspect q.tsq
golden inspect-reply 0 inspect r.tsr
golden inspect-reply-json 0 inspect --json r.tsr
golden inspect-several-json 0 inspect --json q.tsq ca.pem
golden help 0 help
record=../../../fuzz/corpus/ceremony_record/two_of_three
golden ceremony 0 ceremony verify $record
golden ceremony-shared 0 ceremony verify ../../../fuzz/corpus/ceremony_record/three_shared
golden ceremony-json 0 ceremony verify --json $record
golden help-verify 0 help verify

# ceremony
id=$(sha384sum $record | cut -d' ' -f1)
answers 0 ceremony verify --quiet --id "$id" $record
[ ! -s "$work/out" ] || fail "--quiet is not quiet"
answers 1 ceremony verify --id "$(sha384sum data | cut -d' ' -f1)" $record
grep -q "another ceremony" "$work/out" || fail "another id is not named"
answers 1 ceremony verify data
grep -q "no record" "$work/out" || fail "what is no record is not named"
answers 1 ceremony verify --json data
# One byte of a message in the middle: its signature does not hold.
cp $record "$work/record"
printf '\377' | dd of="$work/record" bs=1 seek=15000 conv=notrunc status=none
answers 1 ceremony verify "$work/record"
grep -q "FAIL  signatures" "$work/out" || fail "a changed message passes"
answers 2 ceremony verify /nonexistent
complains "one RECORD" ceremony verify
complains "one RECORD" ceremony $record
complains "one RECORD" ceremony forge $record
complains "48 bytes" ceremony verify --id 00 $record
complains "given twice" ceremony verify --id "$id" --id "$id" $record

# verify
digest=$(openssl dgst -sha256 -r data | cut -d' ' -f1)
answers 0 verify --ca ca.pem --digest "$digest" token.tst
answers 0 verify --ca ca.pem --digest "$digest" token.pem
answers 0 verify --quiet --ca ca.pem --digest "$digest" --strict token.pem
[ ! -s "$work/out" ] || fail "--quiet is not quiet"
answers 0 verify --ca ca.pem --data data --at 2026-12-01 r.tsr
answers 1 verify --ca ca.pem --data data --at 2040-01-01T00:00:00Z r.tsr
answers 1 verify --ca ca.pem --data q.tsq r.tsr
answers 1 verify --ca ca.pem --data data --policy 1.2.3 r.tsr
answers 0 verify --ca ca.pem --data data --policy 1.3.6.1.4.1.32473.3161.1.1 r.tsr
answers 0 verify --ca tsa.pem --data data r.tsr
answers 1 verify --ca ca.pem --data data q.tsq
answers 1 verify --ca ca.pem --data data data
answers 2 verify --ca ca.pem --data data --bundle data r.tsr
grep -q "no bundle that can be read" "$work/err" || fail "what is no bundle is not named"
answers 2 verify --json --ca ca.pem --data data --bundle data r.tsr
grep -q '"exit_code": 2' "$work/out" || fail "another exit code than that of the program"
for beside in data absent; do # not genuine, whatever lies there
    answers 1 verify --ca ca.pem --data q.tsq --bundle $beside r.tsr
    grep -q "^NOT GENUINE" "$work/out" || fail "no verdict beside $beside"
done
mkdir "$work/folder" && cp ca.pem data "$work/folder"
answers 0 verify --ca "$work/folder" --data data r.tsr
"$quorate" verify --quiet --ca ca.pem --data - r.tsr <data || fail "data from standard input"
"$quorate" verify --quiet --ca ca.pem --data data - <r.tsr || fail "token from standard input"
for twice in "--data data" "--query q.tsq" "--digest 00" "--policy 1.2.3" "--at 2026-01-01"; do
    # shellcheck disable=SC2086
    complains "is given twice" verify --ca ca.pem $twice $twice r.tsr
done
complains "one TOKEN" verify
complains "one TOKEN" verify r.tsr r.tsr
complains "No such file" verify absent
complains "No such file" verify --data absent --ca ca.pem r.tsr
complains "No such file" verify --ca absent r.tsr
complains "no certificate" verify --ca data r.tsr
complains "not a time" verify --at now r.tsr
complains "not an object identifier" verify --policy 1..2 r.tsr
complains "hexadecimal" verify --digest xyz r.tsr
complains "not a query" verify --query data r.tsr
complains "see quorate help verify" verify --no-such-option r.tsr

# ML-DSA: one file of trusted certificates serves both kinds
hybrid=${QUORATE_VECTORS:?}/10-hybrid
if [ -d "$hybrid" ]; then
    cat "$hybrid/pki/classic-ca.pem" "$hybrid/pki/pq-ca.pem" >"$work/both.pem"
    answers 0 verify --ca "$work/both.pem" --data "$hybrid/doc.txt" "$hybrid/pq/pq.tsr"
    grep -q "PASS         signature: ML-DSA-65" "$work/out" || fail "which signature it was"
    grep -q "2 ML-DSA certificates up to CN=Golden ML-DSA-65 root" "$work/out" || fail "up to whom"
    answers 0 verify --ca "$work/both.pem" --data "$hybrid/doc.txt" "$hybrid/classic/classic-policy.tst"
    answers 2 verify --ca "$hybrid/pki/classic-ca.pem" --data "$hybrid/doc.txt" "$hybrid/pq/pq.tsr"
    answers 1 verify --ca "$hybrid/pki/pq-ca.pem" --data "$hybrid/doc.txt" "$hybrid/classic/classic-policy.tst"
    answers 0 inspect "$hybrid/pki/pq-tsa.pem"
    grep -q "key:       ML-DSA-65, signed with id-ml-dsa-65" "$work/out" || fail "inspect of ML-DSA"
else
    echo "SKIP ML-DSA: no vectors"
fi

# query
answers 0 query --out "$work/q" --hash sha3-512 --policy 1.2.3 data
"$quorate" inspect "$work/q" | grep -q "imprint:  sha3-512" || fail "query --hash"
answers 0 query --out "$work/q" --digest "$digest" --no-nonce --no-certs
"$quorate" inspect "$work/q" | grep -q "nonce:    none" || fail "query --no-nonce"
openssl ts -query -in "$work/q" -text 2>/dev/null | grep -q "Certificate required: no" || fail "query --no-certs"
"$quorate" query --out - data | openssl ts -query -in /dev/stdin -text >/dev/null 2>&1 || fail "query to standard output"
first=$("$quorate" query --out - data | sha256sum)
[ "$first" != "$("$quorate" query --out - data | sha256sum)" ] || fail "two queries with one nonce"
complains "--out" query data
complains "standard output" query --json --out - data
complains "one FILE or one --digest" query --out "$work/q"
complains "64 hexadecimal digits" query --out "$work/q" --digest 00
complains "sha256, sha384" query --out "$work/q" --hash md5 data
complains "No such file" query --out "$work/q" absent
complains "No such file" query --out "$work/absent/q" data

# inspect
complains "neither query" inspect data
answers 2 inspect data q.tsq
grep -q TimeStampReq "$work/out" || fail "one bad file hides a good one"

# stamp and bench, as far as they go without an authority
complains "--url" stamp data
complains "not stamped" stamp --retries 0 --url http://127.0.0.1:1/ --out "$work/t" data
cp data "$work/there" && touch "$work/there.tsr"
complains "is there already" stamp --retries 0 --url http://127.0.0.1:1/ "$work/there"
complains "needs --out" stamp --url http://127.0.0.1:1/ -
complains "standard output" stamp --json --url http://127.0.0.1:1/ --out - data
complains "single FILE" stamp --url http://127.0.0.1:1/ --out "$work/t" data q.tsq
complains "not a number" stamp --retries many --url http://127.0.0.1:1/ data
complains "http://HOST" bench --url https://127.0.0.1:1/
complains "connect" bench --url http://127.0.0.1:1/

# the rest
complains "no command frobnicate" frobnicate
answers 2
answers 0 version
grep -qE '^quorate [0-9]+\.[0-9]+\.[0-9]+$' "$work/out" || fail "version"
for command in stamp query verify inspect extract ceremony status time attest measure audit bench dev authority; do
    "$quorate" help $command >"$work/a" || fail "help $command"
    "$quorate" $command --help | cmp -s - "$work/a" || fail "$command --help differs from help $command"
done
"$quorate" verify --json --ca ca.pem --data data r.tsr >/dev/full 2>"$work/err" && fail "a full disk goes unnoticed"

# dev and authority are another program, in PATH if it is not beside this one.
mkdir "$work/bin" "$work/path" && cp "$quorate" "$work/bin/quorate"
complains_alone=$(PATH=$work/path "$work/bin/quorate" dev up 2>&1) && fail "dev up without quorate-authority"
case $complains_alone in *"cannot be run"*) ;; *) fail "no reason: $complains_alone" ;; esac
printf '#!/bin/sh\necho path "$@"\n' >"$work/path/quorate-authority" && chmod +x "$work/path/quorate-authority"
[ "$(PATH=$work/path:$PATH "$work/bin/quorate" dev up --dir x)" = "path dev up --dir x" ] || fail "from PATH"
printf '#!/bin/sh\necho beside "$@"\n' >"$work/bin/quorate-authority" && chmod +x "$work/bin/quorate-authority"
[ "$(PATH=$work/path:$PATH "$work/bin/quorate" authority run)" = "beside authority run" ] || fail "from beside"
exit $bad
