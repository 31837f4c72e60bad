import { connect, OcsError } from "http://localhost:8080/commdn.js";

const $ = (id) => document.getElementById(id);

// connect() calls it before each connection, and before a token expires. Get an access
// token of the desktop's user here; the demo takes the names of roles.
let asked = 0;
async function getToken() {
  $("tokens").textContent = String(++asked);
  return "agent=Dana Whitfield";
}

const commdn = connect({ url: "http://localhost:8080/", getToken });

$("block").addEventListener("click", async () => {
  try {
    const result = await commdn.doNotCall({ phone: "5550104477" }, { timeout: 20_000 });
    $("result").textContent = `${result.phone} is on the list`;
  } catch (error) {
    $("result").textContent = error instanceof OcsError ? `OCS refused: ${error.ocsName}` : `${error.name}: ${error.message}`;
  }
});
