package deploy_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"commdn/protocol/commdn"
	"commdn/relay/config"
)

// cluster is what kubernetes.yaml makes.
type cluster struct {
	config   configMap
	bridge   configMap
	relays   statefulSet
	services []service
	budget   disruptionBudget
	network  networkPolicy
}

func readCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{}
	strict := yaml.NewDecoder(strings.NewReader(read(t, "kubernetes.yaml")), yaml.Strict())
	loose := yaml.NewDecoder(strings.NewReader(read(t, "kubernetes.yaml")))
	kinds := make(map[string]int)
	for {
		var o Object
		err := loose.Decode(&o)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var into any
		switch what := o.APIVersion + " " + o.Kind; what {
		case "v1 ConfigMap":
			if into = &c.config; o.Metadata.Name == "commdn-bridge" {
				into = &c.bridge
			}
		case "apps/v1 StatefulSet":
			into = &c.relays
		case "v1 Service":
			c.services = append(c.services, service{})
			into = &c.services[len(c.services)-1]
		case "policy/v1 PodDisruptionBudget":
			into = &c.budget
		case "networking.k8s.io/v1 NetworkPolicy":
			into = &c.network
		default:
			t.Fatalf("%s %s: the test does not know this kind", what, o.Metadata.Name)
		}
		if err := strict.Decode(into); err != nil {
			t.Fatalf("%s %s:\n%s", o.Kind, o.Metadata.Name, err)
		}
		kinds[o.Kind]++
	}
	want := map[string]int{"ConfigMap": 2, "StatefulSet": 1, "Service": 2, "PodDisruptionBudget": 1, "NetworkPolicy": 1}
	if !reflect.DeepEqual(kinds, want) {
		t.Fatalf("there are %v, want %v", kinds, want)
	}
	return c
}

func (c *cluster) pod() *podSpec     { return &c.relays.Spec.Template.Spec }
func (c *cluster) relay() *container { return &c.pod().Containers[0] }

// mounted gives the volume of a name, and where the container has it.
func (c *cluster) mounted(t *testing.T, name string) (v volume, path string, readOnly bool) {
	t.Helper()
	for _, v := range c.pod().Volumes {
		for _, m := range c.relay().VolumeMounts {
			if v.Name == name && m.Name == name {
				return v, m.MountPath, m.ReadOnly
			}
		}
	}
	t.Fatalf("there is no volume %s, or it is not mounted", name)
	return v, "", false
}

// port gives the number of a container's port.
func (c *cluster) port(t *testing.T, name string) int {
	t.Helper()
	for _, p := range c.relay().Ports {
		if p.Name == name {
			return p.ContainerPort
		}
	}
	t.Fatalf("the container has no port %s", name)
	return 0
}

