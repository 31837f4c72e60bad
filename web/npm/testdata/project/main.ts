// What a host page in TypeScript does. It is checked, not run; each line that is
// said to be wrong must be refused.
import { connect, OcsError } from "commdn";

const handle = connect({ url: "https://commdn.example.com/", getToken: async () => "token", locale: "de" });
// @ts-expect-error: no such option
connect({ uri: "https://commdn.example.com/" });

// @ts-expect-error: a token, or a function that gets one
connect({ token: "token", getToken: async () => "token" });

export async function block(phone: string, signal: AbortSignal): Promise<string> {
  try {
    const result = await handle.doNotCall({ phone, chain: "AllChain" }, { signal, timeout: 20_000 });
    for (const answer of result.ocs ?? []) console.log(answer.dbid, answer.ok);
    return result.state;
  } catch (error) {
    if (error instanceof OcsError) return `${error.code} ${error.ocsName}`;
    throw error;
  }
}

// @ts-expect-error: the number is a string
void handle.doNotCall({ phone: 5551234567 });
// @ts-expect-error: no such chain
void handle.doNotCall({ phone: "5551234567", chain: "Everything" });
// @ts-expect-error: whom?
void handle.doNotCall({});
void handle.doNotCall({ customerId: "C-1042", target: 201 });
// @ts-expect-error: whom?
void handle.cancelRecord({ campaignName: "Spring" });

// @ts-expect-error: only the relay changes the status
handle.status.link.up = true;
// @ts-expect-error: only the relay changes the status
handle.status.identity.roles.push("supervisor");

const stop: () => void = handle.on("status", (status) => console.log(status.state));
stop();
// @ts-expect-error: no such event
handle.on("noise", () => {});

const button = document.createElement("commdn-dnc");
button.phone = "5551234567";
button.customerId = "C-1042";
button.chooseChain = true;
button.chain = "RecordOnly";
button.density = "compact";
button.connection = handle;
// @ts-expect-error: present or absent
button.disabled = "yes";
// @ts-expect-error: no such density
button.density = "tight";
button.addEventListener("commdn-result", (event) => console.log(event.detail.ok, event.detail.phone));
document.querySelector("commdn-campaigns")?.addEventListener("commdn-state", ({ detail }) => console.log(detail.state));
document.addEventListener("commdn-result", ({ detail }) => console.log(detail.ok));
window.addEventListener("commdn-status", ({ detail }) => console.log(detail.level));
// @ts-expect-error: no such detail
document.addEventListener("commdn-export", ({ detail }) => console.log(detail.phone));
const sequence = document.createElement("commdn-sequence");
sequence.readOnly = true;
sequence.keep = "draft";

handle.destroy();
