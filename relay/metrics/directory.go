package metrics

import "github.com/prometheus/client_golang/prometheus"

// Directory is what is counted of a directory that a bridge pushes.
type Directory struct {
	Connected        bool // to the bridge
	Wrong            bool // the one in use is old: the bridge cannot read Configuration Server, or what it sent was refused
	Applied, Refused uint64
	Objects          []Objects
}

// Objects is how many objects of a kind there are.
type Objects struct {
	Kind string
	N    int
}

// directory reads the present state whenever somebody asks.
type directory struct {
	now                                         func() Directory
	connected, wrong, applied, refused, objects *prometheus.Desc
}

// NewDirectory registers the metrics of a directory that a bridge pushes.
func NewDirectory(r prometheus.Registerer, now func() Directory) error {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("commdn_directory_"+name, help, labels, nil)
	}
	return r.Register(&directory{
		now:       now,
		connected: desc("bridge_connected", "1 while the bridge is connected."),
		wrong:     desc("configuration_lost", "1 while the bridge cannot read Configuration Server, or what it sent last is refused."),
		applied:   desc("applied_total", "Directories that were taken over."),
		refused:   desc("refused_total", "Directories that were refused."),
		objects:   desc("objects", "Objects of the directory in use.", "kind"),
	})
}

// Describe is for Prometheus.
func (d *directory) Describe(to chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{d.connected, d.wrong, d.applied, d.refused, d.objects} {
		to <- one
	}
}

// Collect is for Prometheus.
func (d *directory) Collect(to chan<- prometheus.Metric) {
	now := d.now()
	gauge, counter := prometheus.GaugeValue, prometheus.CounterValue
	to <- prometheus.MustNewConstMetric(d.connected, gauge, flag(now.Connected))
	to <- prometheus.MustNewConstMetric(d.wrong, gauge, flag(now.Wrong))
	to <- prometheus.MustNewConstMetric(d.applied, counter, float64(now.Applied))
	to <- prometheus.MustNewConstMetric(d.refused, counter, float64(now.Refused))
	for _, o := range now.Objects {
		to <- prometheus.MustNewConstMetric(d.objects, gauge, float64(o.N), o.Kind)
	}
}
