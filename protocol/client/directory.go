package client

import (
	"context"

	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// Directory gives the campaigns and groups that the relay told. It
// waits until it has told them once, and fails with the context's cause, or
// with why the client has ended. The lists are not to be changed.
func (c *Client) Directory(ctx context.Context) (frame.Directory, error) {
	select {
	case <-c.told:
	case <-ctx.Done():
		return frame.Directory{}, &NoAnswerError{Err: context.Cause(ctx)}
	case <-c.done:
		return frame.Directory{}, &NoAnswerError{Err: c.Status().Err}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var d frame.Directory
	for _, l := range c.directory {
		d.Read(l)
	}
	return d, nil
}

// WatchDirectory calls f each time that the relay has told its directory, which
// it does on each new connection and when it has another one; Directory gives
// it. f is called from the client's own goroutine: it must not block and must
// not call Do or Close. The function that it returns ends the watch; one call
// of f may still be under way, or about to begin, when that returns.
func (c *Client) WatchDirectory(f func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	id := c.nextWatch
	if c.directories == nil {
		c.directories = map[int]func(){}
	}
	c.directories[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.directories, id)
	}
}

// directoryPart takes in one frame of a directory.
func (c *Client) directoryPart(l tkvlist.List) {
	for _, f := range c.addDirectory(l) {
		f()
	}
}

// addDirectory gives the watches to call when l was the last frame.
func (c *Client) addDirectory(l tkvlist.List) []func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.coming = append(c.coming, l)
	if frame.MoreDirectory(l) {
		return nil
	}
	c.directory, c.coming = c.coming, nil
	select {
	case <-c.told:
	default:
		close(c.told)
	}
	watches := make([]func(), 0, len(c.directories))
	for _, f := range c.directories {
		watches = append(watches, f)
	}
	return watches
}
