#!/bin/bash
# Every file of 10-hybrid gets the verdict that its README's table states, without options and with --require pq. Its archive
# time-stamps are under the policy of clients and its certificates have no QuorateBinding: tests/quorate-golden takes that,
# quorate itself does not.
set -u
golden=${QUORATE_BUILD:?the build folder}/tests/quorate-golden
quorate=${QUORATE_BIN:?}/quorate
vectors=${QUORATE_VECTORS:?}/10-hybrid
[ -r "$vectors/README.md" ] || { echo "SKIP no $vectors"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
bad=0
files=0
fail() {
    echo "FAIL: $*"
    bad=1
}
trust=(--ca "$vectors/pki/classic-ca.pem" --ca "$vectors/pki/pq-ca.pem" --untrusted "$vectors/pki/classic-tsa.pem"
    --untrusted "$vectors/pki/pq-tsa.pem" --untrusted "$vectors/pki/standin-tsa.pem" --data "$vectors/doc.txt")

# judge FILE OPTION...: one line "EXIT VERDICT | CLASSIC | PQ | BINDING | QUANTUM-SAFE", each leg with its reason.
judge() {
    local file=$1 code
    shift
    "$golden" verify --json "${trust[@]}" "$@" "$file" >"$work/json" 2>"$work/err"
    code=$?
    jq -r '"\(.verdict)|\(.legs.classic.result)|\(.legs.pq.result)|\(.legs.binding.result)|\(.quantum_safe)|" +
        "\(.legs.pq.reason) / \(.legs.binding.reason)"' "$work/json" | sed "s/^/$code|/"
}

# What the README calls a reason, and what stands in ours.
declare -A words=(
    ["not an ML-DSA-65 token"]="not an ML-DSA-65 token" ["root is not the imprint"]="root of the tree is not the imprint"
    ["tree shape"]="forbidden shape" ["leaf not in first group"]="not in the first group"
    ["duplicate value"]="stands twice in the tree" ["not an EvidenceRecord"]="not an EvidenceRecord"
    ["signature"]="signature: " ["two values"]="not exactly one value" ["two attributes"]="two record attributes"
    ["ER fields"]="too many|SHA-512" ["ATS digestAlgorithm"]="digestAlgorithm of the ArchiveTimeStamp"
    ["archive policy"]="policy of the archive time-stamp" ["other authority"]="chain: " ["ATS count"]="one ArchiveTimeStamp"
    ["time window 94694399.50s"]="came 94694399.500 s after" ["time window -5.50s"]="5.500 s earlier")
code_of() {
    case $1 in
    GENUINE*) echo 0 ;;
    "NOT GENUINE") echo 1 ;;
    INCOMPLETE) echo 3 ;;
    *) echo 2 ;;
    esac
}

# one FILE CLASSIC PQ OVERALL REQUIRED, as the table says; binding counts as the table's pq leg.
one() {
    local file=$1 classic=$2 pq=$3 overall=$4 required=$5 reason="" verdict leg got
    local code v c p b safe why
    got=$(judge "$file")
    IFS='|' read -r code v c p b safe why <<<"$got"
    files=$((files + 1))
    verdict=$overall
    case $overall in GENUINE*) verdict=GENUINE ;; esac
    [ "$v" = "$verdict" ] || fail "$file: $v, not $verdict: $got"
    [ "$code" = "$(code_of "$verdict")" ] || fail "$file: exit code $code: $got"
    [ "$c" = "${classic%%(*}" ] || fail "$file: classic leg $c, not $classic: $got"
    leg=$p
    [ "$p" = GENUINE ] && [ "$b" = "NOT GENUINE" ] && leg=$b
    [ "$leg" = "${pq%% (*}" ] || fail "$file: pq leg $p, binding $b, not $pq: $got"
    case $pq in
    *" ("*)
        reason=${pq#*\(}
        [[ $why =~ ${words[${reason%)}]:-no such word} ]] || fail "$file: not \"$reason\": $why"
        ;;
    esac
    [ "$safe" = "$([ "$overall" = "GENUINE quantum-safe" ] && echo true || echo false)" ] || fail "$file: quantum-safe $safe"
    got=$(judge "$file" --require pq)
    [ "${got%%|*}" = "$(code_of "$required")" ] || fail "$file: --require pq: $got, not $required"
}

