// Modules that web/pack makes, or that only an example has.
declare module "*/custom-elements.js" {
  const manifest: { modules: any[]; [key: string]: any };
  export default manifest;
}