// load gives the configuration that the relay of an ordinal would read: the
// volume is made in a folder, with real certificates, and the arguments are those
// of the container.
func (c *cluster) load(t *testing.T, ordinal int) *config.Config {
	t.Helper()
	folder := t.TempDir()
	write := func(name string, data []byte) {
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	secret := certificate(t)
	from, mount, _ := c.mounted(t, "config")
	for _, source := range from.Projected.Sources {
		if source.ConfigMap.Name == c.config.Metadata.Name {
			for name, text := range c.config.Data {
				write(name, []byte(text))
			}
			write("ca.crt", secret["tls.crt"]) // for what has to be filled in
		}
		for _, item := range source.Secret.Items {
			content := secret[item.Key]
			if source.Secret.Name == "commdn-nats" { // the first lines of the manifest make it of files
				switch item.Key {
				case "relay.creds":
					content = []byte("a user of NATS")
				case "ca.crt":
					content = secret["tls.crt"]
				}
			}
			if content == nil {
				t.Fatalf("the Secret %s has no %s", source.Secret.Name, item.Key)
			}
			write(item.Path, content)
		}
	}
	args := c.relay().Args
	if len(args) != 3 || args[0] != "relay" || args[1] != "--config" {
		t.Fatalf("arguments %q", args)
	}
	name := strings.ReplaceAll(args[2], "$(POD_NAME)", c.relays.Metadata.Name+"-"+strconv.Itoa(ordinal))
	name, err := filepath.Rel(mount, name)
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, e := range c.relay().Env {
		env = append(env, e.Name+"="+e.Value)
	}
	loaded, err := config.Load(filepath.Join(folder, name), env)
	if err != nil {
		t.Fatalf("relay %d: %s", ordinal, err)
	}
	return loaded
}

// Each relay has a configuration that it takes, and an application of its own.
func TestKubernetesConfig(t *testing.T) {
	c := readCluster(t)
	if len(c.pod().Containers) != 1 {
		t.Fatal("the test knows one container")
	}
	if e := c.relay().Env[0]; e.Name != "POD_NAME" || e.ValueFrom.FieldRef.FieldPath != "metadata.name" {
		t.Errorf("POD_NAME is %+v", e)
	}
	if c.relays.Spec.Replicas < 2 {
		t.Errorf("%d replicas; one alone is no example", c.relays.Spec.Replicas)
	}
	applications := make(map[commdn.DBID]bool)
	names := make(map[string]bool)
	var first []byte
	for i := range c.relays.Spec.Replicas {
		loaded := c.load(t, i)
		for j := range loaded.Links {
			l := &loaded.Links[j]
			if applications[l.AppDBID] || names[l.Application] {
				t.Errorf("application %s (%d) of relay %d is that of another relay", l.Application, l.AppDBID, i)
			}
			applications[l.AppDBID], names[l.Application] = true, true
			l.AppDBID, l.Application = 1, "any"
		}
		if _, mount, readOnly := c.mounted(t, "run"); filepath.Dir(string(loaded.AdminSocket)) != mount || readOnly {
			t.Errorf("relay %d: the admin socket %s is not where it can be made, in %s", i, loaded.AdminSocket, mount)
		}
		if !loaded.TLS.On() || !loaded.Auth.On() {
			t.Errorf("relay %d: TLS %t, auth %t", i, loaded.TLS.On(), loaded.Auth.On())
		}
		folder := filepath.Dir(filepath.Dir(string(loaded.TLS.CertFile)))
		masked := bytes.ReplaceAll(loaded.Masked(), []byte(folder), nil)
		if first == nil {
			first = masked
		}
		if !bytes.Equal(masked, first) {
			t.Errorf("relay %d differs from relay 0 in more than its application:\n%s\n%s", i, masked, first)
		}
	}
}

// Ports, probes and times are those of the configuration.
func TestKubernetesFits(t *testing.T) {
	c := readCluster(t)
	conf := c.load(t, 0)
	https, metrics := c.port(t, "https"), c.port(t, "metrics")
	for what, listen := range map[int]string{https: conf.Listen, metrics: conf.Metrics.Listen} {
		host, port, err := net.SplitHostPort(listen)
		if err != nil || port != strconv.Itoa(what) {
			t.Errorf("the relay listens on %q, the container's port is %d", listen, what)
		}
		if host != "" {
			t.Errorf("the relay listens on %q, where nobody else in the cluster reaches it", listen)
		}
	}
	for path, p := range map[string]probe{"/healthz": c.relay().LivenessProbe, "/readyz": c.relay().ReadinessProbe} {
		if p.HTTPGet.Path != path || p.HTTPGet.Port != "metrics" {
			t.Errorf("the probe of %s asks %s on port %s", path, p.HTTPGet.Path, p.HTTPGet.Port)
		}
	}
	drain := conf.DrainTimeout + seconds(c.relay().Lifecycle.PreStop.Sleep.Seconds) + lastHandshakes
	if grace := seconds(c.pod().TerminationGracePeriodSeconds); grace < drain {
		t.Errorf("a pod has %s to end, and the relay needs up to %s", grace, drain)
	}
	labels := c.relays.Spec.Template.Metadata.Labels
	for what, s := range map[string]map[string]string{
		"StatefulSet": c.relays.Spec.Selector.MatchLabels, "PodDisruptionBudget": c.budget.Spec.Selector.MatchLabels,
		"NetworkPolicy": c.network.Spec.PodSelector.MatchLabels, "topology": c.pod().TopologySpreadConstraints[0].LabelSelector.MatchLabels,
		c.services[0].Metadata.Name: c.services[0].Spec.Selector, c.services[1].Metadata.Name: c.services[1].Spec.Selector,
	} {
		if !reflect.DeepEqual(s, labels) {
			t.Errorf("%s selects %v, the pods are %v", what, s, labels)
		}
	}
	if c.budget.Spec.MaxUnavailable < 1 || c.budget.Spec.MaxUnavailable >= c.relays.Spec.Replicas {
		t.Errorf("a budget of %d of %d", c.budget.Spec.MaxUnavailable, c.relays.Spec.Replicas)
	}
	headless := false
	for _, s := range c.services {
		for _, p := range s.Spec.Ports {
			c.port(t, p.TargetPort)
		}
		if s.Metadata.Name == c.relays.Spec.ServiceName {
			headless = s.Spec.ClusterIP == "None"
			if s.Metadata.Annotations["prometheus.io/port"] != strconv.Itoa(metrics) {
				t.Errorf("Prometheus is told the port %s", s.Metadata.Annotations["prometheus.io/port"])
			}
		}
	}
	if !headless {
		t.Errorf("the Service %s of the StatefulSet is missing or not headless", c.relays.Spec.ServiceName)
	}
}

// Nothing but what the relay needs: no right, no way in or out.
func TestKubernetesSecurity(t *testing.T) {
	c := readCluster(t)
	no := func(b *bool) bool { return b != nil && !*b }
	pod, box := c.pod(), c.relay().SecurityContext
	files, _, readOnly := c.mounted(t, "config")
	for what, ok := range map[string]bool{
		"runAsNonRoot":             pod.SecurityContext.RunAsNonRoot && pod.SecurityContext.RunAsUser > 0,
		"seccompProfile":           pod.SecurityContext.SeccompProfile.Type == "RuntimeDefault",
		"no token of the cluster":  no(pod.AutomountServiceAccountToken),
		"no privilege escalation":  no(box.AllowPrivilegeEscalation),
		"readOnlyRootFilesystem":   box.ReadOnlyRootFilesystem,
		"no capabilities":          reflect.DeepEqual(box.Capabilities.Drop, []string{"ALL"}),
		"the volume is read only":  readOnly,
		"files are the group's":    files.Projected.DefaultMode == 0o440 && pod.SecurityContext.FSGroup == pod.SecurityContext.RunAsGroup,
		"memory is bounded":        c.relay().Resources.Limits["memory"] != "",
		"the image has a version":  strings.Contains(filepath.Base(c.relay().Image), ":") && !strings.HasSuffix(c.relay().Image, ":latest"),
		"both ways are restricted": reflect.DeepEqual(c.network.Spec.PolicyTypes, []string{"Ingress", "Egress"}),
	} {
		if !ok {
			t.Errorf("%s: it is not so", what)
		}
	}
	conf := c.load(t, 0)
	tserver := bridgePorts(t, c, conf)
	var out []string
	for _, rule := range c.network.Spec.Egress {
		if len(rule.To) == 0 || len(rule.Ports) == 0 {
			t.Error("a rule lets the relay out to everybody")
		}
		for _, p := range rule.Ports {
			out = append(out, yamlText(t, p.Port))
		}
	}
	for _, port := range append(tserver, "53", "443") {
		if !slices.Contains(out, port) {
			t.Errorf("the relay needs port %s outside, and the NetworkPolicy has %v", port, out)
		}
	}
	for _, rule := range c.network.Spec.Ingress {
		for _, p := range rule.Ports {
			if name := yamlText(t, p.Port); name == "metrics" && len(rule.From) == 0 {
				t.Error("everybody reaches the metrics")
			} else {
				c.port(t, name)
			}
		}
	}
}

// The relays share a journal on NATS, which the NetworkPolicy lets them reach, and each
// has the name of its pod. What waits is in NATS.
func TestJournalIsShared(t *testing.T) {
	c := readCluster(t)
	first := c.load(t, 0).Journal.NATS
	if len(first.URLs) < 3 || first.Replicas < 3 || first.CredentialsFile == "" {
		t.Errorf("NATS is %+v; three servers and replicas survive the loss of one", first)
	}
	for ordinal := range c.relays.Spec.Replicas {
		loaded := c.load(t, ordinal)
		if !slices.Equal(loaded.Journal.NATS.URLs, first.URLs) || loaded.Journal.NATS.Lease != first.Lease {
			t.Errorf("relay %d has another NATS: %+v", ordinal, loaded.Journal.NATS)
		}
		if loaded.RelayName != "" {
			t.Errorf("relay %d is called %q, and its pod has a name", ordinal, loaded.RelayName)
		}
	}
	for _, address := range first.URLs {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(c.network.Spec.Egress, func(r networkRule) bool {
			return len(r.Ports) == 1 && yamlText(t, r.Ports[0].Port) == u.Port()
		}) {
			t.Errorf("the NetworkPolicy does not let the relay out to port %s", u.Port())
		}
	}
}
