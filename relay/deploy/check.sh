#!/usr/bin/env bash
# Tries what is to be installed, as far as one machine without docker, Kubernetes
# and a running systemd can: check.sh [BINARY]. The binary is bin/commdn, built by
# CGO_ENABLED=0 ./build.sh build. It needs root for chroot, and openssl and curl;
# promtool, strace and systemd-analyze are used where they are installed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
die() { printf 'check.sh: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null || { echo "not done: $1 is not installed"; return 1; }; }

binary=$(realpath "${1:-../../bin/commdn}")
[ -x "$binary" ] || die "$binary is not there; build it with CGO_ENABLED=0 ./build.sh build"
[ "$(id -u)" = 0 ] || die "chroot needs root"
for tool in curl openssl ldd; do command -v $tool >/dev/null || die "$tool is needed; install it"; done

work=$(mktemp -d)
sim='' relay='' traced=''
clean() {
  for pid in $traced $relay $sim; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap clean EXIT

say "the binary is static"
! ldd "$binary" >/dev/null 2>&1 || die "$binary needs libraries; build it with CGO_ENABLED=0 ./build.sh build"

# What the Dockerfile copies, and what is mounted: the configuration, and a folder
# for the socket.
say "the files of the image, and what is mounted"
root=$work/image etc=$work/image/etc/commdn user=65532
grep -q "^USER $user:$user\$" Dockerfile || die "the Dockerfile has another user than $user"
mkdir -p "$etc/tls" "$root/run/commdn"
cp "$binary" "$root/commdn"
chown $user:$user "$root/run/commdn"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$etc/tls/tls.key" -out "$etc/tls/tls.crt" 2>/dev/null
chgrp $user "$etc/tls/tls.key"
chmod 0440 "$etc/tls/tls.key"

# An issuer in a closed network: a key set, and a token of an agent.
base64url() { basenc --base64url -w0 | tr -d =; }
openssl genrsa -out "$work/issuer.key" 2048 2>/dev/null
modulus=$(openssl rsa -in "$work/issuer.key" -noout -modulus | cut -d= -f2 | basenc -d --base16 | base64url)
printf '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"1","e":"AQAB","n":"%s"}]}' "$modulus" >"$etc/keys.json"
token=$(printf '{"alg":"RS256","typ":"JWT","kid":"1"}' | base64url).$(printf \
  '{"iss":"https://issuer.example.com","aud":"commdn","sub":"agent-1","roles":["agent"],"exp":%d}' $(($(date +%s) + 600)) | base64url)
token=$token.$(printf %s "$token" | openssl dgst -sha256 -sign "$work/issuer.key" | base64url)

# enter COMMAND...: becomes a command in a root that has nothing else, as the
# image's user, with no environment but that of the container.
enter() {
  exec env -i COMMDN_ADMIN_SOCKET=/run/commdn/admin.sock ${TOKEN:+COMMDN_TOKEN="$TOKEN"} \
    $TRACE "$(command -v chroot)" --userspec=$user:$user --groups= "$root" /commdn "$@"
}
inside() { (enter "$@"); }
TOKEN='' TRACE=''

# wait_for FILE REGEX: prints what the first group has matched.
wait_for() {
  local found
  for _ in $(seq 300); do
    found=$(sed -nE "\#$2#{s#.*$2.*#\\1#p;q}" "$1")
    [ -z "$found" ] || { echo "$found"; return; }
    sleep 0.1
  done
  cat "$1" >&2
  die "no '$2' in the output within 30 seconds"
}

enter sim --listen 127.0.0.1:0 --http off >"$work/sim" 2>&1 &
sim=$!
tserver=$(wait_for "$work/sim" 'T-Server on ([0-9.:]+)')
cat >"$etc/relay.yaml" <<YAML
listen: 127.0.0.1:0
tls: {cert_file: tls/tls.crt, key_file: tls/tls.key}
auth:
  jwks: {file: keys.json, issuer: https://issuer.example.com, audience: commdn}
links:
  - {name: here, servers: ["$tserver"], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201]}
metrics: {listen: "127.0.0.1:0"}
YAML
find "$root" ! -type s | sort >"$work/before"

say "relay --check, as user $user in that root"
inside relay --config /etc/commdn/relay.yaml --check | grep -E '^(listen|admin_socket|#)'

# start: starts the relay and finds its addresses.
start() {
  : >"$work/relay"
  enter relay --config /etc/commdn/relay.yaml >"$work/relay" 2>&1 &
  relay=$!
  browsers=$(wait_for "$work/relay" 'commdn relay: https://([0-9.:]+)/')
  metrics=$(wait_for "$work/relay" 'for=metrics address=([0-9.:]+)')
  local ready=''
  for _ in $(seq 300); do
    ready=$(curl -sS "http://$metrics/readyz" 2>/dev/null) || true
    case $ready in *'"ready":true'*) return ;; esac
    sleep 0.1
  done
  cat "$work/relay"
  die "not ready within 30 seconds: $ready"
}

# stop: ends the relay with SIGTERM, as all do that start it.
stop() {
  kill -TERM "${traced:-$relay}"
  wait "$relay" || die "the relay ended with $? after SIGTERM: $(tail -n 3 "$work/relay")"
  relay='' traced=''
}

dnc() { TOKEN=${1-} inside dnc 5551234567 --relay "wss://$browsers/ws" --ca-file /etc/commdn/tls/tls.crt; }

say "relay, with TLS, tokens and metrics"
start
curl -sS "http://$metrics/healthz" "http://$metrics/readyz"
dnc "$token"
refused=$(dnc 2>&1) && die "a request without a token was not refused"
echo "without a token: $refused"
inside relay reload
inside relay status
series=$(curl -sS "http://$metrics/metrics")
for line in 'commdn_link_up{link="here"} 1' 'commdn_requests_total{outcome="done",request="CM_ReqDoNotCall"} 1' 'commdn_tokens_refused_total{reason="missing"} 1'; do
  grep -qxF "$line" <<<"$series" || die "the metrics have no line $line:"$'\n'"$(grep ^commdn_ <<<"$series")"
done
stop
find "$root" ! -type s | sort | diff "$work/before" - || die "the relay has left files behind"

if has strace && has systemd-analyze; then
  say "system calls and memory, beside what the unit allows"
  TRACE="$(command -v strace) -f -qq -o $work/trace" start
  traced=$(sed -nE '1{s/ .*//p;q}' "$work/trace")
  dnc "$token" >/dev/null
  inside relay reload >/dev/null
  stop
  # What comes before the relay itself is the doing of env and chroot.
  sed '1,/execve("\/commdn"/d' "$work/trace" | sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' | sort -u >"$work/calls"
  # expand SET...: the system calls of sets, which may hold others.
  expand() {
    local entry
    systemd-analyze syscall-filter "$@" | sed -nE 's/^ +([@a-z_0-9-]+)$/\1/p' | while read -r entry; do
      case $entry in @*) expand "$entry" ;; *) echo "$entry" ;; esac
    done
  }
  expand @system-service | sort -u >"$work/allowed"
  expand @privileged @resources | sort -u >"$work/denied"
  comm -23 "$work/allowed" "$work/denied" >"$work/filter"
  foreign=$(comm -23 "$work/calls" "$work/filter" | paste -sd' ')
  [ -s "$work/calls" ] && [ -z "$foreign" ] || die "SystemCallFilter does not allow what the relay does: ${foreign:-nothing was traced}"
  echo "all $(wc -l <"$work/calls") that it makes are allowed"
  ! sed '1,/execve("\/commdn"/d' "$work/trace" | grep -E 'PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC' ||
    die "MemoryDenyWriteExecute does not allow this"
fi

if has systemd-analyze; then
  say "the unit"
  sed "s#/usr/local/bin/commdn#$root/commdn#" commdn-relay.service >"$work/commdn-relay.service"
  systemd-analyze verify "$work/commdn-relay.service"
  systemd-analyze security --offline=true --threshold=15 "$work/commdn-relay.service" | tail -n 1
fi

if has promtool; then
  say "the alerts"
  promtool check rules alerts.yaml
  promtool test rules alerts_test.yaml
fi
say "all is well"
