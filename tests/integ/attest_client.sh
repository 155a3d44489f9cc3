#!/bin/bash
# quorate attest and quorate measure: what people see of real reports, and how wrong usage ends. Reports, chains and
# firmware are vectors of others.
set -u
quorate=${QUORATE_BIN:?}/quorate
snp=${QUORATE_VECTORS:?}/04a-snp
ovmf=$QUORATE_VECTORS/04e-snp-measure
[ -d "$snp" ] && [ -d "$ovmf" ] || { echo "SKIP no vectors in $QUORATE_VECTORS"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
fail() {
    echo "FAIL: $*"
    bad=1
}

# answers CODE ARGS...: the exit code; what it says is in out and err.
answers() {
    local code=$1 got
    shift
    "$quorate" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    [ $got -eq "$code" ] || fail "quorate $*: exit code $got, not $code: $(cat "$work/err")"
}
says() {
    grep -qE -- "$1" "$work/out" || fail "does not say \"$1\": $(cat "$work/out")"
}
complains() {
    local text=$1
    shift
    answers 2 "$@"
    [ ! -s "$work/out" ] || fail "quorate $*: writes to standard output"
    grep -qF -- "$text" "$work/err" || fail "quorate $*: does not say \"$text\": $(cat "$work/err")"
}

report=$snp/turin/box2-turin-report.bin
answers 0 attest show "$report"
says '^line +Turin$'
says '^tcb_reported +1\.1\.1\.4\.82$'
says '^measurement +4b29a3b0[0-9a-f]+12d1ac$'
value() {
    awk -v name="$1" '$1 == name { print $2 }' "$work/out"
}
measurement=$(value measurement)
data=$(value report_data)
"$quorate" attest show --json - <"$report" | grep -q '"line": "Turin"' || fail "show of standard input"
complains "1184 bytes" attest show "$snp/constellation/attestation.bin"

cat >"$work/policy" <<EOF
version = 1
[guest]
measurement = $measurement
host_data = $(printf '0%.0s' {1..64})
vmpl = 0
guest_svn = 0
abi = 0.0
smt = allowed
id_key = any
author_key = any
family_id = any
image_id = any
[platform]
signer = vcek
crl = optional
masked_chip = refused
provisional = refused
[line Turin]
tcb = 1.1.1.4.82
mitigations = 0x3f
policy_set = 0x0
platform_set = 0x24
platform_clear = 0x0
EOF
verify() {
    local code=$1 policy=$2
    shift 2
    answers "$code" attest verify --policy "$policy" --vek "$snp/turin/box2-turin-vcek.der" \
        --chain "$snp/amd-roots/ask_ark_turin_vcek.pem" --at 2026-06-01 "$@" "$report"
}
verify 0 "$work/policy" --report-data "$data"
says '^ACCEPTED$'
says '^assurance +hardware$'
says '^revocation +NOT CHECKED$'
says "^policy_hash +$(openssl dgst -sha384 -r "$work/policy" | cut -d' ' -f1)\$"
verify 0 "$work/policy" --report-data "$data" --json
says '"verdict": "ACCEPTED"'
verify 1 "$work/policy" --report-data "${data%?}0"
says '^REFUSED: judge-report-data$'
[ "$(wc -l <"$work/out")" = 1 ] || fail "claims of what is refused"
verify 1 "$work/policy" --report-data "$data" --at 2020-01-01
says '^REFUSED: ark-time$'
sed 's/smt = allowed/smt = refused/' "$work/policy" >"$work/alone"
verify 1 "$work/alone" --report-data "$data"
says '^REFUSED: judge-smt$'
sed 's/crl = optional/crl = required/' "$work/policy" >"$work/strict"
verify 1 "$work/strict" --report-data "$data"
says '^REFUSED: judge-crl$'
sed 's/1.1.1.4.82/0.0.0.0.0/' "$work/policy" >"$work/floor"
verify 2 "$work/floor" --report-data "$data"
grep -q "floor:19: policy-floor" "$work/err" || fail "no line of the policy: $(cat "$work/err")"
complains "are needed" attest verify --policy "$work/policy" "$report"
complains "show or verify" attest
complains "show takes" attest show --at 2020-01-01 "$report"
complains "64 bytes" attest verify --policy "$work/policy" --report-data 00 --vek "$report" --chain "$report" "$report"

: >"$work/empty"
answers 0 measure --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu EPYC --features 0x21
says '^28797ae0afaba4005a81e629acebfb59e6687949d6be44007cd5506823b0dd66f146aaae26ff291eed7b493d8a64c385$'
answers 0 measure --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu 23.1.2 --features 0x21
says '^28797ae0'
complains launch-kernel measure --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu EPYC --kernel "$work/empty"
complains firmware-size measure --firmware "$work/empty" --vcpus 1 --cpu EPYC
complains "not a mask" measure --firmware "$work/empty" --vcpus 1 --cpu EPYC --features 21
complains "not understood" measure --firmware "$work/empty" --vcpus 1 --cpu Pentium
complains "go with --kernel" measure --firmware "$work/empty" --vcpus 1 --cpu EPYC --append x
complains "are needed" measure --firmware "$work/empty" --cpu EPYC
exit $bad
