// Fails where the package's Custom Elements Manifest does not follow its schema,
// or where the package does not resolve.
import { readFileSync } from "node:fs";
import Ajv from "ajv";

const read = (name) => JSON.parse(readFileSync(new URL(import.meta.resolve(name)), "utf8"));
const validate = new Ajv({ strict: false, allowUnionTypes: true }).compile(read("custom-elements-manifest/schema.json"));
const manifest = read("commdn/custom-elements.json");
if (!validate(manifest)) throw new Error(JSON.stringify(validate.errors, null, 2));
const module = manifest.modules[0].path;
if (!import.meta.resolve("commdn").endsWith(`/${module}`)) throw new Error(`commdn does not resolve to ${module}`);
