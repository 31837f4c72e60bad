package relay

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"commdn/relay/metrics"
)

// The table of metrics in README.md has every one that is registered, with its
// labels, and no other.
func TestMetricsTable(t *testing.T) {
	registry := prometheus.NewRegistry()
	if _, err := metrics.New(registry, "1.2.3", func() int { return 0 }); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		metrics.NewState(registry, func() metrics.State { return metrics.State{} }),
		metrics.NewDaemon(registry, func() metrics.Daemon { return metrics.Daemon{} }),
		metrics.NewDirectory(registry, func() metrics.Directory { return metrics.Directory{} }),
		metrics.NewAudit(registry, func() metrics.Audit { return metrics.Audit{} }),
	); err != nil {
		t.Fatal(err)
	}
	described := make(chan *prometheus.Desc, 100)
	registry.Describe(described)
	close(described)
	shape := regexp.MustCompile(`fqName: "(\w+)".*constLabels: \{(.*?)\}.*variableLabels: \{(.*?)\}`)
	var registered []string
	for d := range described {
		m := shape.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("unreadable: %s", d)
		}
		constant := regexp.MustCompile(`="[^"]*"`).ReplaceAllString(m[2], "")
		registered = append(registered, m[1]+" "+constant+m[3])
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(commdn_\\w+)` \\|(.*?)\\|.*\\w.*\\|$").FindAllStringSubmatch(string(text), -1) {
		labels := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(row[2]), "`", ""), " ", "")
		documented = append(documented, row[1]+" "+labels)
	}
	slices.Sort(registered)
	slices.Sort(documented)
	if !slices.Equal(registered, documented) {
		t.Errorf("registered:\n%s\nin README.md:\n%s", strings.Join(registered, "\n"), strings.Join(documented, "\n"))
	}
}

// The table of locks in README.md has every mutex of the relay's rooms, and no other.
func TestLocksTable(t *testing.T) {
	var held []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch path {
		case "sim", "cmd", "auth/authtest", "bridge", "bridgetest", "fronttest", "simulation", "internal/natstest": // simulator, commands, tests
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go") {
			held = append(held, mutexes(t, path)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| mutex | guards |")
	table, _, _ = strings.Cut(table, "\n\n")
	var documented []string
	for _, name := range regexp.MustCompile("`(\\w+\\.\\w+\\.\\w+)`").FindAllStringSubmatch(table, -1) {
		documented = append(documented, name[1])
	}
	slices.Sort(held)
	slices.Sort(documented)
	documented = slices.Compact(documented)
	if len(held) < 10 || !slices.Equal(held, documented) {
		t.Errorf("mutexes:\n%s\nin README.md, Locks:\n%s", strings.Join(held, "\n"), strings.Join(documented, "\n"))
	}
}

// mutexes gives package.Type.field of each mutex that a struct of a file has.
func mutexes(t *testing.T, path string) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.TypeSpec)
		if !is {
			return true
		}
		s, is := spec.Type.(*ast.StructType)
		if !is {
			return true
		}
		for _, field := range s.Fields.List {
			if kind := types.ExprString(field.Type); kind != "sync.Mutex" && kind != "sync.RWMutex" {
				continue
			}
			for _, name := range field.Names {
				names = append(names, file.Name.Name+"."+spec.Name.Name+"."+name.Name)
			}
		}
		return true
	})
	return names
}
