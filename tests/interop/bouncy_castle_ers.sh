#!/bin/bash
# Bouncy Castle's ERS classes find each token of our batches in its tree, and the root in the archive time-stamp.
set -euo pipefail
. "$(dirname "$0")/../lib/script.sh"
ours=${QUORATE_BUILD:?the build folder}/tests/interop_er_tree
jars=/usr/share/java
[ -x "$ours" ] || skip "no $ours in this build"
need javac openjdk-17-jdk-headless
for jar in bcprov bcpkix bcutil; do
    [ -r $jars/$jar.jar ] || skip "no $jars/$jar.jar (package lib${jar}-java)"
done
path=$jars/bcprov.jar:$jars/bcpkix.jar:$jars/bcutil.jar
javac -cp $path -d "$T" "$(dirname "$0")/BouncyCastleErs.java"
for n in 1 2 3 5 1000; do
    mkdir "$T/$n"
    "$ours" "$n" "$T/$n"
    java -cp "$path:$T" BouncyCastleErs "$T/$n"
done
