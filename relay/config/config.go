// Package config reads the file of `commdn relay --config`: one strict YAML file, with
// environment variables over it. relay/config.example.yaml shows every option with its
// default; README.md says how the relay reads it.
package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"commdn/relay/internal/strictyaml"
)

// MaxSize is the maximum size of a file in bytes.
const MaxSize = 1 << 20

// Path is the path of a file. A relative one starts at the folder of the configuration;
// Parse makes it absolute.
type Path string

// Config is a configuration. The zero value is unusable: start with Default.
type Config struct {
	// Listen is the HOST:PORT for browsers.
	Listen string `yaml:"listen,omitempty"`
	// BehindProxy means that something else terminates TLS before the relay.
	BehindProxy bool `yaml:"behind_proxy,omitempty"`
	// Hosts are names, beside loopback names, by which browsers reach the relay.
	Hosts []string `yaml:"hosts,omitempty"`
	TLS   TLS      `yaml:"tls,omitempty"`
	// Origins are the origins of pages that may connect, beside the relay's own:
	// https://desktop.example.com, or https://*.example.com.
	Origins []string `yaml:"origins,omitempty"`
	// Parents are the origins of pages that may embed frame.html in a frame, beside the
	// relay's own: https://desktop.example.com.
	Parents   []string  `yaml:"parents,omitempty"`
	Auth      Auth      `yaml:"auth,omitempty"`
	Limits    Limits    `yaml:"limits,omitempty"`
	Directory Directory `yaml:"directory,omitempty"`
	Links     []Link    `yaml:"links,omitempty"`
	Journal   Journal   `yaml:"journal,omitempty"`
	// RelayName is that of this relay among those on the same NATS; empty: the machine's.
	RelayName string `yaml:"relay_name,omitempty"`
	Audit     Audit  `yaml:"audit,omitempty"`
	// DrainTimeout is how long requests in flight may take at the end.
	DrainTimeout time.Duration `yaml:"drain_timeout,omitempty"`
	Metrics      Metrics       `yaml:"metrics,omitempty"`
	// AdminSocket is the Unix socket of `commdn relay status`; empty: none.
	AdminSocket Path `yaml:"admin_socket,omitempty"`
	// Pprof is the HOST:PORT of the profiler, loopback only; empty: none.
	Pprof string `yaml:"pprof,omitempty"`
	Log   Log    `yaml:"log,omitempty"`

	from *strictyaml.Problems // positions of the keys; nil for a configuration built in Go
}

// Load reads a file and the environment (os.Environ()) and checks them. Errors are joined
// *strictyaml.Errors, in the order of the file.
func Load(file string, env []string) (*Config, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	c, err := Parse(file, data, env)
	if err == nil {
		err = c.Check()
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

var format = strictyaml.Format{What: "a configuration", MaxSize: MaxSize}

// Parse reads the content of a file, with the environment over it, and fills in the
// defaults. It checks keys, types and names; Check checks the values. name is for errors,
// and its folder for relative paths.
func Parse(name string, data []byte, env []string) (*Config, error) {
	c := Default()
	c.from = format.Read(name, data, c)
	c.environment(env)
	if err := c.from.Err(); err != nil {
		return nil, err
	}
	folder := filepath.Dir(name)
	walk(reflect.ValueOf(c).Elem(), "", func(_ string, v reflect.Value) {
		if p, ok := v.Addr().Interface().(*Path); ok && *p != "" && !filepath.IsAbs(string(*p)) {
			*p = Path(filepath.Join(folder, string(*p)))
		}
	})
	return c, nil
}

// walk calls see with every key that has a plain value or a list, but not for the items
// of a list.
func walk(v reflect.Value, path string, see func(path string, v reflect.Value)) {
	for _, f := range strictyaml.Fields(v.Type()) {
		value, at := v.FieldByIndex(f.Index), strictyaml.Join(path, f.Key)
		if strictyaml.IsMapping(value.Type()) {
			walk(value, at, see)
			continue
		}
		see(at, value)
	}
}
