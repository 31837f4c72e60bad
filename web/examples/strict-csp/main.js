import { connect } from "http://localhost:8080/commdn.js";

// First of all: show whatever the policy blocks.
let violations = 0;
document.addEventListener("securitypolicyviolation", (event) => {
  document.getElementById("violations").textContent = `${++violations}, the last: ${event.effectiveDirective} ${event.blockedURI}`;
});

connect({ token: "agent=Dana Whitfield" });
