package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// Client is a client of the API. Several goroutines may call its methods. They
// return the *Error that the simulator answers with, and another error when the
// simulator cannot be reached or answers as no simulator does.
type Client struct {
	base string
	http http.Client
}

// Dial gives a client for the page's address, http://127.0.0.1:7080/ for one.
// It connects with each request and has nothing to close.
func Dial(address string) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("control: %q is no address of a simulator; give one as http://127.0.0.1:7080/", address)
	}
	return &Client{
		base: strings.TrimSuffix(u.String(), "/") + "/",
		http: http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}, nil
}

// State gives the simulation as a whole.
func (c *Client) State(ctx context.Context) (s State, err error) {
	return s, c.get(ctx, "api/state", &s)
}

// Campaigns gives all campaign groups, and the sequences that are loaded.
func (c *Client) Campaigns(ctx context.Context) (all []CampaignGroup, err error) {
	return all, c.get(ctx, "api/campaigns", &all)
}

// CampaignGroup gives one campaign group, or with campaign 0 the sequence of a
// group; false means that there is none.
func (c *Client) CampaignGroup(ctx context.Context, id commdn.CampaignGroup) (CampaignGroup, bool, error) {
	all, err := c.Campaigns(ctx)
	for _, g := range all {
		if g.ID() == id {
			return g, true, err
		}
	}
	return CampaignGroup{}, false, err
}

// Do asks OCS for something, as the vendor's own console would, and gives the
// campaign group as it is then.
func (c *Client) Do(ctx context.Context, r Control) (g CampaignGroup, err error) {
	return g, c.post(ctx, "api/campaigns", r, &g)
}

// Records gives a page of the records that q finds.
func (c *Client) Records(ctx context.Context, q Query) (page Records, err error) {
	values := url.Values{}
	for name, value := range map[string]string{"phone": q.Phone, "customer_id": q.CustomerID, "status": q.Status} {
		if value != "" {
			values.Set(name, value)
		}
	}
	for name, n := range map[string]int{"list": int(q.List), "offset": q.Offset, "limit": q.Limit} {
		if n != 0 {
			values.Set(name, strconv.Itoa(n))
		}
	}
	return page, c.get(ctx, "api/records?"+values.Encode(), &page)
}

// CheckOut puts a record on an agent's screen, or takes it back, and gives the
// record as it is then.
func (c *Client) CheckOut(ctx context.Context, list commdn.DBID, id int, onDesktop bool) (r Record, err error) {
	return r, c.post(ctx, "api/records", CheckOut{list, id, onDesktop}, &r)
}

// DNC gives the Do Not Call list, oldest entry first.
func (c *Client) DNC(ctx context.Context) (all []Entry, err error) {
	return all, c.get(ctx, "api/dnc", &all)
}

// Forbid puts an entry on the Do Not Call list, as an operator would. An entry
// that is there already stays as it is.
func (c *Client) Forbid(ctx context.Context, f Forbidden) (e Entry, err error) {
	return e, c.post(ctx, "api/dnc", f, &e)
}

// Allow takes an entry off the Do Not Call list, as an operator would. It fails if there
// is no such entry.
func (c *Client) Allow(ctx context.Context, f Forbidden) error {
	q := url.Values{"phone": {f.Phone}, "customer_id": {f.CustomerID}, "tenant": {strconv.Itoa(int(f.Tenant))}}
	return c.call(ctx, http.MethodDelete, "api/dnc?"+q.Encode(), nil, nil)
}

// Habits gives how each OCS words what it says.
func (c *Client) Habits(ctx context.Context) (all []Habits, err error) {
	return all, c.get(ctx, "api/habits", &all)
}

// SetHabits changes how an OCS, or each of them, words what it says, and gives
// those that were changed.
func (c *Client) SetHabits(ctx context.Context, r SetHabits) (changed []Habits, err error) {
	return changed, c.post(ctx, "api/habits", r, &changed)
}

