#!/usr/bin/env bash
# Plays incidents of the night against relays and simulators on this machine, all at
# once, and shows what status, log, metrics and alerts say of each:
# incidents.sh [BINARY]. It fails where an alert of alerts.yaml does not fire within
# two minutes of its incident, and ends by itself in under three. Ports are any that
# are free. It needs bash, curl, jq, openssl and Prometheus (the program, and no
# server: ./build.sh test unpacks it into bin/prometheus where it is not installed).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
PATH=$PATH:$(realpath ../..)/bin/prometheus/usr/bin

within=120 # seconds from an incident to its alert

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
die() { printf 'incidents.sh: %s\n' "$*" >&2; exit 1; }
binary=$(realpath "${1:-../../bin/commdn}")
[ -x "$binary" ] || die "$binary is not there; build it with ./build.sh build"
for tool in curl jq openssl prometheus; do command -v $tool >/dev/null || die "$tool is needed; install it"; done

work=$(mktemp -d)
pids=()
clean() {
  for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null && kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT

# wait_for COMMAND...: until it succeeds, 30 seconds at most.
wait_for() {
  for _ in $(seq 300); do
    ! "$@" 2>/dev/null || return 0
    sleep 0.1
  done
  die "not within 30 seconds: $*"
}

# sim NAME: a simulated T-Server and OCS; writes NAME/tserver and NAME/page.
sim() {
  mkdir -p "$work/$1"
  "$binary" sim --listen 127.0.0.1:0 --http 127.0.0.1:0 >"$work/$1/sim" 2>&1 &
  echo $! >"$work/$1/sim.pid"
  pids+=($!)
  wait_for grep -q 'scenario' "$work/$1/sim"
  sed -nE 's/.*T-Server on ([0-9.:]+),.*/\1/p' "$work/$1/sim" >"$work/$1/tserver"
  sed -nE 's/.*page on (\S+)$/\1/p' "$work/$1/sim" >"$work/$1/page"
}

# relay NAME [YAML]: a relay on the simulator NAME, with more of a configuration.
# LIMIT is its limit of open files, LOG where its log goes.
relay() {
  local name=$1 folder=$work/$1
  cp "$work/directory.yaml" "$folder/"
  cat >"$folder/relay.yaml" <<YAML
listen: 127.0.0.1:0
directory: {file: directory.yaml}
links: [{name: madrid, servers: ["$(cat "$folder/tserver")"], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201]}]
metrics: {listen: "127.0.0.1:0"}
admin_socket: admin.sock
${2:-}
YAML
  (
    ulimit -n "${LIMIT:-4096}"
    exec "$binary" relay --config "$folder/relay.yaml" >"$folder/out" 2>"${LOG:-$folder/log}"
  ) &
  pids+=($!)
  wait_for test -s "$folder/out"
  status "$name" -o json >"$folder/status"
  metrics[$name]=$(jq -r .listening.metrics "$folder/status")
  browsers[$name]=$(jq -r .listening.browsers "$folder/status")
}
declare -A metrics=() browsers=() expected=() started=()

status() { "$binary" relay status --socket "$work/$1/admin.sock" "${@:2}"; }
fault() { "$binary" sim ctl --http "$(cat "$work/$1/page")" faults add "${@:2}" >/dev/null; }
# dnc NAME N: N do-not-calls, of which nobody waits for the outcome.
dnc() {
  for n in $(seq "$2"); do
    "$binary" dnc "55501$(printf %05d "$n")" --relay "ws://${browsers[$1]}/ws" "${@:3}" >>"$work/$1/dnc" 2>&1 &
    pids+=($!)
  done
}
# in_turn NAME N: N do-not-calls, one after the other.
in_turn() { (for n in $(seq "$2"); do "$binary" dnc "55502$(printf %05d "$n")" --relay "ws://${browsers[$1]}/ws" >>"$work/$1/dnc" 2>&1 || true; done) & pids+=($!); }
# crowd_in NAME: idle connections, again and again, so that no file is free.
crowd_in() {
  local host=${browsers[$1]%:*} port=${browsers[$1]##*:}
  (
    exec 2>/dev/null
    for _ in $(seq 40); do
      (
        for _ in $(seq 60); do exec {fd}<>"/dev/tcp/$host/$port" || break; done
        sleep 12
      ) &
      sleep 4
    done
  ) &
  pids+=($!)
}
# begins NAME ALERT: the incident begins now.
begins() { expected[$1]=$2 started[$1]=$SECONDS; }
link_up() { curl -sf "http://${metrics[$1]}/metrics" | grep -q '^commdn_link_up{link="madrid"} 1'; }

cat >"$work/directory.yaml" <<'YAML'
tenants: [{dbid: 1, name: Retail}]
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101]}
  - {dbid: 101, name: commdn, type: third-party-server}
