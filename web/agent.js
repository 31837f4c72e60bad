// The agent desktop of the demo. It knows about commdn what any host page knows: the
// script, the elements and their attributes.
import { connect } from "./commdn.js";

// The demo takes development tokens, ROLE=NAME, without any proof.
connect({ token: "agent=Dana Whitfield" });

const callers = [
  { name: "Maria Keller", phone: "5551234567", customer: "C-1042", segment: "Household", last: "12 days ago",
    said: "I have asked twice now. Please do not call me about offers again." },
  { name: "Tom Okafor", phone: "5550198822", customer: "C-2291", segment: "Small business", last: "yesterday",
    said: "You rang during a funeral. Take me off whatever list that is." },
  { name: "Ines Duarte", phone: "5550133019", customer: "", segment: "Prospect", last: "never",
    said: "I do not know how you got this number." },
  { name: "Li Wei (OCS refuses this one)", phone: "5550100010", customer: "C-0010", segment: "Household", last: "3 weeks ago",
    said: "Remove me, please. And tell me that it worked." },
];

/** An element of the page, of any type. @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);
let current = -1;
let began = Date.now();

function take(index) {
  const c = callers[index % callers.length];
  current = index;
  began = Date.now();
  $("caller").textContent = c.name;
  $("phone").textContent = c.phone;
  $("customer").textContent = c.customer || "not known";
  $("segment").textContent = c.segment;
  $("last").textContent = c.last;
  $("said").textContent = c.said;
  for (const id of ["dnc", "cancel"]) {
    $(id).setAttribute("phone", c.phone);
    $(id).setAttribute("customer-id", c.customer);
  }
  tick();
}

function tick() {
  const s = Math.floor((Date.now() - began) / 1000);
  $("timer").textContent = `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
}

$("next").addEventListener("click", () => take(current + 1));
$("typed").addEventListener("input", (e) => $("second").setAttribute("phone", e.target.value.trim()));
setInterval(tick, 1000);
take(0);

// The live trace: one server-sent event for each UserEvent.
const kept = 50;
const source = new EventSource("sim/api/trace");
source.onopen = () => { $("trace-state").textContent = "live"; };
source.onerror = () => { $("trace-state").textContent = "connection lost, trying again"; };
source.onmessage = (e) => {
  const { time, dn, from, message, text } = JSON.parse(e.data);
  const entry = document.createElement("article");
  const head = document.createElement("h3");
  head.textContent = `${new Date(time).toLocaleTimeString()} · EventUserEvent · ${dn} · ${message}`;
  head.className = from;
  const body = document.createElement("pre");
  body.textContent = text;
  entry.append(head, body);
  $("trace").prepend(entry);
  while ($("trace").childElementCount > kept) $("trace").lastElementChild.remove();
};