// TakeOver lets the backup of an OCS go on, or the OCS itself where its backup is
// active, and gives the pairs that changed. OCS 0 is every one that has a backup.
func (c *Client) TakeOver(ctx context.Context, ocs commdn.DBID) (changed []Habits, err error) {
	return changed, c.post(ctx, "api/takeover", TakeOver{ocs}, &changed)
}

// Clock gives the time of the simulation.
func (c *Client) Clock(ctx context.Context) (now Clock, err error) {
	return now, c.get(ctx, "api/clock", &now)
}

// Advance moves the clock on by d, MaxAdvance at most. When it returns, all that
// fell due in that time was done.
func (c *Client) Advance(ctx context.Context, d time.Duration) (now Clock, err error) {
	return now, c.post(ctx, "api/clock", SetClock{Advance: d.String()}, &now)
}

// SetSpeed changes the speed of the clock; at 0 it stands still.
func (c *Client) SetSpeed(ctx context.Context, speed float64) (now Clock, err error) {
	return now, c.post(ctx, "api/clock", SetClock{Speed: &speed}, &now)
}

// Faults gives the faults that are set, oldest first.
func (c *Client) Faults(ctx context.Context) (all []Fault, err error) {
	return all, c.get(ctx, "api/faults", &all)
}

// AddFault sets a fault. ID 0 in the answer says that the fault happened at once.
func (c *Client) AddFault(ctx context.Context, f scenario.Fault) (set Fault, err error) {
	return set, c.post(ctx, "api/faults", f, &set)
}

// RemoveFault takes a fault away.
func (c *Client) RemoveFault(ctx context.Context, id int) error {
	return c.call(ctx, http.MethodDelete, "api/faults/"+strconv.Itoa(id), nil, nil)
}

// ClearFaults takes all faults away.
func (c *Client) ClearFaults(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, "api/faults", nil, nil)
}

// Reset makes everything as it was at the start; connections stay.
func (c *Client) Reset(ctx context.Context) (now Clock, err error) {
	return now, c.post(ctx, "api/reset", struct{}{}, &now)
}

// Health is nil while the simulator serves.
func (c *Client) Health(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "healthz", nil, nil)
}

// Trace calls seen for every UserEvent, one after the other, until ctx ends or
// the simulator does; then it returns ctx's error, or nil. It calls ready once, from
// when on it misses nothing; ready may be nil.
func (c *Client) Trace(ctx context.Context, ready func(), seen func(Event)) error {
	answer, err := c.send(ctx, http.MethodGet, "api/trace", nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, maxEvent)
	for lines.Scan() {
		line := lines.Text()
		if data, isEvent := strings.CutPrefix(line, "data: "); isEvent {
			var e Event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				return fmt.Errorf("control: an event of %s cannot be read: %w", c.base, err)
			}
			seen(e)
		} else if line != "" && ready != nil {
			ready()
			ready = nil
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return lines.Err()
}

// maxEvent bounds a line of the trace: the log text of 65,535 bytes of user
// data, where a byte of binary takes several.
const maxEvent = 4 << 20

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, nil, into)
}

func (c *Client) post(ctx context.Context, path string, body, into any) error {
	return c.call(ctx, http.MethodPost, path, body, into)
}

// call makes a request; into nil drops what is answered.
func (c *Client) call(ctx context.Context, method, path string, body, into any) error {
	answer, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		return fmt.Errorf("control: the answer of %s%s cannot be read; is a simulator there? %w", c.base, path, err)
	}
	return nil
}

// send gives an answer that is no error. The caller closes its body.
func (c *Client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("control: no simulator answers: %w", err)
	}
	if answer.StatusCode < 300 {
		return answer, nil
	}
	defer func() { _ = answer.Body.Close() }()
	e := &Error{Status: answer.StatusCode}
	if json.NewDecoder(io.LimitReader(answer.Body, maxEvent)).Decode(e) != nil || e.Message == "" {
		return nil, fmt.Errorf("control: %s%s answers %s; is a simulator there?", c.base, path, answer.Status)
	}
	return nil, e
}