trim() {
    local s=${1#"${1%%[! ]*}"}
    printf '%s' "${s%"${s##*[! ]}"}"
}
while IFS='|' read -r _ names _ _ classic pq overall required _; do
    names=$(trim "$names")
    name=${names%% *}
    classic=$(trim "$classic")
    pq=$(trim "$pq")
    overall=$(trim "$overall")
    required=$(trim "$required")
    case $name in */*) ;; *) continue ;; esac
    case $name in
    pq/*) # tokens of clients, which their policy says
        for kind in "" "--require pq"; do
            # shellcheck disable=SC2086
            got=$(judge "$vectors/$name.tst" --policy 1.3.6.1.4.1.32473.3161.1.2 $kind)
            [ "${got%|*}" = "0|GENUINE|ABSENT|GENUINE|ABSENT|false" ] || fail "$name: $got"
        done
        files=$((files + 1))
        continue
        ;;
    dual/dual | dual/dual-nocert) # this verifier knows of two SignerInfos
        classic=GENUINE pq=GENUINE overall="GENUINE quantum-safe" required=GENUINE
        ;;
    dual/two-p384) classic="NOT GENUINE" pq=ABSENT ;;
    esac
    one "$vectors/$name.tst" "$classic" "$pq" "$overall" "$required"
    case " $names " in *" .tsr "*) one "$vectors/$name.tsr" "$classic" "$pq" "$overall" "$required" ;; esac
    case " $names " in
    *" .classic.tst "*) one "$vectors/$name.classic.tst" GENUINE ABSENT INCOMPLETE "NOT GENUINE" ;;
    esac
done < <(grep '^| [a-z]*/' "$vectors/README.md")
[ $files -ge 116 ] || fail "only $files files in the table"

# A cut-off date is one of this machine's clock: the token claims 2026.
for row in "hybrid/hybrid-1 2020-01-01 0" "hybrid/hybrid-1 9999-01-01 0" "bad/neg-stripped 2020-01-01 1" "bad/neg-stripped 9999-01-01 3"; do
    read -r name since code <<<"$row"
    got=$(judge "$vectors/$name.tst" --pq-since "$since")
    [ "${got%%|*}" = "$code" ] || fail "$name --pq-since $since: $got"
done
got=$(judge "$vectors/bad/neg-late-pq.tst" --window 2592000)
[ "${got%%|*}" = 1 ] || fail "a window of 30 days: $got"

# The other authority's token is genuine once it is believed; only QuorateBinding, which these lack, would tell then.
got=$(judge "$vectors/bad/neg-pq-other-authority.tst" --ca "$vectors/pki/other-pq-ca.pem")
[ "${got%|*}" = "0|GENUINE|GENUINE|GENUINE|GENUINE|true" ] || fail "other authority: $got"

# quorate itself: the rules of the golden data are absent, by any option.
if grep -qa "GOLDEN RULES" "$quorate"; then
    fail "quorate holds the rules of the golden data"
fi
grep -qa "GOLDEN RULES" "$golden" || fail "quorate-golden lacks them"
for options in "" "--require pq" "--evidence-policy 1.3.6.1.4.1.32473.3161.1.2" "--evidence-policy 1.2.3"; do
    # shellcheck disable=SC2086
    "$quorate" verify --quiet "${trust[@]}" $options "$vectors/hybrid/hybrid-1.tst" 2>/dev/null && fail "quorate takes hybrid-1 $options"
done
"$quorate" verify --json "${trust[@]}" "$vectors/hybrid/hybrid-1.tst" >"$work/json"
[ "$(jq -r '.verdict, .legs.classic.result, .legs.pq.result, .legs.binding.result' "$work/json" | tr '\n' '|')" = \
    "NOT GENUINE|GENUINE|GENUINE|NOT GENUINE|" ] || fail "quorate on hybrid-1: $(cat "$work/json")"
echo "$files files judged"
exit $bad
