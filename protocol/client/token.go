package client

import (
	"context"
	"errors"
	"time"

	"commdn/protocol/frame"
)

// TokenError says that the client has no token to connect with.
type TokenError struct {
	Refused bool  // the relay refused the token and Options.Token gives no other one: the client has Failed
	Err     error // why there is none: of Options.Token, or the *frame.CloseError with which the relay turned down the one that it gives
}

// Error says what there is instead of a token.
func (e *TokenError) Error() string {
	if e.Refused {
		return "client: no other token than the one that the relay refused: " + e.Err.Error()
	}
	return "client: no token: " + e.Err.Error()
}

// Unwrap gives the reason.
func (e *TokenError) Unwrap() error { return e.Err }

var errLongToken = errors.New("it is longer than 15,000 bytes")

// askToken asks for a token to dial with. It is empty, as that of somebody
// without a token, where there is no source.
func (c *Client) askToken(ctx context.Context) (string, error) {
	if c.opts.Token == nil {
		return "", nil
	}
	token, err := c.opts.Token(ctx)
	c.presents(token, err)
	switch {
	case err != nil:
		return "", &TokenError{Err: reason(ctx, err)}
	case len(token) > frame.MaxToken:
		return "", &TokenError{Err: errLongToken}
	case c.rejection != nil && token == c.rejected:
		// One that has expired may be all that the page has as yet.
		return "", &TokenError{Refused: c.rejection.Code == frame.CloseTokenRefused, Err: c.rejection}
	}
	return token, nil
}

// verdict says what the end of a connection means: whether the client gives
// up, and if not, whether a new token is all that it takes to come back.
func (c *Client) verdict(err error) (final, renew bool) {
	if token, ok := err.(*TokenError); ok {
		return token.Refused, false
	}
	closed, ok := errors.AsType[*frame.CloseError](err)
	if !ok {
		return false, false
	}
	if c.opts.Token != nil && (closed.Code == frame.CloseTokenRefused || closed.Code == frame.CloseTokenExpired) {
		c.rejected, c.rejection = c.token, closed
		return false, true
	}
	return !closed.Code.Reconnect(), false
}

// renewal passes on what keeps the identity of one connection from expiring.
type renewal struct {
	expires chan int64  // capacity 1, from the reader: what the relay told last
	refresh chan []byte // to the writer: a frame
}

// tell takes in when the identity expires. Only the reader calls it.
func (r *renewal) tell(expires int64) {
	select {
	case <-r.expires: // outdated
	default:
	}
	r.expires <- expires
}

// renew sends a new token in time, until ctx ends. The relay answers with the
// next time; until then nothing is sent. However short tokens live, and however
// wrong a clock is, no two refreshes are closer than MaxBackoff.
func (c *Client) renew(ctx context.Context, r *renewal) {
	timer := time.NewTimer(0)
	timer.Stop()
	defer timer.Stop()
	least, attempt := time.Duration(0), 0
	for {
		select {
		case expires := <-r.expires:
			timer.Stop()
			if expires != 0 {
				timer.Reset(max(least, renewIn(time.Duration(expires-time.Now().Unix())*time.Second)))
			}
		case <-timer.C:
			message := c.newToken(ctx)
			if message == nil {
				timer.Reset(c.backoff(attempt))
				attempt++
				continue
			}
			select {
			case r.refresh <- message:
				least, attempt = c.opts.MaxBackoff, 0
			case <-ctx.Done():
			}
		case <-ctx.Done():
			return
		}
	}
}

// renewIn gives when to ask for a new token if the present one lives so long:
// a tenth of that before its end, 5 to 60 seconds. It is 0 or less for at once.
func renewIn(remaining time.Duration) time.Duration {
	return remaining - min(max(remaining/10, 5*time.Second), time.Minute)
}

// newToken asks for a token other than the present one and gives the frame to
// send it with, nil if there is none.
func (c *Client) newToken(ctx context.Context) []byte {
	token, err := c.askToken(ctx)
	if err != nil || token == "" || token == c.token {
		return nil
	}
	c.token = token
	message, _ := pack(frame.KindRefresh, 0, frame.Refresh{Token: token}.Body()) // MaxToken fits
	return message
}
