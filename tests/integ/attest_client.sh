#!/bin/bash
# quorate attest and quorate measure: what people see of real reports, and how wrong usage ends. Reports, chains and
# firmware are vectors of others.
set -u
snp=${QUORATE_VECTORS:?}/04a-snp
ovmf=$QUORATE_VECTORS/04e-snp-measure
[ -d "$snp" ] && [ -d "$ovmf" ] || { echo "SKIP no vectors in $QUORATE_VECTORS"; exit 77; }
. "$(dirname "$0")/../lib/answers.sh"

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

python3 "$(dirname "$0")/../lib/snp_policy.py" "$measurement" Turin 1.1.1.4.82 abi=0.0 smt=allowed family_id=any \
    mitigations=0x3f platform_set=0x24 platform_clear=0x0 >"$work/policy" || fail "no policy"
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
verify 0 "$work/policy" --report-data "$data" --chain <(cat "$snp/amd-roots/ask_ark_turin_vcek.pem") # read once: it is a pipe
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

# A quote of TDX, with what Intel said of its platform in June 2025.
tdx=$QUORATE_VECTORS/04b-tdx/dcap-qvl
quote=$tdx/tdx_quote
answers 0 attest show "$quote"
says '^trailing_bytes +70$'
says '^quote_version +4$'
data=$(value report_data)
{
    printf 'version = 1\n[tdx]\n'
    for name in mrtd rtmr0 rtmr1 rtmr2 rtmr3 mr_config_id mr_owner mr_owner_config; do
        echo "$name = $(value $name)"
    done
    printf '%s\n' 'sept_ve_disable = required' 'pks = refused' 'key_locker = refused' 'perfmon = refused' \
        'trailing = allowed' 'status = UpToDate' 'evaluation = 17' 'fmspc_denied = none'
} >"$work/tdx"
mkdir "$work/intel"
python3 - "$tdx/tdx_quote_collateral.json" "$work/intel" <<'EOF'
import json, sys
c = json.load(open(sys.argv[1]))
def put(name, data):
    open(sys.argv[2] + '/' + name, 'wb').write(data)
put('tcb_info.json', ('{"tcbInfo":%s,"signature":"%s"}' % (c['tcb_info'], c['tcb_info_signature'])).encode())
put('qe_identity.json', ('{"enclaveIdentity":%s,"signature":"%s"}' % (c['qe_identity'], c['qe_identity_signature'])).encode())
put('tcb_info_chain.pem', c['tcb_info_issuer_chain'].encode())
put('qe_identity_chain.pem', c['qe_identity_issuer_chain'].encode())
put('pck_crl.der', bytes.fromhex(c['pck_crl']))
put('root_crl.der', bytes.fromhex(c['root_ca_crl']))
EOF
verify_quote() {
    local code=$1 policy=$2
    shift 2
    answers "$code" attest verify --policy "$policy" --collateral "$work/intel" "$@" "$quote"
}
verify_quote 0 "$work/tdx" --report-data "$data" --at 2025-07-01
says '^ACCEPTED$'
says '^assurance +hardware$'
says '^tcb_status +UpToDate$'
says '^fmspc +b0c06f000000$'
verify_quote 0 "$work/tdx" --report-data "$data" --at 2025-07-01 --json
says '"module_status": "UpToDate"'
verify_quote 1 "$work/tdx" --report-data "${data%?}1" --at 2025-07-01
says '^REFUSED: tdx-judge-report-data$'
verify_quote 1 "$work/tdx" --report-data "$data" --at 2025-08-01
says '^REFUSED: tdx-pck-crl-time$'
sed 's/trailing = allowed/trailing = refused/' "$work/tdx" >"$work/strict"
verify_quote 1 "$work/strict" --report-data "$data" --at 2025-07-01
says '^REFUSED: tdx-judge-trailing$'
verify_quote 2 "$work/policy" --report-data "$data" --at 2025-07-01
complains "are needed" attest verify --policy "$work/tdx" --report-data "$data" "$quote"
complains "goes with no" attest verify --policy "$work/tdx" --report-data "$data" --collateral "$work/intel" --crl "$quote" "$quote"
rm "$work/intel/root_crl.der"
complains "root_crl.der" attest verify --policy "$work/tdx" --report-data "$data" --collateral "$work/intel" "$quote"

: >"$work/empty"
answers 0 measure --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu EPYC --features 0x21
says '^28797ae0afaba4005a81e629acebfb59e6687949d6be44007cd5506823b0dd66f146aaae26ff291eed7b493d8a64c385$'
answers 0 measure --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu 23.1.2 --features 0x21
says '^28797ae0'
answers 0 measure --recipe --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu EPYC --features 0x21
says '^QUORATE-RECIPE-1$'
says "^firmware = $(sha384sum <"$ovmf/ovmf_OvmfX64_suffix.bin" | cut -d" " -f1) ovmf_OvmfX64_suffix.bin$"
says '^cpu = 0x800f12$'
complains launch-kernel measure --firmware "$ovmf/ovmf_OvmfX64_suffix.bin" --vcpus 1 --cpu EPYC --kernel "$work/empty"
complains firmware-size measure --firmware "$work/empty" --vcpus 1 --cpu EPYC
complains "not a mask" measure --firmware "$work/empty" --vcpus 1 --cpu EPYC --features 21
complains "not understood" measure --firmware "$work/empty" --vcpus 1 --cpu Pentium
complains "go with --kernel" measure --firmware "$work/empty" --vcpus 1 --cpu EPYC --append x
complains "are needed" measure --firmware "$work/empty" --cpu EPYC
for device in kernel initrd; do # which have no end
    complains "/dev/zero: Operation not supported" measure --firmware "$work/empty" --vcpus 1 --cpu EPYC --kernel "$work/empty" \
        --$device /dev/zero
done
complains "/dev/zero: Operation not supported" measure --recipe --firmware /dev/zero --vcpus 1 --cpu EPYC
# Simulated: one changed byte of one program is another digest.
mkdir "$work/programs"
for program in quorate-core quorate-timed quorate-tsm; do
    echo "$program of this test" >"$work/programs/$program"
done
answers 0 measure --simulated "$work/programs"
says '^[0-9a-f]{96}$'
first=$(cat "$work/out")
echo "quorate-timed of that test" >"$work/programs/quorate-timed"
answers 0 measure --simulated "$work/programs"
[ "$(cat "$work/out")" != "$first" ] || fail "a changed program measures the same"
answers 0 measure --recipe --simulated "$work/programs"
says "^program = [0-9a-f]{96} quorate-core$"
complains "goes with --bundle" verify --measure "$work" "$work/none"
complains "no argument besides" measure --simulated "$work/programs" --vcpus 1
rm "$work/programs/quorate-tsm"
complains "quorate-tsm: No such file" measure --simulated "$work/programs"
ln -s /dev/zero "$work/programs/quorate-tsm"
complains "quorate-tsm: Operation not supported" measure --simulated "$work/programs"
exit $bad
