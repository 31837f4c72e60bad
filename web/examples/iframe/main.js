// The parent page of frame.html. All messages have commdn: 1 in them.
const relay = "http://localhost:8080";
const $ = (id) => document.getElementById(id);
const frame = $("frame");
const asked = new Map(); // id -> [resolve, reject]
let last = 0;

// To the relay's origin and to no other: the frame may show another page by now.
const tell = (message) => frame.contentWindow.postMessage({ commdn: 1, ...message }, new URL(relay).origin);

function request(method, args, options) {
  return new Promise((resolve, reject) => {
    asked.set(++last, [resolve, reject]);
    tell({ type: "request", id: last, method, args, options });
  });
}

addEventListener("message", ({ source, origin, data }) => {
  if (source !== frame.contentWindow || origin !== new URL(relay).origin || data?.commdn !== 1) return;
  switch (data.type) {
    case "ready":
      $("said").textContent = `ready: ${data.element}`;
      break;
    case "need-token": // as connect()'s getToken
      tell({ type: "token", token: "agent=Dana Whitfield" });
      break;
    case "size":
      frame.style.height = `${data.height}px`;
      break;
    case "event":
      $("said").textContent = `${data.name}: ${data.detail.state}`;
      break;
    case "response": {
      const [resolve, reject] = asked.get(data.id) ?? [];
      asked.delete(data.id);
      if (data.ok) resolve?.(data.result);
      else reject?.(data.error);
    }
  }
});

$("next").addEventListener("click", () => tell({ type: "set", attributes: { phone: "5550133019", "customer-id": null } }));
$("ask").addEventListener("click", async () => {
  try {
    const { phone } = await request("doNotCall", { phone: "5550104477" }, { timeout: 20_000 });
    $("result").textContent = `${phone} is on the list`;
  } catch (error) {
    $("result").textContent = `${error.name}: ${error.message}`;
  }
});