comm_dns: [{number: CommDN_1}]
groups: [{dbid: 502, name: Sales}]
campaigns: [{dbid: 1001, name: Autumn offers}, {dbid: 1002, name: Renewals}]
campaign_groups: [{campaign: 1001, group: 502, ocs: 201}]
YAML

# certificate NAME DAYS: a certificate for that many days, which may have passed.
certificate() {
  local folder=$work/$1
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout "$folder/tls.key" -out "$folder/tls.csr" 2>/dev/null
  openssl x509 -req -in "$folder/tls.csr" -signkey "$folder/tls.key" -days "$2" -out "$folder/tls.crt" 2>/dev/null
}
tls='tls: {cert_file: tls.crt, key_file: tls.key}'
jwks='auth: {jwks: {file: keys.json, issuer: "https://issuer.example.com", audience: commdn}}'

say "starting simulators and relays"
for name in silent slow refusing frozen gone expiring expired nokeys strangers reload fulldisk files twin crowd; do sim $name; done
certificate expiring 5
certificate expired -1
openssl genrsa -out "$work/issuer.key" 2048 2>/dev/null
modulus=$(openssl rsa -in "$work/issuer.key" -noout -modulus | cut -d= -f2 | basenc -d --base16 | basenc --base64url -w0 | tr -d =)
printf '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"1","e":"AQAB","n":"%s"}]}' "$modulus" >"$work/strangers/keys.json"
for name in silent slow refusing frozen gone reload twin; do relay $name; done
relay expiring "$tls"
relay expired "$tls"
relay nokeys 'auth: {oidc: {issuer: "http://127.0.0.1:1/realm", audience: commdn}}'
relay strangers "$jwks"
relay crowd 'limits: {sessions_per_address: 2}'
LOG=/dev/full relay fulldisk
LIMIT=64 relay files
mkdir -p "$work/twin2"
cp "$work/twin/tserver" "$work/twin/page" "$work/twin2/"
relay twin2
for name in silent slow refusing frozen gone files twin twin2 crowd; do wait_for link_up $name; done

# Prometheus with the rules as they are.
{
  printf 'global: {scrape_interval: 5s, evaluation_interval: 5s}\nrule_files: ["%s"]\nscrape_configs:\n' "$PWD/alerts.yaml"
  for name in "${!metrics[@]}"; do
    printf '  - {job_name: %s, static_configs: [{targets: ["%s"], labels: {instance: %s}}]}\n' "$name" "${metrics[$name]}" "$name"
  done
} >"$work/prometheus.yaml"
prometheus --config.file="$work/prometheus.yaml" --storage.tsdb.path="$work/tsdb" --web.listen-address=127.0.0.1:0 >"$work/prometheus" 2>&1 &
pids+=($!)
wait_for grep -q 'msg="Listening on"' "$work/prometheus"
prometheus=http://$(sed -nE 's/.*msg="Listening on" address=([0-9.:]+).*/\1/p' "$work/prometheus" | head -n 1)
scraped() { [ "$(curl -sfG "$prometheus/api/v1/query" --data-urlencode 'query=count(commdn_ready)' | jq -r '.data.result[0].value[1]')" = "${#metrics[@]}" ]; }
wait_for scraped
alerts() { curl -sf "$prometheus/api/v1/alerts" | jq -r '.data.alerts[] | select(.state == "firing") | .labels.instance + " " + .labels.alertname' | sort -u; }
sleep 6 # each counter has been read before it grows

