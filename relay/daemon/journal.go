package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/cluster"
	"commdn/relay/config"
	"commdn/relay/desk"
	"commdn/relay/journal"
	"commdn/relay/metrics"
)

// JournalItem is a request in the journal, for an administrator.
type JournalItem struct {
	ID       string    `json:"id"`
	State    string    `json:"state"` // waiting, or put aside
	At       time.Time `json:"at"`    // when it came
	Person   string    `json:"person"`
	Subject  string    `json:"subject"`
	Request  string    `json:"request"`
	Phone    string    `json:"phone,omitempty"`    // masked, unless it was asked for in plain text
	Customer string    `json:"customer,omitempty"` // likewise
	Links    []string  `json:"links"`
	Tries    int       `json:"tries,omitempty"` // of one that was put aside
	Reason   string    `json:"reason,omitempty"`
	Ended    time.Time `json:"put_aside,omitzero"`
}

// JournalList is what the journal has, and how much more than it lists.
type JournalList struct {
	Items       []JournalItem `json:"items"`
	MoreAside   uint64        `json:"more_put_aside"`
	MoreWaiting uint64        `json:"more_waiting"`
}

// mostListed bounds a list, of what was put aside and of what waits.
const mostListed = 1000

// JournalAll says which of the requests that were put aside are to be sent again.
type JournalAll struct {
	Reason string `json:"reason,omitempty"` // a part of it; empty: all
	Plain  bool   `json:"plain"`
}

// JournalRetried is a request that is sent again, or, in the last line of an answer, why
// those after it are not.
type JournalRetried struct {
	*JournalItem
	Error string `json:"error,omitempty"`
}

// JournalStatus is how the journal is.
type JournalStatus struct {
	Where    string  `json:"where"` // the folder, or NATS
	Waiting  uint64  `json:"waiting"`
	Oldest   float64 `json:"oldest_seconds"` // of what waits; 0: nothing does
	PutAside uint64  `json:"put_aside"`
	Error    string  `json:"error,omitempty"` // why the journal does not answer
}

// journalStatus says how the journal is; nil: there is none.
func (d *Daemon) journalStatus() *JournalStatus {
	if d.journal == nil {
		return nil
	}
	st := &JournalStatus{Where: "NATS"}
	if folder := d.conf.Load().Journal.Folder; folder != "" {
		st.Where = string(folder)
	}
	c, err := d.journal.Counts(context.Background())
	if err != nil {
		st.Error = err.Error()
	}
	st.Waiting, st.Oldest, st.PutAside = c.Waiting, c.Oldest.Seconds(), c.Dead
	return st
}

// JournalOne names one request of the journal.
type JournalOne struct {
	ID    string `json:"id"`    // or the beginning of it
	Plain bool   `json:"plain"` // numbers are told in plain text
}

// openJournal opens the journal that the configuration names, if it names one.
func (d *Daemon) openJournal(c config.Journal, to *relay.Options) error {
	if !c.On() {
		return nil
	}
	o := journal.Options{Folder: string(c.Folder), InFlight: c.InFlight, Keep: c.Keep, Leased: c.NATS.On(), Log: d.log}
	if c.NATS.On() {
		secure, err := c.NATS.TLS.Config()
		if err != nil {
			return fmt.Errorf("journal.nats.tls: %w", err)
		}
		o.NATS = journal.NATS{URLs: c.NATS.URLs, Credentials: string(c.NATS.CredentialsFile), TLS: secure, Replicas: c.NATS.Replicas}
	}
	j, err := journal.Open(o)
	if err != nil {
		return err
	}
	d.journal = j
	to.Journal, to.Retry = j, desk.Retry{Attempts: c.Attempts, Min: c.Backoff.Min, Max: c.Backoff.Max}
	if o.Leased {
		name, err := d.name()
		if err != nil {
			return err
		}
		if to.Cluster, err = cluster.New(cluster.Options{
			JetStream: j.Share().JetStream, Name: name, Lease: c.NATS.Lease, Replicas: c.NATS.Replicas, Journal: j, Log: d.log,
		}); err != nil {
			return err
		}
	}
	return metrics.NewJournal(d.metrics, d.journalCounts)
}

// name gives the name of this relay among others.
func (d *Daemon) name() (string, error) {
	if name := d.conf.Load().RelayName; name != "" {
		return name, nil
	}
	name, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("relay_name: the machine's name is not known (%w); give one", err)
	}
	return name, nil
}

// journalCounts gives what the metrics tell of the journal.
func (d *Daemon) journalCounts() metrics.Journal {
	c, err := d.journal.Counts(context.Background())
	if err != nil {
		d.log.Error("the journal does not answer", "error", err)
	}
	return metrics.Journal{Known: err == nil, Waiting: c.Waiting, Oldest: c.Oldest.Seconds(), Dead: c.Dead, Accepted: c.Accepted, Again: c.Again}
}

