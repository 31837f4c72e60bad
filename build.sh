#!/usr/bin/env bash
# Everything that is done with this project, one subcommand each; see help.
# Needs Go and git. What else is needed is installed (as root, by apt) or named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

VERSION=0.1.0
WASM_BUDGET=800000  # bytes of brotli, all elements
LOADER_BUDGET=5000  # bytes of brotli
FUZZ_TIME=${FUZZ_TIME:-200000x} # inputs for each target: some seconds, and no deadline to run into

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# The packages that the browser links; they are tested and linted for both.
portable() { go list ./protocol/... ./components/... | grep -vE '/gen$|/manifest'; }
forwasm() { GOOS=js GOARCH=wasm "$@"; }

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
  say "installing $*"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

find_browser() {
  [ -n "${CHROMIUM:-}" ] || CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
}

need_browser() {
  find_browser
  if [ -z "$CHROMIUM" ]; then
    can_install ||
      die "the browser tests need Chromium: install the package chromium, or set CHROMIUM to a Chrome binary"
    apt_install chromium fonts-dejavu-core
    find_browser
  fi
  export CHROMIUM
}

# Sets RACE to -race where a C compiler is to be had.
need_race() {
  RACE=-race
  command -v gcc >/dev/null && return
  if can_install; then
    apt_install gcc libc6-dev
  else
    RACE=
    echo "build.sh: no C compiler, so the tests run without the race detector; install gcc to have it" >&2
  fi
}

need_node() {
  command -v npm >/dev/null && return
  can_install || die "this needs Node.js 20 or later with npm"
  apt_install nodejs npm
}

# What the browser tests take from npm; for development only.
need_axe() {
  need_node
  [ e2e/node_modules/.package-lock.json -nt e2e/package-lock.json ] || (cd e2e && npm ci --no-audit --no-fund --silent)
}

# A go command for the plugin as it ships: fmt is wasm/slimfmt, and nothing else of the standard library
# or of a module is another (docs/decisions/slim-fmt.md). Go takes no overlay below its module cache,
# where a toolchain lies that it fetched itself: hence the link.
slim() (
  local root
  root=$(go env GOROOT)
  mkdir -p bin
  ln -sfn "$root" bin/goroot
  export GOROOT=$PWD/bin/goroot GOTOOLCHAIN=local PATH=$PWD/bin/goroot/bin:$PATH
  # shellcheck disable=SC2016
  go list -f '{"Replace": { {{- $d := .Dir}}{{range $i, $f := .GoFiles}}{{if $i}},{{end}}
  {{printf "%q: %q" (print $d "/" $f) (or (and (eq $f "print.go") "wasm/slimfmt/slimfmt.go") "")}}{{end}}
}}' fmt >bin/overlay.json
  forwasm go "$1" -overlay bin/overlay.json "${@:2}"
)

cmd_gen() {
  say "generating"
  go generate ./components/...
}

cmd_build() {
  [ "${FRESH:-}" ] || cmd_gen
  say "building"
  # Without inlining (-l) the wasm is 6% smaller to download, and no click is slower for it.
  slim build -trimpath -gcflags=all=-l -ldflags "-s -w" -o bin/linked.wasm ./wasm
  go run ./wasm/join bin/linked.wasm bin/commdn.wasm
  go run ./web/pack -src web -out web/dist -wasm bin/commdn.wasm \
    -runtime "$(go env GOROOT)/lib/wasm/wasm_exec.js" -version "$VERSION"
  go build -trimpath -ldflags "-X main.version=$VERSION" -o bin/commdn ./relay/cmd/commdn
}

cmd_run() {
  cmd_build
  exec bin/commdn demo "$@"
}

cmd_size() {
  [ "${BUILT:-}" ] || cmd_build
  say "size"
  local wasm loader
  wasm=$(ls web/dist/commdn.*.wasm) loader=web/dist/commdn.js
  printf '%-28s %10s %10s %10s\n' file raw gzip brotli
  for f in "$loader" web/dist/plugin.*.js web/dist/go.*.js "$wasm"; do
    printf '%-28s %10d %10d %10d\n' "${f#web/dist/}" "$(wc -c <"$f")" "$(wc -c <"$f.gz")" "$(wc -c <"$f.br")"
  done
  [ "$(wc -c <"$wasm.br")" -le "$WASM_BUDGET" ] || die "the wasm is over its budget of $WASM_BUDGET bytes of brotli"
  [ "$(wc -c <"$loader.br")" -le "$LOADER_BUDGET" ] || die "the loader is over its budget of $LOADER_BUDGET bytes of brotli"
}

# forbid TITLE LINES: fails when there are any.
forbid() { [ -z "$2" ] || die "$1:"$'\n'"$2"; }

deps() { go list -deps "$@" 2>/dev/null | sort -u; }

