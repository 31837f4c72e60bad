// Types of the custom elements in the JSX of React 19, which sets their
// properties and takes "on" with an event's name:
//   import type {} from "commdn/react";
//   <commdn-dnc phone={phone} oncommdn-result={({ detail }) => …} />
import type { ClassAttributes, HTMLAttributes } from "react";
import type { CommdnElement } from "./commdn.js";

/** The element's own properties; null and undefined remove the attribute. */
type Properties<E> = { [P in Exclude<keyof E, keyof HTMLElement>]?: E[P] | null | undefined };

type Listeners = {
  [N in keyof HTMLElementEventMap as N extends `commdn-${string}` ? `on${N}` : never]?: ((event: HTMLElementEventMap[N]) => void) | undefined;
};

type Elements = {
  [T in keyof HTMLElementTagNameMap as HTMLElementTagNameMap[T] extends CommdnElement ? T : never]:
    Omit<HTMLAttributes<HTMLElementTagNameMap[T]>, keyof Properties<HTMLElementTagNameMap[T]>> & ClassAttributes<HTMLElementTagNameMap[T]> & Properties<HTMLElementTagNameMap[T]> & Listeners;
};

declare module "react" {
  namespace JSX {
    interface IntrinsicElements extends Elements {}
  }
}
