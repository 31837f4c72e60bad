// Modules that web/pack makes, or that only an example has.
declare module "*/custom-elements.js" {
  const manifest: { modules: any[]; [key: string]: any };
  export default manifest;
}
declare module "__RUNTIME__" {
  const make: (globalThis: object) => any;
  export default make;
}