lint_arrows() {
  say "lint: arrows"
  forbid "protocol uses the standard library only" \
    "$(deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' ./protocol/... | grep -v '^commdn/protocol' || true)"
  forbid "protocol has no sockets" "$(deps ./protocol/... | grep -xE 'net|net/http|os/exec' || true)"
  forbid "no build tags in protocol" "$(grep -rlE '^//go:build' protocol --include=*.go || true)"
  forbid "components import protocol and vugu only" \
    "$(deps ./components/... | grep '^commdn/' | grep -vE '^commdn/(components|protocol)' || true)"
  forbid "the browser does not link the relay" \
    "$(forwasm go list -deps ./wasm | grep -E '^commdn/(relay|e2e|web)|^net$|^net/http$|^crypto/tls$|^encoding/json$|^nhooyr' || true)"
  # shellcheck disable=SC2046
  forbid "our browser code uses no fmt, encoding/json or crypto directly" \
    "$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}' \
      $(forwasm go list -deps ./wasm | grep -E '^commdn/(protocol|components)') | grep -E ' (fmt|encoding/json|reflect|regexp|embed|crypto/.*)$' || true)"
  local linked
  linked=$(slim list -deps ./wasm)
  forbid "the plugin as it ships, with the slim fmt, links no os" "$(grep -xE 'os|log|io/fs|net|encoding/json' <<<"$linked" || true)"
  forbid "the relay knows no browser code" "$(deps ./relay/... | grep -E '^commdn/(components|wasm|e2e)' || true)"
  forbid "the simulator knows nothing of the relay" "$(deps ./relay/sim/... | grep -x 'commdn/relay' || true)"
  forbid "protocol and relay are not imported by e2e's helpers other than in tests" \
    "$(go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}' ./e2e/... | grep -E ' commdn/(relay|wasm|components)' || true)"
  forbid "vugu/domrender is not used" "$( (deps ./... ; forwasm go list -deps ./wasm) | grep 'vugu/domrender' || true)"
  [ "$(git grep -l '"nhooyr.io/websocket"' -- '*.go' ':!*_test.go' ':!e2e' | wc -l)" = 2 ] ||
    die "nhooyr.io/websocket is to be imported in exactly two files"
}

lint_browser() {
  say "lint: what a browser must not see"
  forbid "raw syscall/js outside wasm/" "$(git grep -n '"syscall/js"' -- '*.go' ':!wasm' ':!*/testdata/*' || true)"
  forbid "vugu/js outside wasm/render and generated code" \
    "$(git grep -n '"github.com/vugu/vugu/js"' -- '*.go' ':!wasm/render' ':!components/gen' ':!*_gen.go' || true)"
  forbid "eval" "$(git grep -nE '\beval\(|new Function\(|"(eval|Function)"' -- 'web/*.js' 'relay/sim/control/page/*.js' 'components/*.go' 'wasm/*.go' ':!*_test.go' || true)"
  forbid "inline code or style" \
    "$(git grep -nE 'javascript:|<script>|[[:space:]]on[a-z]+="|[[:space:]]style="' -- 'web/*.html' 'relay/sim/control/page/*.html' 'components/*.vugu' || true)"
}

# What ./build.sh gen writes.
generated() { git ls-files -co --exclude-standard 'components/*_gen.go' web/README.md web/commdn.d.ts web/custom-elements.json | xargs cat; }

lint_fresh() {
  say "lint: generated code"
  local before
  before=$(generated | cksum)
  go generate ./components/...
  [ "$before" = "$(generated | cksum)" ] || die "generated files were stale; they have been generated again, commit them (git status)"
}

cmd_lint() {
  say "lint: gofmt"
  forbid "gofmt differs" "$(git ls-files -co --exclude-standard '*.go' | grep -v '_gen\.go$' | xargs gofmt -l)"
  lint_fresh
  lint_arrows
  lint_browser
  say "lint: go vet"
  go vet ./...
  (cd e2e/bench && go vet ./...)
  # shellcheck disable=SC2046
  forwasm go vet $(portable) ./wasm/...
  say "lint: staticcheck"
  go tool staticcheck ./...
  local tool
  tool=$(go tool -n staticcheck) # built for this machine, looks at js/wasm
  # shellcheck disable=SC2046
  forwasm "$tool" $(portable) ./wasm/...
}

cmd_test() {
  need_browser
  need_race
  need_axe
  cmd_lint
  FRESH=1 cmd_build
  say "unit tests${RACE:+ with the race detector}"
  # shellcheck disable=SC2046
  go test $RACE $(go list ./... | grep -v '^commdn/e2e$')
  say "the simulator's tests against commdn sim as a process"
  COMMDN_SIM=$PWD/bin/commdn go test ./relay/sim ./relay/sim/ocs
  say "the portable tests in Chromium"
  go build -o bin/wasmtest ./e2e/wasmtest
  # shellcheck disable=SC2046
  forwasm go test -exec "$PWD/bin/wasmtest" $(portable) ./wasm/...
  cmd_fuzz
  say "end to end in Chromium"
  go test ./e2e
  BUILT=1 cmd_size
}

