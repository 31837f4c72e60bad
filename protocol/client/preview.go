package client

import (
	"context"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// Preview asks the relay in which forms a do-not-call or cancel would name its
// number, and blocks until it says so. Without a connection it waits for the next
// one. The errors are those of Do. A relay that knows no previews does not answer.
func (c *Client) Preview(ctx context.Context, req commdn.Request) (frame.Forms, error) {
	k, err := c.settled(ctx, frame.KindPreview, "", req, 0, nil, nil)
	if err != nil {
		return frame.Forms{}, err
	}
	return k.forms, nil
}

// pack gives the bytes of a frame.
func pack(kind frame.Kind, number uint32, body tkvlist.List) ([]byte, error) {
	return frame.Frame{Kind: kind, Number: number, Body: body}.Append(nil)
}
