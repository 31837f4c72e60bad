import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
// Not bundled: the plugin comes from the relay, so that both are of one version.
import { connect } from "http://localhost:8080/commdn.js";

const callers = [
  { name: "Maria Keller", phone: "5551234567", customerId: "C-1042" },
  { name: "Ines Duarte", phone: "5550133019", customerId: "" },
];

// One connection for the app. StrictMode mounts twice: what the first mount
// connected is destroyed, and the second connects again.
function useCommdn(options) {
  const [handle, setHandle] = useState(null);
  const [status, setStatus] = useState("connecting");
  useEffect(() => {
    const made = connect(options);
    const stop = made.on("status", ({ state }) => setStatus(state));
    setHandle(made);
    return () => {
      stop();
      made.destroy();
    };
  }, [options]);
  return [handle, status];
}

const options = { url: "http://localhost:8080/", token: "agent=Dana Whitfield" };

function App() {
  const [handle, status] = useCommdn(options);
  const [index, setIndex] = useState(0);
  const [results, setResults] = useState([]);
  const [asking, setAsking] = useState(true);
  const { name, phone, customerId } = callers[index % callers.length];
  const settled = ({ detail }) => setResults((all) => [...all, `${detail.phone}: ${detail.ok ? "on the list" : detail.message}`]);
  return (
    <main>
      <h1>{name}</h1>
      <p>Connection: <output id="connection">{status}</output></p>
      {/* React 19 sets properties, and takes on + the event's name. */}
      <commdn-dnc id="dnc" connection={handle} phone={phone} customerId={customerId} confirm={asking ? "on" : "off"} disabled={!handle} oncommdn-result={settled} />
      <p>
        <label><input type="checkbox" id="asking" checked={asking} onChange={(e) => setAsking(e.target.checked)} /> ask before sending</label>{" "}
        <button type="button" id="next" onClick={() => setIndex(index + 1)}>Next call</button>
      </p>
      <ul id="results">{results.map((text, i) => <li key={i}>{text}</li>)}</ul>
    </main>
  );
}

createRoot(document.getElementById("app")).render(<StrictMode><App /></StrictMode>);
