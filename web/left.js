// Notes what a page loses when it ends: requests under way that the program does not keep
// (campaign control, and everything where the browser keeps nothing). While there are any,
// the browser asks before it leaves the page; after a reload <commdn-activity> says that
// their outcome is not known. The notes are in the tab alone (sessionStorage), and whom
// they are about is masked.

const key = "commdn:left";
const most = 20; // requests of pages before

// leftovers serves one copy of commdn.js.
export function leftovers() {
  const before = read(); // of pages before this one, oldest first
  const open = new Map(); // of this page: connection/id -> request
  let later = 0; // a timer: keep will run

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(key) || "[]");
    } catch {
      return []; // a frame without storage
    }
  }

  // Most requests end in a few milliseconds, and their clicks need not wait for the storage.
  function soon() {
    later ||= setTimeout(keep, 50);
  }
  addEventListener("pagehide", () => later && keep());

  function keep() {
    clearTimeout(later);
    later = 0;
    const all = [...before, ...open.values()].slice(-most);
    try {
      if (all.length) sessionStorage.setItem(key, JSON.stringify(all));
      else sessionStorage.removeItem(key);
    } catch {
      // The browser still asks.
    }
    (open.size ? addEventListener : removeEventListener)("beforeunload", ask);
  }

  const ask = (event) => event.preventDefault();
  const masked = (text) => (text ? `…${text.length > 6 ? text.slice(-3) : ""}` : "");

  // note follows a request of a connection by its event.
  function note(c, d) {
    if (d.request === "CM_ReqGetCampaignStatus") return;
    const id = `${c.number}/${d.id}`;
    if (!d.kept && /^(sending|waiting|held|accepted|queued)$/.test(d.state)) {
      const who = masked(d.phone) || masked(d.customerId);
      const at = Math.floor(Date.parse(d.asked) / 1000);
      open.set(id, [c.url, d.state === "waiting" ? d.state : "sending", at, d.request, who, d.campaign ?? 0, d.group ?? 0, d.target ?? 0]);
    } else if (!open.delete(id)) {
      return;
    }
    if (!open.size) removeEventListener("beforeunload", ask); // nobody is asked about what is kept by now
    soon();
  }

  // forget drops those of a connection that the page has given up.
  function forget(c) {
    for (const id of open.keys()) if (id.startsWith(`${c.number}/`)) open.delete(id);
    keep();
  }

  // of lists those of pages before that used the same relay, for the element.
  const of = (c) => before.filter(([url]) => url === c.url).map((line) => line.slice(1).join("\t")).join("\n");

  return { note, forget, of };
}
