#!/usr/bin/env bash
# Everything that is done with this project, one subcommand each; see help.
# Needs Go and git. What else is needed is installed (as root, by apt) or named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Bytes of brotli, and raw bytes, which a slow computer pays for; a harmless change moves them by up to 2500.
AGENT_BUDGET=640000 AGENT_RAW=3450000 # an agent's elements
ALL_BUDGET=755000 ALL_RAW=4130000     # all elements
LOADER_BUDGET=5750  # bytes of brotli, some 20 more or less with each version: the names in it have hashes
lean='-ldflags=-s -w' # tests need no debug data, and without it the linker takes half the time
FUZZ_TIME=${FUZZ_TIME:-10000x} # inputs for each target: a second, and no deadline to run into; longer at night
CYCLONEDX=github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0 # writes the list of parts of a release

say() { printf '\033[1m== %s\033[0m  (%d s)\n' "$*" "$SECONDS" >&2; }
die() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

# The packages that the browser links; they are tested and linted for both.
portable() { go list ./protocol/... ./components/... | grep -vE '/gen$|/manifest|/client/ws$'; }
forwasm() { GOOS=js GOARCH=wasm "$@"; }

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
  say "installing $*"
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

# The tests find the browser themselves (e2e/chrome): CHROMIUM if that is set, otherwise Chromium's headless shell, where there is
# one, and the whole browser for what needs more.
need_browser() {
  need_fonts
  [ -z "${CHROMIUM:-}" ] || return 0
  if ! command -v chromium chromium-browser google-chrome >/dev/null; then
    can_install ||
      die "the browser tests need Chromium: install the package chromium, or set CHROMIUM to a Chrome binary"
    apt_install chromium
  fi
  command -v chromium-headless-shell >/dev/null || { can_install && apt_install chromium-headless-shell; } ||
    echo "build.sh: the browser tests take longer without the package chromium-headless-shell" >&2
}

# The pictures of the browser tests are of text in DejaVu (e2e/testdata/fonts.conf).
need_fonts() {
  local folders=(/usr/share/fonts /usr/local/share/fonts ~/.fonts ~/.local/share/fonts /Library/Fonts ~/Library/Fonts)
  [ -z "$(find -L "${folders[@]}" -name DejaVuSans.ttf -print -quit 2>/dev/null)" ] || return 0
  if can_install; then
    apt_install fonts-dejavu-core
  else
    echo "build.sh: there are no DejaVu fonts, so pictures will differ: install the package fonts-dejavu-core" >&2
  fi
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

# The bridge's tests need a JDK; without one they say so, and the rest runs.
need_jdk() {
  if ! command -v javac >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt_install default-jdk-headless
    else
      echo "build.sh: no javac, so nothing runs through the bridge; install a JDK (default-jdk-headless) to have it" >&2
      return
    fi
  fi
  export COMMDN_BRIDGE=required # a test that cannot start the bridge fails
}

# The tests of full and read-only disks mount small ones, as only root may; elsewhere they say so, and the rest runs.
need_disk() {
  local folder
  folder=$(mktemp -d)
  if mount -t tmpfs -o size=64k tmpfs "$folder" 2>/dev/null; then
    umount "$folder"
    export COMMDN_DISK=required # a test that cannot mount one fails
  else
    echo "build.sh: no disk can be mounted, so nothing runs on a full or read-only one; run it as root to have that" >&2
  fi
  rmdir "$folder"
}

# The tests of the alerts need Prometheus. Its package is unpacked, not installed: that would start a server.
# (As a Go module it would bring some hundred others into go.mod.)
need_promtool() {
  PROMTOOL=$(command -v promtool || true)
  [ -z "$PROMTOOL" ] || return 0
  PROMTOOL=$PWD/bin/prometheus/usr/bin/promtool
  [ ! -x "$PROMTOOL" ] || return 0
  can_install || die "the tests of the alerts need promtool: install the package prometheus"
  say "unpacking prometheus"
  apt-get update -q >/dev/null
  mkdir -p bin/prometheus
  (cd bin/prometheus && apt-get download -q prometheus >/dev/null && dpkg-deb -x prometheus_*.deb .)
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

# A go command for the plugin as it ships: fmt is wasm/slimfmt, html is wasm/slimhtml, internal/bisect is wasm/slimbisect, and nothing
# else of the standard library or of a module is another (docs/decisions/slim-fmt.md). Go takes no overlay below its module cache,
# where a toolchain lies that it fetched itself: hence the link.
slim() (
  local root
  root=$(go env GOROOT)
  mkdir -p bin
  ln -sfn "$root" bin/goroot
  export GOROOT=$PWD/bin/goroot GOTOOLCHAIN=local PATH=$PWD/bin/goroot/bin:$PATH
  # shellcheck disable=SC2016
  { echo '{"Replace":{'; go list -f '{{$d := .Dir}}{{range .GoFiles}}{{printf "%q: %q\n" (print $d "/" .) (or
    (and (eq . "print.go") "wasm/slimfmt/slimfmt.go") (and (eq . "bisect.go") "wasm/slimbisect/slimbisect.go")
    (and (eq . "escape.go") "wasm/slimhtml/slimhtml.go") "")}}{{end}}' fmt html internal/bisect | sed '/^$/d' | paste -sd,; echo '}}'; } >bin/overlay.json
  forwasm go "$1" -overlay bin/overlay.json "${@:2}"
)

