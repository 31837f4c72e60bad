// The supervisor console of the demo. The elements do the work; the numbers of calls and
// agents, which a CommDN does not report, are the simulator's.
import { connect } from "./commdn.js";

// The demo takes development tokens, ROLE=NAME, without any proof.
connect({ token: "supervisor=Robin Castell" });

/** An element of the page, of any type. @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);
const interval = 2000; // milliseconds

async function refresh() {
  try {
    const response = await fetch("sim/api/campaigns");
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    show(await response.json());
    $("floor-state").textContent = "live";
  } catch {
    $("floor-state").textContent = "no connection to the simulator, trying again";
  }
  setTimeout(refresh, interval);
}

function show(groups) {
  const sum = (of) => groups.reduce((n, g) => n + of(g), 0);
  number("running", groups.filter((g) => g.status === "CM_GCS_Running").length);
  number("calls", sum((g) => g.talking + g.ringing));
  number("dials", sum((g) => g.dials));
  number("contacts", sum((g) => g.contacts));
  // Campaign groups share calling lists; each counts once.
  const lists = new Map(groups.flatMap((g) => g.lists.map((l) => [`${g.ocs}/${l.dbid}`, l.counts.ready])));
  number("left", [...lists.values()].reduce((a, b) => a + b, 0));
  $("floor").replaceChildren(...floor(groups).map(row));
}

const number = (id, n) => { $(id).textContent = n.toLocaleString("en"); };

// floor returns one entry for each group of agents, over all its campaigns.
function floor(groups) {
  const all = new Map();
  for (const g of groups) {
    const f = all.get(g.group) ?? { name: g.group_name, agents: g.agents, talking: 0, ringing: 0 };
    f.talking += g.talking;
    f.ringing += g.ringing;
    all.set(g.group, f);
  }
  return [...all.values()];
}

function row(f) {
  const tr = document.createElement("tr");
  for (const text of [f.name, f.agents, f.talking, f.ringing]) tr.insertCell().textContent = text;
  const meter = document.createElement("meter");
  meter.max = f.agents;
  meter.high = f.agents * 0.95;
  meter.value = f.talking;
  meter.ariaLabel = `${f.talking} of ${f.agents} agents of ${f.name} are talking`;
  tr.cells[0].append(meter);
  return tr;
}

refresh();
