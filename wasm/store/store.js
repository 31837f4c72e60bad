// The browser's side of package store: IndexedDB holds the records, and a Web Lock says
// which page sends a request. The browser frees the locks of a page that dies.

const database = "commdn";
const version = 1;
const table = "requests";

const isLine = (text) => typeof text === "string" && !text.includes("\n");

const user = (relay) => `commdn:user:${relay}`; // in sessionStorage

// fingerprint tells the tokens of two people apart, and no token from it: a checksum of the
// claim sub, which a person's tokens have in common, or of a token that is no JWT.
function fingerprint(token) {
  let about = token;
  try {
    about = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"))).sub || token;
  } catch {
    // It is a key.
  }
  let sum = 0;
  for (const c of about) sum = (Math.imul(sum, 31) + c.codePointAt()) | 0;
  return String(sum);
}

// storage serves one program. patience bounds what the browser takes for one operation,
// in milliseconds: it is for one that hangs.
export function storage(patience = 10_000) {
  const held = new Map(); // key -> frees its lock
  let ended = false;

  // within is new Promise(begin) that fails after a while; begin also gets whether it has.
  function within(what, begin) {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new Error(`${what} does not answer`));
      }, patience);
      const settle = (f) => (value) => {
        clearTimeout(timer);
        f(value);
      };
      try {
        begin(settle(resolve), settle(reject), () => late || ended);
      } catch (error) {
        settle(reject)(error);
      }
    });
  }

  const open = () => within("IndexedDB", (resolve, reject, late) => {
    if (!globalThis.indexedDB) throw new Error("this page has no IndexedDB");
    const request = indexedDB.open(database, version);
    request.onupgradeneeded = () => request.result.createObjectStore(table);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => (late() ? request.result.close() : resolve(request.result));
  });

  // run makes requests in a transaction and returns their results once it is on the disk. A
  // database is open for one transaction only: it never stands in the way of a page with a
  // newer version.
  async function run(mode, requests) {
    const db = await open();
    let transaction;
    try {
      return await within("IndexedDB", (resolve, reject) => {
        transaction = db.transaction(table, mode, { durability: "strict" });
        const made = requests(transaction.objectStore(table));
        transaction.oncomplete = () => resolve(made.map((request) => request.result));
        transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
      });
    } catch (error) {
      try {
        transaction.abort(); // what has failed must not happen later
      } catch {
        // There is none, or it is over.
      }
      throw error;
    } finally {
      db.close();
    }
  }

  const operations = {
    put: (key, record) => run("readwrite", (objects) => [objects.put(record, key)]),
    delete: (key) => run("readwrite", (objects) => [objects.delete(key)]),

    // all returns keys and records in turn, a line each.
    async all() {
      const [keys, records] = await run("readonly", (objects) => [objects.getAllKeys(), objects.getAll()]);
      return keys.flatMap((key, i) => (isLine(key) && isLine(records[i]) ? [key, records[i]] : [])).join("\n");
    },

    // own returns one line where another page owns the key, else two: the second is the
    // record, or empty.
    async own(key) {
      if (!navigator.locks) throw new Error("this page has no Web Locks, which need https");
      const mine = await within("Web Locks", (resolve, reject, late) => {
        navigator.locks.request(`${database} ${key}`, { ifAvailable: true }, (lock) => {
          resolve(!!lock);
          return lock && !late() ? new Promise((free) => held.set(key, free)) : undefined;
        }).catch(reject);
      });
      if (!mine) return "";
      try {
        const [record] = await run("readonly", (objects) => [objects.get(key)]);
        return isLine(record) ? `\n${record}` : "\n";
      } catch (error) {
        await operations.free(key);
        throw error;
      }
    },

    // remember notes in the tab whom a relay takes the bearer of a token for.
    async remember(relay, note) {
      const [token, subject] = note.split("\n");
      sessionStorage.setItem(user(relay), `${fingerprint(token)}\n${subject}`);
    },

    // recall returns one line where the tab has no note, or one about another's token; else
    // two, of which the second is whom it is about.
    async recall(relay, token) {
      const [sum, subject] = (sessionStorage.getItem(user(relay)) ?? "").split("\n");
      return sum && (!token || sum === fingerprint(token)) ? `\n${subject}` : "";
    },

    async free(key) {
      held.get(key)?.();
      held.delete(key);
    },
  };

  return {
    // call carries out an operation and calls settle(error, result) once, with two texts;
    // error is empty if there is none.
    call(operation, key, record, settle) {
      operations[operation](key, record).then(
        (result) => ended || settle("", String(result)),
        (error) => ended || settle(`${error?.name ?? "Error"}: ${error?.message ?? error}`, ""),
      );
    },

    // end frees what a program holds that has ended.
    end() {
      ended = true;
      for (const key of held.keys()) operations.free(key);
    },
  };
}
