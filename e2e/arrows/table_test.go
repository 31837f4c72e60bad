package arrows

// A room is a folder with the imports of its code beside the standard library: our
// packages by folder, others by path, "/..." for all below. Its tests may also import
// what tests lists.
type room struct {
	folder  string
	imports []string
	tests   []string
}

const (
	vugu       = "github.com/vugu/vugu"
	safejs     = "github.com/hack-pad/safejs"
	websocket  = "nhooyr.io/websocket"
	prometheus = "github.com/prometheus/client_golang/prometheus/..."
)

// Shared by many rooms.
var (
	drawn = []string{"protocol/client", "protocol/commdn", "protocol/frame", "protocol/vocab", "components/lang", "components/session", "components/ui", vugu}
	// Tests of a component fake the relay.
	drawnTests = []string{"components/uitest", "components/lang/langtest", "components/manifest", "components/status"}
	// The simulator is the other end of the relay's tests.
	relayTests = []string{"protocol/...", "relay/...", "web", prometheus, websocket}
	// The simulator is a program of its own: of the relay's rooms it knows the link and the names alone.
	simulated = []string{"protocol/...", "relay/sim/...", "relay/habits/...", "relay/tserver", "relay/tserver/tlink", "relay/confdb", "relay/internal/...",
		"golang.org/x/text/encoding"}
)