// adminJournal answers GET /journal with a JournalList, POST /journal/show,
// /journal/retry and /journal/drop with the JournalItem of a JournalOne, and
// /journal/retry-all with a line for each request that is sent again.
func (d *Daemon) adminJournal(mux *http.ServeMux, answer func(http.ResponseWriter, any)) {
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, r *http.Request) {
		all, err := d.journalList(r.Context(), r.URL.Query().Get("plain") == "1")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, all)
	})
	for what, do := range map[string]func(j *journal.Journal, ctx context.Context, id string) (journal.Item, error){
		"show": (*journal.Journal).Show, "retry": (*journal.Journal).Retry, "drop": (*journal.Journal).Drop,
	} {
		mux.HandleFunc("POST /journal/"+what, func(w http.ResponseWriter, r *http.Request) {
			var one JournalOne
			err := readBody(r, &one)
			if err == nil && d.journal == nil {
				err = errNoJournal
			}
			var item journal.Item
			if err == nil {
				item, err = d.journal.Show(r.Context(), one.ID)
			}
			if err == nil {
				err = d.changeJournal(r.Context(), what, item, do)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			answer(w, journalItem(item, one.Plain))
		})
	}
	mux.HandleFunc("POST /journal/retry-all", func(w http.ResponseWriter, r *http.Request) {
		var all JournalAll
		err := readBody(r, &all)
		if err == nil && d.journal == nil {
			err = errNoJournal
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/jsonl")
		d.retryAll(r.Context(), all, func(line JournalRetried) error {
			return errors.Join(json.NewEncoder(w).Encode(line), http.NewResponseController(w).Flush())
		})
	})
}

// changeJournal does something with a request of the journal, after the audit has it.
func (d *Daemon) changeJournal(ctx context.Context, what string, item journal.Item, do func(*journal.Journal, context.Context, string) (journal.Item, error)) error {
	if what == "show" {
		return nil
	}
	if err := d.auditJournal(ctx, what, item); err != nil {
		return err
	}
	if _, err := do(d.journal, ctx, item.ID); err != nil {
		return err
	}
	d.log.Log(ctx, slog.LevelInfo, "journal changed by an administrator", "did", what, "id", item.ID, "subject", item.Entry.ID.Subject, "key", item.Entry.ID.Key)
	return nil
}

// retryAll has every request sent again that is put aside now, and tells of each. What
// cannot be sent again ends it; who asked may be gone, and then the rest stays aside.
func (d *Daemon) retryAll(ctx context.Context, all JournalAll, tell func(JournalRetried) error) {
	for item, err := range d.journal.Aside(ctx) {
		if err == nil && (item.Unreadable || !strings.Contains(item.Reason, all.Reason)) {
			continue
		}
		if err == nil {
			err = d.changeJournal(ctx, "retry", item, (*journal.Journal).Retry)
		}
		if err != nil {
			if told := tell(JournalRetried{Error: err.Error()}); told != nil {
				d.log.Warn("not every request that was put aside is sent again", "error", err)
			}
			return
		}
		one := journalItem(item, all.Plain)
		if tell(JournalRetried{JournalItem: &one}) != nil {
			return
		}
	}
}

var errNoJournal = errors.New("this relay has no journal; its configuration has no journal.folder and no journal.nats")

func (d *Daemon) journalList(ctx context.Context, plain bool) (*JournalList, error) {
	if d.journal == nil {
		return nil, errNoJournal
	}
	found, err := d.journal.List(ctx, mostListed)
	if err != nil {
		return nil, err
	}
	l := &JournalList{Items: make([]JournalItem, len(found.Items)), MoreAside: found.MoreAside, MoreWaiting: found.MoreWaiting}
	for i, item := range found.Items {
		l.Items[i] = journalItem(item, plain)
	}
	return l, nil
}

// journalItem is a request as an administrator sees it.
func journalItem(item journal.Item, plain bool) JournalItem {
	e := item.Entry
	one := JournalItem{ID: item.ID, State: "waiting", At: e.At, Person: e.Name, Subject: e.ID.Subject, Links: e.Links, Tries: item.Tries, Reason: item.Reason, Ended: item.Ended}
	if item.Dead {
		one.State = "put aside"
	}
	if item.Unreadable {
		one.Request = "cannot be read"
		return one
	}
	mask := commdn.Mask
	if plain {
		mask = func(s string) string { return s }
	}
	req, err := commdn.DecodeRequest(e.Data)
	if err != nil {
		one.Request = "cannot be read: " + err.Error()
		return one
	}
	one.Request = req.Type().String()
	if p, ok := commdn.PersonOf(req); ok {
		if p.Phone != "" {
			one.Phone = mask(p.Phone)
		}
		if p.CustomerID != "" {
			one.Customer = mask(p.CustomerID)
		}
	}
	return one
}
