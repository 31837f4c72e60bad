// What an app of React 19 in TypeScript does. It is checked, not run; each line
// that is said to be wrong must be refused.
import { useRef } from "react";
import { type CommdnDncElement, type Connection } from "commdn";
import type {} from "commdn/react";

export function Caller({ handle, phone }: { handle: Connection | null; phone: string | undefined }) {
  const dnc = useRef<CommdnDncElement>(null);
  return (
    <>
      <commdn-dnc ref={dnc} key="dnc" className="wide" lang="de" connection={handle} phone={phone} chooseChain disabled={!handle} oncommdn-result={({ detail }) => console.log(detail.ok, detail.phone)} />
      <commdn-campaigns sort="-changed" hours={6} style={{ height: 500 }} oncommdn-select={(event) => console.log(event.detail.rows.length)} />
      <commdn-status detail="full" density={null} />
      {/* @ts-expect-error: the number is a string */}
      <commdn-dnc phone={5551234567} />
      {/* @ts-expect-error: no such attribute */}
      <commdn-dnc number="5551234567" />
      {/* @ts-expect-error: the event has no such detail */}
      <commdn-dnc oncommdn-result={({ detail }) => console.log(detail.noise)} />
      {/* @ts-expect-error: no such element */}
      <commdn-nothing />
    </>
  );
}