// rooms has every folder of the module. The first match counts, so special rooms come
// before general ones. Inside the relay the order is that of the arrows, from composition
// down to the rooms without imports.
var rooms = []room{
	{folder: "protocol/tkvlist", tests: []string{"protocol/tkvlist/..."}},
	{folder: "protocol/tkvlist/...", imports: []string{"protocol/tkvlist"}},
	{folder: "protocol/commdn", imports: []string{"protocol/tkvlist"}},
	{folder: "protocol/vocab", imports: []string{"protocol/commdn"}},
	{folder: "protocol/frame", imports: []string{"protocol/commdn", "protocol/tkvlist"}},
	{folder: "protocol/client/ws", imports: []string{"protocol/client", "protocol/frame", websocket}, tests: relayTests},
	{folder: "protocol/number"},
	{folder: "protocol/client", imports: []string{"protocol/commdn", "protocol/frame", "protocol/tkvlist"}},

	{folder: "components/gen"},
	{folder: "components/lang/gen"},
	{folder: "components/manifest", imports: []string{"github.com/goccy/go-yaml"}},
	{folder: "components/manifest/gen", imports: []string{"components/manifest"}},
	{folder: "components/lang/langtest", imports: []string{"components/lang"}},
	{folder: "components/lang", tests: []string{"components/lang/langtest"}},
	{folder: "components/session", imports: []string{"protocol/client", "protocol/commdn", "protocol/frame"}},
	{folder: "components/ui", imports: append([]string{"protocol/number"}, drawn...), tests: drawnTests},
	{folder: "components/uitest", imports: append([]string{vugu + "/staticrender", "components/lang/langtest"}, drawn...)},
	{folder: "components/elements", imports: []string{"components/...", vugu}, tests: []string{"protocol/client"}},
	{folder: "components/*", imports: drawn, tests: drawnTests},

	{folder: "wasm/join"},
	{folder: "wasm/slimbisect"},
	{folder: "wasm/slimfmt"},
	{folder: "wasm/slimhtml"},
	{folder: "wasm/store", imports: []string{safejs}},
	{folder: "wasm/render/rendertest", imports: []string{safejs}},
	{folder: "wasm/render", imports: []string{safejs, vugu, vugu + "/js"}, tests: []string{"wasm/render/rendertest"}},
	{folder: "wasm/agent", imports: []string{"components/elements", "components/lang", "wasm"}},
	{folder: "wasm/all", imports: []string{"components/elements", "components/lang", "wasm"}},
	{folder: "wasm", imports: []string{"components/elements", "components/lang", "components/session", "components/ui",
		"protocol/client", "protocol/commdn", "protocol/frame", "protocol/tkvlist", "protocol/vocab", "wasm/render", "wasm/store", safejs},
		tests: []string{"wasm/render/rendertest"}},

	{folder: "web"},
	{folder: "web/npm"},
	{folder: "web/pack", imports: []string{"components/manifest", "github.com/andybalholm/brotli", "github.com/evanw/esbuild/pkg/api"}},

	{folder: "relay/internal/strictyaml", imports: []string{"relay/internal/near", "github.com/goccy/go-yaml/..."}, tests: relayTests},
	{folder: "relay/internal/charsets", imports: []string{"protocol/tkvlist", "golang.org/x/text/encoding/..."}},
	{folder: "relay/internal/objname", imports: []string{"golang.org/x/text/unicode/norm"}},
	{folder: "relay/internal/natstest", imports: []string{"relay/fronttest", "github.com/nats-io/nats-server/v2/server", "github.com/nats-io/nats.go/..."}},
	{folder: "relay/internal/insist", imports: []string{"github.com/nats-io/nats.go/..."}},
	{folder: "relay/internal/*", imports: []string{"protocol/commdn", "relay/internal/near", "golang.org/x/time/rate"}, tests: []string{"relay/internal/..."}},

	{folder: "relay/habits/habitstest", imports: []string{"relay/habits"}},
	{folder: "relay/habits", imports: []string{"protocol/commdn", "relay/internal/charsets", "relay/internal/near"}},

	{folder: "relay/sim/internal/*", imports: simulated},
	{folder: "relay/sim/...", imports: simulated, tests: []string{"relay/fronttest"}},

	{folder: "relay/cmd/commdn/bench", imports: []string{"protocol/...", "relay/sim/control"}, tests: relayTests},
	{folder: "relay/cmd/commdn/bulk", imports: []string{"relay/internal/...", "golang.org/x/sys/...", "golang.org/x/text/..."}, tests: []string{"protocol/number"}},
	{folder: "relay/cmd/commdn/completion", imports: []string{"github.com/alecthomas/kong"}},
	{folder: "relay/cmd/commdn/seqfile", imports: []string{"protocol/commdn", "protocol/vocab", "relay/internal/...", "github.com/goccy/go-yaml/..."}},
	{folder: "relay/cmd/commdn", imports: []string{"protocol/...", "web", "relay", "relay/audit", "relay/auth", "relay/cmd/commdn/...", "relay/config",
		"relay/daemon", "relay/directory/...", "relay/habits", "relay/internal/...", "relay/linkcheck", "relay/numbers", "relay/sim", "relay/sim/control", "relay/sim/scenario",
		"relay/tserver/...", "relay/web", "github.com/alecthomas/kong", prometheus, websocket}, tests: append([]string{"github.com/nats-io/nats.go/...", "golang.org/x/time/rate"}, relayTests...)},
	{folder: "relay/deploy", tests: append([]string{"github.com/goccy/go-yaml"}, relayTests...)},
	{folder: "relay/fronttest", tests: []string{"relay/internal/leak"}},
	{folder: "relay/bridgetest"},

	// The whole relay in a world of its own: of the simulator OCS alone.
	{folder: "relay/simulation", imports: []string{"protocol/...", "relay", "relay/auth", "relay/cluster", "relay/desk", "relay/habits", "relay/journal", "relay/lease", "relay/link",
		"relay/sim/faults", "relay/sim/ocs", "relay/sim/scenario", "relay/tserver"}, tests: []string{"relay/internal/leak"}},
	{folder: "relay/daemon", imports: []string{"relay/numbers", "protocol/...", "web", "relay", "relay/audit", "relay/auth", "relay/cluster", "relay/config", "relay/desk", "relay/directory/...",
		"relay/internal/...", "relay/journal", "relay/linkcheck", "relay/metrics", "relay/tserver/...", "relay/web", prometheus}, tests: relayTests},
	{folder: "relay", imports: []string{"relay/numbers", "protocol/commdn", "protocol/frame", "relay/auth", "relay/campaigns", "relay/cluster", "relay/conn",
		"relay/desk", "relay/directory", "relay/hub", "relay/internal/...", "relay/lease", "relay/link", "relay/metrics", "relay/policy",
		"relay/tserver", "relay/web", prometheus}, tests: relayTests},
	{folder: "relay/cluster", imports: []string{"protocol/commdn", "protocol/frame", "protocol/tkvlist", "relay/internal/insist", "relay/lease", "relay/link", "relay/tserver",
		"github.com/nats-io/nats.go/..."}, tests: relayTests},
	{folder: "relay/conn", imports: []string{"protocol/...", "relay/auth", "relay/campaigns", "relay/desk", "relay/hub",
		"relay/internal/...", "relay/metrics", "relay/policy", websocket}, tests: relayTests},
	{folder: "relay/web", imports: []string{"relay/internal/...", "golang.org/x/time/rate"}, tests: relayTests},
	{folder: "relay/hub", imports: []string{"protocol/commdn", "protocol/frame", "relay/auth", "relay/campaigns", "relay/internal/..."}, tests: relayTests},
	{folder: "relay/journal", imports: []string{"protocol/commdn", "protocol/frame", "protocol/tkvlist", "relay/desk", "relay/lease", "relay/internal/...",
		"github.com/nats-io/nats-server/v2/server", "github.com/nats-io/nats.go/...", "github.com/minio/highwayhash", "golang.org/x/sys/..."}, tests: relayTests},
	{folder: "relay/lease", imports: []string{"golang.org/x/sys/..."}, tests: relayTests},
	{folder: "relay/audit", imports: []string{"protocol/commdn", "relay/auth", "relay/desk", "relay/internal/...", "relay/journal", "github.com/nats-io/nats.go/...", "golang.org/x/time/rate"},
		tests: append([]string{"github.com/nats-io/nats-server/v2/server"}, relayTests...)},
	{folder: "relay/desk", imports: []string{"protocol/commdn", "protocol/frame", "protocol/tkvlist", "relay/auth", "relay/campaigns", "relay/numbers",
		"relay/internal/...", "relay/link", "relay/metrics", "relay/policy", "golang.org/x/time/rate"}, tests: relayTests},
	{folder: "relay/linkcheck", imports: []string{"relay/habits", "protocol/commdn", "protocol/frame", "protocol/tkvlist", "relay/config",
		"relay/directory/...", "relay/internal/loglimit", "relay/internal/near", "relay/link", "relay/numbers", "relay/tserver"}, tests: relayTests},
	{folder: "relay/link", imports: []string{"protocol/commdn", "protocol/frame", "protocol/tkvlist", "relay/internal/...", "relay/tserver"}, tests: relayTests},
	{folder: "relay/numbers", imports: []string{"protocol/commdn", "protocol/number", "relay/internal/near", "github.com/nyaruka/phonenumbers"}},
	{folder: "relay/policy", imports: []string{"protocol/commdn", "protocol/frame", "relay/auth", "relay/directory", "relay/internal/..."}, tests: relayTests},
	{folder: "relay/campaigns", imports: []string{"protocol/commdn", "protocol/frame", "relay/internal/..."}, tests: relayTests},
	{folder: "relay/metrics", imports: []string{"protocol/client", "protocol/commdn", "protocol/frame", "relay/auth", "relay/internal/...", prometheus}, tests: relayTests},
	{folder: "relay/config", imports: []string{"protocol/commdn", "relay/directory", "relay/internal/...", "relay/numbers", "relay/tserver"}, tests: relayTests},
	{folder: "relay/auth/authtest", imports: []string{"github.com/go-jose/go-jose/v4/..."}},
	{folder: "relay/auth", imports: []string{"protocol/commdn", "protocol/frame", "relay/internal/...", "github.com/coreos/go-oidc/v3/oidc",
		"github.com/go-jose/go-jose/v4/...", "golang.org/x/time/rate"}, tests: relayTests},
	{folder: "relay/directory/live", imports: []string{"relay/directory", "relay/internal/..."}, tests: relayTests},
	{folder: "relay/directory", imports: []string{"protocol/commdn", "protocol/frame", "relay/confdb", "relay/internal/...", "golang.org/x/text/encoding/..."}, tests: append([]string{"golang.org/x/text/encoding/..."}, relayTests...)},
	{folder: "relay/confdb", imports: []string{"protocol/commdn", "relay/internal/..."}},
	{folder: "relay/tserver/linktest", imports: []string{"protocol/tkvlist", "relay/internal/...", "relay/sim/scenario", "relay/sim/tserver", "relay/tserver", "relay/tserver/tlink"}, tests: relayTests},
	{folder: "relay/tserver/tlink", imports: []string{"protocol/tkvlist", "relay/internal/...", "relay/tserver"}, tests: relayTests},
	{folder: "relay/tserver", imports: []string{"protocol/tkvlist", "relay/internal/..."}, tests: relayTests},

	// The tests' needs are in e2e: their helpers know nothing of the product.
	{folder: "e2e", tests: []string{"protocol/...", "relay/...", "web", "e2e/...", "github.com/andybalholm/brotli", "github.com/chromedp/..."}},
	{folder: "e2e/arrows"},
	{folder: "e2e/pixels"},
	{folder: "e2e/chrome", imports: []string{"github.com/chromedp/..."}},
	{folder: "e2e/wasmtest", imports: []string{"e2e/chrome", "github.com/chromedp/..."}},
}