# Lines of FOLDER TARGET.
fuzz_targets() { git grep -oE --untracked '^func Fuzz\w+' -- '*_test.go' | sed -E 's|/[^/]*:func | |'; }

# Go says nothing against a target that it does not find: one that has not fuzzed has failed.
cmd_fuzz() {
  say "fuzzing, ${FUZZ_TIME%x} inputs for each target"
  local targets line folder target log failed=()
  targets=$(fuzz_targets) || die "no fuzz targets found"
  mapfile -t targets <<<"$targets"
  mkdir -p bin
  log=bin/fuzz.log
  for line in "${targets[@]}"; do
    read -r folder target <<<"$line"
    if go test "./$folder" -count=1 -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZ_TIME" >"$log" 2>&1 && grep -q '^fuzz: elapsed' "$log"; then
      echo "$(tail -n 1 "$log") $target"
    else
      cat "$log"
      failed+=("$folder:$target")
    fi
  done
  [ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}; an input that was found is in testdata/fuzz of that folder: commit it with what mends it"
}

# The npm package, with the plugin inside.
cmd_npm() {
  cmd_build
  say "npm package"
  go run ./web/npm -dist web/dist -version "$VERSION" -out bin
}

cmd_bench() {
  need_browser
  FRESH=1 cmd_build
  say "the codec beside its peers, native"
  (cd e2e/bench && go run .)
  say "the codec beside its peers, js/wasm in Chromium"
  go build -o bin/wasmtest ./e2e/wasmtest
  (cd e2e/bench && forwasm go build -o ../../bin/bench.wasm . && ../../bin/wasmtest ../../bin/bench.wasm)
  say "encoding and decoding each family of messages"
  go test -run '^$' -bench . -benchtime 200ms ./protocol/commdn
  say "a file of 10,000 numbers"
  go test -count=1 -run TestFileLarge -v ./relay/cmd/commdn | grep numbers || die "the test of a large file has another name now"
  say "the simulator with a million records"
  go test -count=1 -run TestSimLarge -v ./relay/cmd/commdn | grep 'scenario large' || die "the test of the scenario large has another name now"
  say "T-Server and OCS alone"
  go test -run '^$' -bench . -benchtime 2s ./relay/sim
  say "the relay beside a bare WebSocket echo server, a short run"
  bin/commdn bench relay --sessions 2000 --subscribers 1000 --duration 3s
  say "a click in Chromium"
  go test ./e2e -run '^$' -bench . -timeout 40m
  BUILT=1 cmd_size
}

# Known vulnerabilities in code that is called, for both targets.
cmd_vuln() {
  local tool packages found=0 status target
  tool=$(go tool -n govulncheck) || die "govulncheck cannot be built"
  for target in native js/wasm; do
    say "vulnerabilities: $target"
    packages=./... status=0
    [ "$target" = native ] || packages="$(portable) ./wasm/..."
    # shellcheck disable=SC2086
    (
      [ "$target" = native ] || export GOOS=js GOARCH=wasm
      "$tool" ${GOVULNDB:+-db "$GOVULNDB"} $packages
    ) || status=$?
    case $status in
      0) ;;
      3) found=1 ;;
      *) die "govulncheck did not get to an end, see above; it needs code that compiles, and the Go vulnerability database or a copy of it that GOVULNDB names (https://HOST or file:///FOLDER)" ;;
    esac
  done
  [ $found = 0 ] || die "there are vulnerabilities that the code can run into; see above what they are and which version ends them"
}

cmd_clean() {
  rm -rf bin
  find web/dist -type f ! -name .gitkeep -delete
}

cmd_help() {
  cat <<'TEXT'
./build.sh run [flags]   generate, build, start the demo and print its URL
./build.sh test          everything that must hold: lint, unit tests with the race detector,
                         the portable tests and the end-to-end tests in Chromium, sizes
./build.sh gen           generate the Vugu components' Go code
./build.sh build         bin/commdn with everything that a browser downloads inside
./build.sh lint          gofmt, vet and staticcheck (native and js/wasm), generated code, imports
./build.sh npm           bin/commdn-VERSION.tgz, the package for npm
./build.sh size          bytes of what a browser downloads; fails over the budget
./build.sh fuzz          every fuzz target, FUZZ_TIME (200000x: so many inputs, or 10m) for each
./build.sh bench         benchmarks, as ratios from one run
./build.sh vuln          govulncheck (native and js/wasm); no part of test, as it needs the vulnerability
                         database, or a copy of it that GOVULNDB names
./build.sh clean         remove what was built
TEXT
}

case "${1:-help}" in
  run|test|gen|build|lint|fuzz|npm|size|bench|vuln|clean|help) cmd="cmd_$1"; shift || true; "$cmd" "$@" ;;
  *) cmd_help >&2; die "unknown subcommand $1" ;;
esac
