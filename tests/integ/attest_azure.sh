#!/bin/bash
# quorate attest of a guest of Azure: the blob and the quote of a real one (vectors of others), and how wrong usage ends.
set -u
azure=${QUORATE_VECTORS:?}/04c-tpm-azure-maa
chain=$QUORATE_VECTORS/04a-snp/amd-roots/ask_ark_milan.pem
[ -d "$azure" ] && [ -r "$chain" ] || { echo "SKIP no vectors in $QUORATE_VECTORS"; exit 77; }
. "$(dirname "$0")/../lib/answers.sh"

guest=$azure/trustee-az-snp-vtpm
blob=$guest/hcl-report.bin
answers 0 attest show "$blob"
says '^hcl_report +SEV-SNP$'
says '^vm_id +911B0EF8-9DBA-48B0-B275-4E4DF2D39252$'
says '^secure_boot +on$'
says '^vmpl +0$'
measurement=$(awk '$1 == "measurement" { print $2 }' "$work/out")
answers 0 attest show --json "$azure/trustee-az-tdx-vtpm/hcl-report.bin"
says '"hcl_report": "TDREPORT of TDX"'
head -c 1300 "$blob" >"$work/cut"
answers 2 attest show "$work/cut"

# quote.bin has a signature of 256 bytes, what is signed, and 24 values, a length of 8 bytes before each.
part() { tail -c "+$(($1 + 1))" "$guest/quote.bin" | head -c "$2"; }
part 272 122 >"$work/quote"
{ printf '\000\024\000\013\001\000' && part 8 256; } >"$work/signature"
part 402 768 >"$work/pcrs"
pcr() { part $((402 + 32 * $1)) 32 | od -An -v -tx1 | tr -d ' \n'; }
{
    python3 "$(dirname "$0")/../lib/snp_policy.py" "$measurement" Milan 0.3.0.8.115 abi=0.31 smt=allowed family_id=any \
        provisional=allowed mitigations=0x0 platform_set=0x0 platform_clear=0x0 | sed 's/^\[guest\]/[paravisor]/'
    printf '%s\n' '[azure]' "pcr = 4 $(pcr 4)" "pcr = 9 $(pcr 9)" 'secure_boot = required' \
        'maa_issuer = https://sharedeus.eus.attest.azure.net'
} >"$work/policy"
verify() {
    local code=$1 policy=$2
    shift 2
    answers "$code" attest verify --policy "$policy" --vek "$guest/vcek.pem" --chain "$chain" --at 2025-06-01 \
        --quote "$work/quote" --quote-signature "$work/signature" --pcrs "$work/pcrs" "$@" "$blob"
}
asked=$(printf challenge | od -An -tx1 | tr -d ' ')
verify 0 "$work/policy" --extra-data "$asked"
says '^ACCEPTED$'
says '^assurance +hardware$'
says '^measures +paravisor by the hardware, guest by PCRs$'
says '^pcrs_held +0x000210$'
says "^pcr_4 +$(pcr 4)\$"
says "^policy_hash +$(openssl dgst -sha384 -r "$work/policy" | cut -d' ' -f1)\$"
verify 1 "$work/policy" --extra-data "${asked}00"
says '^REFUSED: azure-extra-data$'
[ "$(wc -l <"$work/out")" = 1 ] || fail "claims of what is refused"
verify 1 "$work/policy" --report-data "$(printf '0%.0s' {1..128})"
says '^REFUSED: azure-extra-data$'
sed "s/^pcr = 9 .*/pcr = 9 $(pcr 4)/" "$work/policy" >"$work/other"
verify 1 "$work/other" --extra-data "$asked"
says '^REFUSED: azure-pcr$'
sed 's/^\[paravisor\]/[guest]/' "$work/policy" >"$work/plain"
verify 2 "$work/plain" --extra-data "$asked"
grep -q "policy-missing" "$work/err" || fail "a policy without a paravisor: $(cat "$work/err")"
# A token of another machine, of a time that is over.
verify 1 "$work/policy" --extra-data "$asked" --token "$azure/maa/teaclave-maa-token.jwt" \
    --keys "$azure/maa/teaclave-maa-jwks.json"
says '^REFUSED: maa-time$'
verify 1 "$work/policy" --extra-data "$asked" --token "$azure/maa/sev-snp-jwt.txt" \
    --keys "$azure/maa/teaclave-maa-jwks.json"
says '^REFUSED: maa-kid$'
verify 2 "$work/policy" --extra-data "$asked" --token "$azure/maa/sev-snp-jwt.txt"
grep -q -- "--token with --keys" "$work/err" || fail "a token without keys: $(cat "$work/err")"
verify 2 "$work/policy" --extra-data "$asked" --report-data 00
printf x >>"$work/pcrs"
verify 1 "$work/policy" --extra-data "$asked"
says '^REFUSED: quote-pcrs$'
exit $bad
