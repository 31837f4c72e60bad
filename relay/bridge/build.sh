#!/usr/bin/env bash
# Builds the bridge with javac and jar of a JDK, 11 or later:
#
#   build.sh --sdk LIB --out DIR      DIR/bridge.jar, against the vendor's jars in LIB
#   build.sh --standin --out DIR      DIR/bridge.jar and DIR/standin.jar, for tests: never for a release
#   build.sh --test [NAME...]         the bridge's own tests, against the stand-in
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

sdk='' out='' standin='' check='' tests=()
while [ $# -gt 0 ]; do
  case $1 in
    --sdk) sdk=${2:-} && shift 2 || usage ;;
    --out) out=${2:-} && shift 2 || usage ;;
    --standin) standin=1 && shift ;;
    --test) check=1 standin=1 && shift && tests=("$@") && break ;;
    *) usage ;;
  esac
done
for tool in javac jar java; do
  command -v $tool >/dev/null || die "$tool is not there: install a JDK, 11 or later (apt-get install default-jdk-headless)"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -z "$check" ] || out=${out:-$work/out}
[ -n "$out" ] || usage
[ -n "$sdk$standin" ] || usage
[ -z "$sdk" ] || [ -z "$standin" ] || die "--sdk and --standin are two ways to build"

# What runs for seconds only costs less without the optimizing compiler.
light=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)

# compile CLASSPATH OUTPUT FOLDER...: what is in the folders. Against the stand-in
# any warning is an error; the vendor's jars may bring some.
compile() {
  local path=$1 to=$2 strict=-Werror
  shift 2
  [ -z "$sdk" ] || strict=-Xlint:-path
  mkdir -p "$to"
  find "$@" -name '*.java' >"$work/sources"
  javac "${light[@]/#/-J}" --release 11 -encoding UTF-8 -Xlint:all $strict -cp "$path" -d "$to" @"$work/sources"
}

# Relative to whoever calls, as what follows is not.
[ -z "$sdk" ] || [ -d "$sdk" ] || die "there is no folder $sdk; it has to be the folder lib of the Platform SDK for Java"
[ -z "$sdk" ] || sdk=$(cd "$sdk" && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$here"
rm -f "$out/bridge.jar" "$out/standin.jar"
compile "" "$work/bridge" src/commdn/tlink
if [ -n "$standin" ]; then
  compile "$work/bridge" "$work/standin" standin
  jar --create --file "$out/standin.jar" -C "$work/standin" .
  against=$work/standin
else
  ls "$sdk"/*.jar >/dev/null 2>&1 || die "there is no jar in $sdk; it has to be the folder lib of the Platform SDK for Java"
  ls "$sdk" | grep -q '^voiceprotocol' || die "there is no voiceprotocol jar in $sdk; it has to be the folder lib of the Platform SDK for Java"
  against=$sdk/*
fi
compile "$work/bridge:$against" "$work/bridge" src/commdn/bridge
jar --create --file "$out/bridge.jar" --main-class commdn.bridge.Main -C "$work/bridge" .
echo "$out/bridge.jar"

if [ -n "$check" ]; then
  # As a customer builds it: what comes of it is the same.
  mkdir "$work/lib"
  cp "$out/standin.jar" "$work/lib/voiceprotocol.jar"
  (cd "$work" && "$here/build.sh" --sdk lib --out customer >/dev/null)
  diff <(jar --list --file "$out/bridge.jar") <(jar --list --file "$work/customer/bridge.jar")
  ! "$here/build.sh" --sdk "$here" --out "$work/customer" >/dev/null 2>&1 || die "a folder without the SDK is taken for it"
  compile "$work/bridge:$work/standin" "$work/test" test
  [ ${#tests[@]} -gt 0 ] || for test in test/commdn/bridge/*Test.java; do tests+=("$(basename "$test" .java)"); done
  # Three at a time, as most of them wait. What one prints stays together.
  # shellcheck disable=SC2016
  printf '%s\n' "${tests[@]}" | xargs -P 3 -I {} bash -c 'said=$("${@:2}" 2>&1) || { echo "$said"; echo "FAIL $1"; exit 1; }; echo "$said"' -- {} \
    java "${light[@]}" -cp "$work/bridge:$work/standin:$work/test" commdn.bridge.{} "$here" "$out"
fi