say "playing the incidents"
fault silent silence
dnc silent 3
begins silent CommDNOCSSilent
fault slow delay --latency 4s
dnc slow 4
begins slow CommDNOCSSlow
fault refusing refuse --error CM_ERROR_INVALID_PARAMETER
in_turn refusing 10
begins refusing CommDNRequestsRefusedByOCS
kill -STOP "$(cat "$work/frozen/sim.pid")"
dnc frozen 1
begins frozen CommDNLinkDown
kill "$(cat "$work/gone/sim.pid")"
begins gone CommDNLinkDown
begins expiring CommDNCertificateExpires
begins expired CommDNCertificateExpired
begins nokeys CommDNAuthentication
echo not-a-token >"$work/strangers/token"
chmod 600 "$work/strangers/token"
dnc strangers 8 --token-file "$work/strangers/token"
begins strangers CommDNTokensRefused
sed -i 's/connections: \[101\]/connections: []/' "$work/reload/directory.yaml"
! "$binary" relay reload --socket "$work/reload/admin.sock" >"$work/reload/reload" 2>&1 || die "a directory with an error was taken over"
begins reload CommDNReloadRefused
dnc fulldisk 2
begins fulldisk CommDNLogLost
crowd_in files
begins files CommDNDescriptors
dnc twin 1
dnc twin2 1
begins twin CommDNTwin
for _ in 1 2; do
  "$binary" campaign watch 1001/502 --relay "ws://${browsers[crowd]}/ws" >/dev/null 2>&1 &
  pids+=($!)
done
sleep 1
dnc crowd 8
begins crowd CommDNConnectionsRejected

say "waiting for the alerts"
declare -A fired=()
while [ ${#fired[@]} -lt ${#expected[@]} ]; do
  firing=$(alerts)
  late=
  for name in "${!expected[@]}"; do
    [ -z "${fired[$name]:-}" ] || continue
    if grep -qx "$name ${expected[$name]}" <<<"$firing"; then
      fired[$name]=$((SECONDS - started[$name]))
    elif [ $((SECONDS - started[$name])) -ge $within ]; then
      late=1
    fi
  done
  [ -z "$late" ] || break
  sleep 1
done

# show NAME WORDS METRIC: what the relay says of its incident: lines of status, log
# and metrics that the regular expressions find.
show() {
  local name=$1
  say "$name: ${expected[$name]} after ${fired[$name]:-more than $within} s"
  echo "-- status"
  status "$name" | grep -E "^state|$2" || true
  echo "-- log"
  grep -hE "level=(WARN|ERROR)" "$work/$name/log" 2>/dev/null | tail -n 2 | cut -c 1-400 || true
  echo "-- metrics"
  curl -sf -m 2 "http://${metrics[$name]}/metrics" | grep -E "^($3)" || echo "(none: the port does not answer)"
}
show silent silent 'commdn_ocs_silent'
show slow '^madrid +201' 'commdn_ocs_recent_answer_seconds'
show refusing '^madrid +201' 'commdn_faults_total'
show frozen '^madrid' 'commdn_link_up'
show gone '^madrid' 'commdn_link_up'
show expiring '^certificate' 'commdn_certificate_expiry'
show expired '^certificate' 'commdn_certificate_expiry'
show nokeys '^authentication' 'commdn_authentication_ready'
show strangers '^sessions' 'commdn_tokens_refused_total.*malformed'
show reload '^config' 'commdn_reload'
show fulldisk '^log' 'commdn_log_lines_lost'
show files '^sessions' 'commdn_descriptors'
show twin '^warning' 'commdn_twin'
show crowd '^sessions' 'commdn_connections_rejected_total.*address'
echo
echo "-- what the reload said"
cat "$work/reload/reload"

say "all alerts that fire"
firing=$(alerts)
echo "$firing"
failed=
for name in "${!expected[@]}"; do
  [ -n "${fired[$name]:-}" ] || failed+=" $name:${expected[$name]}"
done
[ -z "$failed" ] || die "not told within $within s:$failed"
say "every incident was told within $within s; $SECONDS s in all"
