package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"commdn/e2e/chrome"
)

// tabs are those of the shared browser that a page may use after another one: a new one
// takes as much processor time as a page with our elements in one that is there. Each has
// its own browser context, so pages that are open side by side share no cookies, storage,
// cache or renderer process.
type tabs struct {
	mu    sync.Mutex
	idle  []*tab
	blank *httptest.Server // of the page between two pages; nil before the first one
}

// mostIdle is how many tabs wait for their next page.
const mostIdle = 4

// tab is a tab that pages use one after the other. Each page has a session of the
// DevTools of its own, and with its end go the scripts and overrides that it has set.
type tab struct {
	ctx   context.Context // of a session that stays
	end   func()
	spent bool // a page has set what outlives it: no other one gets the tab

	mu      sync.Mutex
	origins map[string]bool // whose pages have been in it since it was free
}

// take gives a tab of the shared browser, and a context of it for one page.
func (all *tabs) take(listener func(ev any)) (page context.Context, t *tab, err error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for len(all.idle) > 0 {
		last := len(all.idle) - 1
		t, all.idle = all.idle[last], all.idle[:last]
		if page, err = chrome.Attach(t.ctx, listener); err == nil {
			return page, t, nil
		}
		t.end() // the browser has died
	}
	t = &tab{origins: map[string]bool{}}
	if t.ctx, t.end, err = shared.open(t.listen); err != nil {
		return nil, nil, err
	}
	if page, err = chrome.Attach(t.ctx, listener); err != nil {
		t.end()
	}
	return page, t, err
}

func (t *tab) listen(ev any) {
	if e, ok := ev.(*devtools.EventFrameNavigated); ok {
		if u, err := url.Parse(e.Frame.URL); err == nil && u.Host != "" {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.origins[u.Scheme+"://"+u.Host] = true
		}
	}
}

// context is the browser context of the tab.
func (t *tab) context() cdp.BrowserContextID { return chromedp.FromContext(t.ctx).BrowserContextID }

// give takes a tab back from a page that is done with it. One that cannot be as new for
// the next page is closed.
func (all *tabs) give(page context.Context, t *tab) {
	err := chromedp.Cancel(page)
	if err == nil {
		err = t.clear(all.between())
	}
	all.mu.Lock()
	defer all.mu.Unlock()
	if err != nil || len(all.idle) == mostIdle {
		t.end()
		return
	}
	all.idle = append(all.idle, t)
}

// between is the address of the page between two pages. It is of the site of most pages,
// so that the renderer stays.
func (all *tabs) between() string {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.blank == nil {
		all.blank = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
		}))
	}
	return all.blank.URL
}

// errUsed is why a tab is closed although nothing has failed.
type errUsed string

func (e errUsed) Error() string { return "a page has left " + string(e) }

// clear leaves the page, and removes what it has stored.
func (t *tab) clear(blank string) error {
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	t.mu.Lock()
	origins := t.origins
	t.origins = map[string]bool{}
	t.mu.Unlock()
	if len(origins) > 1 { // the storage of a tab goes with the page of its origin only
		return errUsed("more than one origin")
	}
	all, err := chromedp.Targets(ctx)
	if err != nil {
		return err
	}
	pages := 0
	for _, one := range all {
		if one.BrowserContextID == t.context() && one.Type == "page" {
			pages++
		}
	}
	if pages != 1 {
		return errUsed("a window open")
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`name = ""; try { sessionStorage.clear() } catch {} true`)); err != nil {
		return err
	}
	if _, err := chromedp.Run(ctx, chromedp.Navigate(blank)); err != nil {
		return err
	}
	return chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for origin := range origins {
			if _, err := chromedp.Call(ctx, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{Origin: origin, StorageTypes: "all"}); err != nil {
				return err
			}
		}
		for _, command := range []cdp.Command[cdp.Empty, cdp.Empty]{network.ClearBrowserCookies, network.ClearBrowserCache, devtools.ResetNavigationHistory} {
			if _, err := chromedp.Call(ctx, command, cdp.Empty{}); err != nil {
				return err
			}
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		t.origins = map[string]bool{}
		return nil
	}))
}
