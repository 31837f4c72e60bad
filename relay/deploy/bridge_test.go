package deploy_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"commdn/relay/config"
)

const mainClass = "commdn.bridge.Main"

// properties gives the keys and values of the bridge's configuration. Each key is
// one that the bridge's README has, which the bridge's own test compares with
// the program.
func properties(t *testing.T, text string) map[string]string {
	t.Helper()
	known := make(map[string]bool)
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+\\.[a-z_.]+)` \\|").FindAllStringSubmatch(read(t, "../bridge/README.md"), -1) {
		known[row[1]] = true
	}
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok || !known[key] || values[key] != "" {
			t.Errorf("bridge.properties: %q is no key of the bridge with its value, or is there twice", line)
		}
		values[key] = value
	}
	return values
}

// bridgePorts gives the ports that the bridge of a pod reaches outside. The relay
// reaches nothing but the bridge.
func bridgePorts(t *testing.T, c *cluster, conf *config.Config) []string {
	t.Helper()
	p := properties(t, c.bridge.Data["bridge.properties"])
	for _, l := range conf.Links {
		if !slices.Equal(l.Servers, []string{p["tlink.listen"]}) {
			t.Errorf("link %s goes to %q, the bridge beside it listens on %s", l.Name, l.Servers, p["tlink.listen"])
		}
	}
	for _, key := range []string{"tlink.listen", "directory.listen"} {
		if !strings.HasPrefix(p[key], "127.0.0.1:") {
			t.Errorf("%s is %q: outside of the pod others reach it", key, p[key])
		}
	}
	return []string{p["tserver.port"], p["tserver.backup.port"], p["config.port"]}
}

// The bridge beside a relay has what its image wants, and no right that it does not need.
func TestKubernetesBridge(t *testing.T) {
	c := readCluster(t)
	if len(c.pod().InitContainers) != 1 {
		t.Fatal("the test knows one container beside the relay")
	}
	b := c.pod().InitContainers[0]
	if b.RestartPolicy != "Always" {
		t.Errorf("restartPolicy %q: the relay would wait for the end of the bridge", b.RestartPolicy)
	}
	image := read(t, "Dockerfile.bridge")
	for _, m := range b.VolumeMounts {
		if !strings.Contains(image, m.MountPath+"/") || !m.ReadOnly {
			t.Errorf("the image knows nothing of %s, or the mount can be written", m.MountPath)
		}
	}
	for _, v := range c.pod().Volumes {
		switch v.Name {
		case "bridge":
			secret := v.Projected.Sources[1].Secret
			password := properties(t, c.bridge.Data["bridge.properties"])["config.password_file"]
			if v.Projected.Sources[0].ConfigMap.Name != c.bridge.Metadata.Name || len(secret.Items) != 1 || secret.Items[0].Path != password {
				t.Errorf("the volume %+v is not what the bridge reads, password in %s", v.Projected, password)
			}
		case "sdk":
			if !v.PersistentVolumeClaim.ReadOnly {
				t.Error("the SDK can be written")
			}
		}
	}
	no := b.SecurityContext.AllowPrivilegeEscalation
	if no == nil || *no || !b.SecurityContext.ReadOnlyRootFilesystem || !slices.Equal(b.SecurityContext.Capabilities.Drop, []string{"ALL"}) || b.Resources.Limits["memory"] == "" {
		t.Errorf("the bridge may do more than it has to: %+v", b)
	}
}

// Image and unit start the same program, and stop it as it wants to be.
func TestBridgeStarts(t *testing.T) {
	image := read(t, "Dockerfile.bridge")
	for _, want := range []string{`"-cp", "/bridge.jar:/sdk/*", "` + mainClass + `"]`, "STOPSIGNAL SIGTERM", "USER 65532:65532", "COPY bridge.jar /bridge.jar"} {
		if !strings.Contains(image, want) {
			t.Errorf("Dockerfile.bridge has no %s", want)
		}
	}
	if strings.Contains(image, "COPY sdk") || strings.Count(image, "COPY ") != 1 {
		t.Error("something else than bridge.jar gets into the image")
	}
	source := read(t, "../bridge/src/commdn/bridge/Main.java")
	if !strings.Contains(source, "package commdn.bridge;") || !strings.Contains(source, `"--check"`) {
		t.Errorf("there is no %s with --check", mainClass)
	}
	u := unit(t, "commdn-bridge.service")
	start := u["Service.ExecStart"][0]
	_, arguments, _ := strings.Cut(start, mainClass)
	if check := u["Service.ExecStartPre"][0]; !strings.HasSuffix(check, mainClass+arguments+" --check") {
		t.Errorf("ExecStartPre=%q does not check what ExecStart=%q starts", check, start)
	}
	if u["Service.SuccessExitStatus"][0] != "143" {
		t.Error("the end on SIGTERM counts as a failure")
	}
	if u["Service.MemoryDenyWriteExecute"] != nil {
		t.Error("Java cannot compile with MemoryDenyWriteExecute")
	}
	credential, _, _ := strings.Cut(u["Service.LoadCredential"][0], ":")
	if !strings.Contains(read(t, "commdn-bridge.service"), "/run/credentials/commdn-bridge.service/"+credential) {
		t.Errorf("the unit does not say where the credential %s is", credential)
	}
}
