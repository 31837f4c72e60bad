//go:build js && wasm

package wasm

import (
	"context"
	"time"

	"commdn/components/session"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// AgentClient is a client as the sessions of the agent's program see it, without anything
// about campaigns.
func AgentClient(c *client.Client) session.Client {
	return agentClient{c.HoldPerson, c.Undo, c.TakeOver, c.Preview, c.Status, c.Watch, c.WatchLate}
}

// WholeClient is the client itself.
func WholeClient(c *client.Client) session.Client { return c }

// agentClient has no field of the client's type: an interface would link all its methods.
type agentClient struct {
	hold      func(context.Context, commdn.Request, time.Duration, func(client.Event)) ([]commdn.Message, error)
	undo      func(commdn.Request) bool
	takeOver  func(func(*client.Earlier) func(client.Event))
	preview   func(context.Context, commdn.Request) (frame.Forms, error)
	status    func() client.Status
	watch     func(func(client.Status)) func()
	watchLate func(func(client.Late)) func()
}

func (a agentClient) Hold(ctx context.Context, req commdn.Request, window time.Duration, told func(client.Event)) ([]commdn.Message, error) {
	return a.hold(ctx, req, window, told)
}

func (a agentClient) Undo(req commdn.Request) bool { return a.undo(req) }

func (a agentClient) TakeOver(f func(*client.Earlier) (told func(client.Event))) { a.takeOver(f) }

func (a agentClient) Preview(ctx context.Context, req commdn.Request) (frame.Forms, error) {
	return a.preview(ctx, req)
}

func (a agentClient) Status() client.Status { return a.status() }

func (a agentClient) Watch(f func(client.Status)) (stop func()) { return a.watch(f) }

func (a agentClient) WatchLate(f func(client.Late)) (stop func()) { return a.watchLate(f) }

// Nothing of the agent's program begins a watch of campaigns or reads the directory.

func (agentClient) WatchCampaigns(func(*commdn.CampaignEvent)) (stop func()) { return func() {} }

func (agentClient) WatchHistory(func(frame.History)) (stop func()) { return func() {} }

func (agentClient) WatchDirectory(func()) (stop func()) { return func() {} }

func (agentClient) Directory(context.Context) (frame.Directory, error) {
	return frame.Directory{}, client.ErrNotConnected
}