# The version: that of the tag vMAJOR.MINOR.PATCH on this commit; after a tag, or before the first, one that
# npm takes and sorts between the releases. VERSION says it where there is no git.
cmd_version() {
  local v=${VERSION:-} tag ahead commit dirty=
  if [ -z "$v" ]; then
    commit=$(git rev-parse --short=10 HEAD 2>/dev/null) || commit=
    [ -z "$commit" ] || [ -z "$(git status --porcelain -uno)" ] || dirty=.dirty
    if tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*.[0-9]*.[0-9]*' 2>/dev/null); then
      v=${tag#v}
      ahead=$(git rev-list --count "$tag..HEAD")
      if [ "$ahead" != 0 ] || [ -n "$dirty" ]; then
        # A release is followed by previews of the next patch, a preview by later ones of its own.
        [[ $v = *-* ]] || v=${v%.*}.$((${v##*.} + 1))-0
        v=$v.dev.$ahead.g$commit$dirty
      fi
    else
      v=0.0.0-dev${commit:+.g$commit}$dirty
    fi
  fi
  [[ $v =~ ^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$ ]] ||
    die "version $v: give MAJOR.MINOR.PATCH, or MAJOR.MINOR.PATCH-PREVIEW"
  echo "$v"
}

# What the binary says of its commit; COMMIT and COMMIT_TIME (RFC 3339) say it where there is no git.
origin() {
  local commit=${COMMIT:-} committed=${COMMIT_TIME:-} changed=
  if [ -z "$commit" ] && commit=$(git rev-parse HEAD 2>/dev/null); then
    committed=$(TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ)
    [ -z "$(git status --porcelain -uno)" ] || changed=true
  fi
  echo "-X main.commit=$commit -X main.committed=$committed -X main.changed=$changed"
}

need_js_lint() {
  need_node
  [ web/lint/node_modules/.package-lock.json -nt web/lint/package-lock.json ] || (cd web/lint && npm ci --no-audit --no-fund --silent)
}

cmd_gen() {
  say "generating"
  go generate ./components/...
}

cmd_build() {
  [ "${FRESH:-}" ] || cmd_gen
  local version
  version=$(cmd_version)
  say "building $version"
  # Inlining makes the standard library smaller and faster, and our packages larger but no faster.
  local program
  for program in agent all; do
    slim build -trimpath -gcflags=all=-l -gcflags=std= -ldflags "-s -w" -o bin/linked.wasm "./wasm/$program"
    go run ./wasm/join bin/linked.wasm "bin/$program.wasm"
  done
  go run ./web/pack -src web -out web/dist -agent bin/agent.wasm -all bin/all.wasm \
    -runtime "$(go env GOROOT)/lib/wasm/wasm_exec.js" -version "$version"
  go build -trimpath -buildvcs=auto -ldflags "-X main.version=$version $(origin)" -o bin/commdn ./relay/cmd/commdn
}

cmd_run() {
  cmd_build
  exec bin/commdn demo "$@"
}

# within FILE BUDGET: fails when the file has more bytes.
within() {
  local size
  size=$(wc -c <"$1")
  [ "$size" -le "$2" ] || die "${1#web/dist/} has $size bytes, its budget is $2"
}

cmd_size() {
  [ "${BUILT:-}" ] || cmd_build
  say "size"
  local agent all loader=web/dist/commdn.js
  agent=$(ls web/dist/agent.*.wasm) all=$(ls web/dist/all.*.wasm)
  printf '%-28s %10s %10s %10s\n' file raw gzip brotli
  for f in "$loader" web/dist/plugin.*.js web/dist/go.*.js "$agent" "$all"; do
    printf '%-28s %10d %10d %10d\n' "${f#web/dist/}" "$(wc -c <"$f")" "$(wc -c <"$f.gz")" "$(wc -c <"$f.br")"
  done
  within "$agent.br" "$AGENT_BUDGET"
  within "$agent" "$AGENT_RAW"
  within "$all.br" "$ALL_BUDGET"
  within "$all" "$ALL_RAW"
  within "$loader.br" "$LOADER_BUDGET"
}

# forbid TITLE PATTERN FILES...: fails when git grep finds the extended regular expression in the files,
# when it cannot look, and when there are no such files.
forbid() {
  local found status=0
  found=$(git ls-files -co --exclude-standard -- "${@:3}")
  [ -n "$found" ] || die "lint: $1: no files are named ${*:3}"
  found=$(git grep --untracked -nE -e "$2" -- "${@:3}") || status=$?
  case $status in
    0) die "$1:"$'\n'"$found" ;;
    1) ;;
    *) die "lint: $1: git grep failed" ;;
  esac
}

# The cache of go test does not see what go list reads; see e2e/arrows.
lint_arrows() {
  say "lint: arrows"
  go test -count=1 ./e2e/arrows
  local linked found
  linked=$(slim list -deps ./wasm/agent ./wasm/all)
  grep -qx commdn/wasm/all <<<"$linked" || die "lint: go list does not say what the plugin links"
  found=$(grep -xE 'os|log|io/fs|net|encoding/json' <<<"$linked") || return 0
  die "the plugin as it ships, with the slim fmt, links $found"
}

lint_browser() {
  say "lint: what a browser must not see"
  forbid "raw syscall/js outside wasm/" '"syscall/js"' '*.go' ':!wasm' ':!*/testdata/*'
  forbid "vugu/js outside wasm/render and generated code" '"github.com/vugu/vugu/js"' '*.go' ':!wasm/render' ':!components/gen' ':!*_gen.go' ':!e2e/arrows'
  forbid "eval" '\beval\(|new Function\(|"(eval|Function)"' 'web/*.js' 'relay/sim/control/page/*.js' 'components/*.go' 'wasm/*.go' ':!*_test.go'
  forbid "inline code or style" 'javascript:|<script>|[[:space:]]on[a-z]+="|[[:space:]]style="' \
    'web/*.html' 'relay/sim/control/page/*.html' 'components/*.vugu'
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

lint_format() {
  say "lint: gofmt"
  local found
  found=$(git ls-files -co --exclude-standard '*.go' | grep -v '_gen\.go$' | xargs gofmt -l)
  [ -z "$found" ] || die "gofmt differs:"$'\n'"$found"
}

lint_vet() {
  say "lint: go vet and staticcheck"
  local tool packages
  tool=$(go tool -n staticcheck) # built for this machine, looks at js/wasm too
  packages=$(portable)
  go vet ./...
  local folder
  for folder in e2e/bench e2e/embed; do # modules of their own
    (cd "$folder" && go vet ./... && "$tool" ./...)
  done
  "$tool" ./...
  # shellcheck disable=SC2086
  forwasm go vet $packages ./wasm/...
  # shellcheck disable=SC2086
  forwasm "$tool" $packages ./wasm/...
}

lint_js() {
  say "lint: JavaScript"
  need_js_lint
  web/lint/node_modules/.bin/tsc -p web/lint
  web/lint/node_modules/.bin/eslint -c web/lint/eslint.config.js 'web/*.js' wasm/render/board.js wasm/store/store.js 'relay/sim/control/page/*.js'
}

cmd_lint() {
  lint_format
  lint_fresh
  lint_arrows
  lint_browser
  lint_js
  lint_vet
}

# unit EXCEPT FLAGS...: the unit tests of all packages but those that the extended regular expression names.
# What lint has looked at already, it does not look at again. What waits longest, for processes, disks and browsers, begins
# first, and two more run at a time than there are processors.
unit() {
  local all first
  all=$(go list ./... | grep -vxE "$1")
  first=$(grep -xE 'commdn/(relay/(cmd/commdn|journal|audit|directory/live|tserver/linktest)|e2e/wasmtest|web/(npm|pack))' <<<"$all")
  # shellcheck disable=SC2086
  go test -p $(($(nproc) + 2)) -vet=off "$lean" -timeout 20m "${@:2}" $first $(grep -vxF "$first" <<<"$all")
}

# The minute between edits. Native, without the race detector, a browser and what the build embeds.
cmd_check() {
  cmd_lint
  say "unit tests"
  unit 'commdn/e2e(/.*)?'
}

test_bridge() {
  [ "${COMMDN_BRIDGE:-}" ] || return 0
  say "the bridge's own tests"
  relay/bridge/build.sh --test
}

test_worlds() {
  say "the first 5,000 worlds" # new ones are for chaos
  go test -vet=off -run '^TestWorlds$' -v ./relay/simulation -first 5000
}

test_simulator() {
  say "the simulator's tests against commdn sim as a process"
  COMMDN_SIM=$PWD/bin/commdn go test -vet=off ./relay/sim ./relay/sim/ocs
}

# Tests of the relay with an OCS that writes its answers in a strange way.
test_strange() {
  say "the relay with a strange OCS"
  COMMDN_TEST_HABITS=strange go test -vet=off "$lean" ./relay
}

test_alerts() {
  say "the alerts"
  (cd relay/deploy && "$PROMTOOL" check rules alerts.yaml && "$PROMTOOL" test rules alerts_test.yaml)
}

test_portable() {
  say "the portable tests in Chromium"
  go build -o bin/wasmtest ./e2e/wasmtest
  local packages
  packages=$(portable)
  # shellcheck disable=SC2086
  forwasm bin/wasmtest -share go test -vet=off "$lean" -exec "$PWD/bin/wasmtest" $packages ./wasm/...
}

test_embed() {
  say "the packages in another program"
  (cd e2e/embed && go run . -commdn ../../bin/commdn)
}

test_elements() {
  say "end to end in Chromium"
  (cd e2e && go test -vet=off "$lean" -timeout 20m) # in its folder go test prints the slowest tests
}

# Elements with the strange OCS, in the browser as people have it, which keeps requests over its crashes, too; without the
# tests that do not depend on how OCS words its answers. One of these, SortByGoal, asks for what such an OCS does not say: the
# dialing of groups that are not loaded.
test_strange_elements() {
  say "the elements with a strange OCS"
  (cd e2e && COMMDN_TEST_HABITS=strange go test -vet=off "$lean" -timeout 20m -run 'Dnc|Agent|Campaigns|Sequence|Person|Activity|Status|API|[Kk]ept|Undo' \
    -skip '^Test(API(Cycles|Default|Listeners|Nonsense|Tokens|WrongConnect)|Campaigns(Cards|Keyboard|Large|Looks|NoRight|PanelMovesNoRow|Readonly|Resized|RightToLeft|SortByGoal)|Dnc(Form|History|Keys)|Sequence(Drag|Looks|Touch|Validation)|StatusChecking)$')
}

test_units() {
  say "unit tests${RACE:+ with the race detector}"
  unit 'commdn/e2e(/arrows)?' ${RACE:+"$RACE"} # those of the whole come last, those of the arrows with lint
}

# beside NAME...: begins a step beside those that follow, which leave processors idle. It says what it has to say when it ends;
# joined waits for that, and fails if it has failed.
beside() {
  local log=bin/beside.log
  set -m # a group of its own, so that all of it can be ended
  (
    set +m
    trap 'cat "$log"' EXIT
    ("$@") >"$log" 2>&1 # the trap of who exits in there would write into the log
  ) &
  set +m
  beside=$!
  trap '! kill -0 "$beside" 2>/dev/null || kill -- "-$beside"' EXIT
}
joined() { wait "$beside"; }

# Everything once.
cmd_test() {
  need_browser
  need_race
  need_axe
  need_jdk
  need_disk
  need_promtool
  cmd_lint
  FRESH=1 cmd_build
  beside test_portable
  test_units
  joined
  beside cmd_fuzz
  test_alerts
  test_embed
  test_elements
  joined
  BUILT=1 cmd_size
}

# Tests again in other circumstances, and what few changes touch: a server of CI runs it behind test.
cmd_more() {
  need_browser
  need_axe
  need_jdk
  need_disk
  cmd_build
  test_bridge
  test_worlds
  test_simulator
  test_strange
  test_strange_elements
}

# Lines of FOLDER TARGET...
fuzz_targets() {
  git grep -oE --untracked '^func Fuzz\w+' -- '*_test.go' | sed -E 's|/[^/]*:func | |' |
    sort | awk '$1 != folder { printf "%s%s", sep, $1; folder = $1; sep = "\n" } { printf " %s", $2 } END { print "" }'
}

# Half of the time is the linker's: the targets of a package run in one program. One that has not fuzzed, and Go says
# nothing against a target that it does not find, has failed.
fuzz() { # FOLDER TARGET...
  local name=${1//\//.} cache target log
  local program=$PWD/bin/fuzz/$name.test
  cache=$(go env GOCACHE)/fuzz/commdn/$1 # where go test has it
  if ! go test "./$1" -vet=off "$lean" -c -fuzz . -o "$program"; then
    echo "$1" >>bin/fuzz/failed
    return
  fi
  for target in "${@:2}"; do
    log=$PWD/bin/fuzz/$name.$target.log
    if (cd "$1" && "$program" -test.parallel 1 -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$FUZZ_TIME" -test.fuzzcachedir "$cache") >"$log" 2>&1 &&
      grep -q '^fuzz: elapsed' "$log"; then
      echo "ok  $1 $target"
    else
      cat "$log"
      echo "$1:$target" >>bin/fuzz/failed
    fi
  done
  rm "$program"
}

# As many packages at a time as there are processors.
cmd_fuzz() {
  say "fuzzing, ${FUZZ_TIME%x} inputs for each target"
  local targets line
  targets=$(fuzz_targets) || die "no fuzz targets found"
  rm -rf bin/fuzz
  mkdir -p bin/fuzz
  while read -r line; do
    [ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n
    # shellcheck disable=SC2086
    fuzz $line &
  done <<<"$targets"
  wait
  [ ! -e bin/fuzz/failed ] || die "failed: $(paste -sd ' ' bin/fuzz/failed); an input that was found is in testdata/fuzz of that folder: commit it with what mends it"
}

# Writes what tests compare with: the files of every package whose tests have the flag -update, and the
# pictures and the screenshot of e2e. What a test finds wrong beside them is told at the end.
cmd_golden() {
  local folders folder failed=()
  folders=$(git grep -lE --untracked 'flag\.Bool\("update"' -- '*_test.go' | xargs -n 1 dirname | sort)
  [ -n "$folders" ] || die "no test has the flag -update"
  if grep -qx e2e <<<"$folders"; then
    need_browser
    need_axe
    cmd_build
  fi
  say "golden files"
  for folder in $folders; do
    go test -count=1 "./$folder" -update || failed+=("$folder")
  done
  git status --short
  [ ${#failed[@]} = 0 ] || die "tests failed in ${failed[*]}"
}

# The npm package, with the plugin inside.
cmd_npm() {
  cmd_build
  say "npm package"
  local version
  version=$(cmd_version)
  go run ./web/npm -dist web/dist -version "$version" -out bin
}

# What a release has: a static binary for each platform, the npm package, a list of what is in them, checksums.
cmd_release() {
  cmd_npm
  local version target out=bin/release
  version=$(cmd_version)
  rm -rf "$out"
  mkdir -p "$out"
  for target in linux/amd64 linux/arm64 darwin/arm64 windows/amd64; do
    say "release: $target"
    local name=commdn-$version-${target/\//-}
    [ "${target%/*}" != windows ] || name=$name.exe
    CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} \
      go build -trimpath -buildvcs=auto -ldflags "-s -w -X main.version=$version $(origin)" -o "$out/$name" ./relay/cmd/commdn
  done
  cp "bin/commdn-$version.tgz" "$out/"
  say "release: list of parts"
  go run "$CYCLONEDX" mod -json -licenses -type application -output "$out/commdn-$version.cdx.json" .
  (cd "$out" && sha256sum -- * >SHA256SUMS)
  ls -l "$out"
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
  say "the journal: accepted, beside append and fdatasync of 300 bytes; 1,000 a second; the start with a million"
  go test -run '^$' -bench 'Accepted|Thousand' -benchtime 5s ./relay/journal
  go test -run '^$' -bench StartWithMillion -benchtime 3x -timeout 20m ./relay/journal
  say "the relay that sends is killed: until another one sends"
  CHAOS_ROUNDS=80 go test -count=1 -run '^TestFaultKilledSender$' -v ./relay/cmd/commdn | grep 'sent after' || die "the test of a killed sender has another name now"
  say "the audit: accepted with it and without; the start with a million, and their proof"
  go test -run '^$' -bench Accepted -benchtime 5s ./relay/audit
  go test -run '^$' -bench Million -benchtime 1x -timeout 20m ./relay/audit
  say "T-Server and OCS alone"
  go test -run '^$' -bench . -benchtime 2s ./relay/sim
  say "the relay beside a bare WebSocket echo server, a short run"
  bin/commdn bench relay --sessions 2000 --subscribers 1000 --duration 3s
  say "a click in Chromium"
  go test ./e2e -run '^$' -bench Click
  say "a start on a slow computer, a short run; -bench Slow -loads 7 is the whole"
  go test ./e2e -run '^$' -bench 'Slow/4x' -loads 3 -timeout 20m
  BUILT=1 cmd_size
}

# What the short fault tests of test do, for longer. It prints what was accepted, delivered, lost and sent again.
cmd_chaos() {
  say "a relay that is killed, paused and without its link, under load; then of two on one NATS the one that sends"
  CHAOS_ROUNDS=50 go test -count=1 -parallel 1 -timeout 10m -run '^TestFault' -v ./relay/cmd/commdn | grep -E 'accepted|lost|sent after|_test.go|^--- |^ok|^FAIL'
  say "the audit of a process that is killed under load"
  CHAOS_ROUNDS=50 go test -count=1 -timeout 10m -run '^TestKilled$' -v ./relay/audit | grep -E 'accepted|^--- |^ok|^FAIL'
  say "worlds for ${WORLDS:=2m}"
  go test -vet=off -timeout 0 -run '^TestWorlds$' -v ./relay/simulation -for "$WORLDS"
}

# Known vulnerabilities in code that is called, for both targets.
cmd_vuln() {
  local tool packages found=0 status target
  tool=$(go tool -n govulncheck) || die "govulncheck cannot be built"
  for target in native js/wasm; do
    say "vulnerabilities: $target"
    packages=./... status=0
    [ "$target" = native ] || packages=$(portable)" ./wasm/..."
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
./build.sh check         for the minute between edits: lint, and the unit tests without the race detector
./build.sh test          before a commit: lint, unit tests with the race detector, fuzzing, the portable tests and
                         the end-to-end tests in Chromium, sizes
./build.sh more          behind test, on a server of CI: the bridge's own tests, 5,000 simulated worlds, the simulator
                         as a process, relay and elements with an OCS that words its answers strangely
./build.sh gen           generate the Vugu components' Go code
./build.sh build         bin/commdn with everything that a browser downloads inside
./build.sh lint          gofmt, vet and staticcheck (native and js/wasm), generated code, imports, JavaScript
./build.sh golden        write every golden file anew, the pictures of e2e too; look at what changes
./build.sh fuzz          every fuzz target, FUZZ_TIME (10000x: so many inputs, or 10m) for each
./build.sh npm           bin/commdn-VERSION.tgz, the package for npm
./build.sh release       bin/release: binaries, npm package, SBOM (CycloneDX), checksums
./build.sh size          bytes of what a browser downloads; fails over the budget
./build.sh bench         benchmarks, as ratios from one run
./build.sh chaos         a relay under load that is killed, paused and without its link, 50 times each, two relays
                         of which the sender is killed, paused and cut off, and what was lost;
                         then simulated worlds for 2 minutes, or for as long as WORLDS=1h says
./build.sh vuln          govulncheck (native and js/wasm); no part of test, as it needs the vulnerability
                         database, or a copy of it that GOVULNDB names
./build.sh version       the version that a build would have now
./build.sh clean         remove what was built
./build.sh help          this
TEXT
}

case "${1:-help}" in
  run | check | test | more | gen | build | lint | golden | fuzz | npm | release | size | bench | chaos | vuln | version | clean | help)
    cmd="cmd_$1"
    shift || true
    "$cmd" "$@"
    ;;
  *)
    cmd_help >&2
    die "unknown subcommand $1"
    ;;
esac
