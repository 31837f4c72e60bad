// Four builds of the same page: development and production, each with native and with
// synthetic shadow. A project has one of them.
import lwc from "@lwc/rollup-plugin";
import resolve from "@rollup/plugin-node-resolve";
import replace from "@rollup/plugin-replace";

export default ["development", "production"].flatMap((mode) => ["native", "synthetic"].map((shadow) => ({
  input: `src/${shadow}.js`,
  output: { file: `dist/${mode}-${shadow}.js`, format: "esm" },
  plugins: [
    replace({ "process.env.NODE_ENV": JSON.stringify(mode), preventAssignment: true }),
    resolve(),
    lwc({ rootDir: "src", modules: [{ dir: "modules" }], enableLwcOn: true, disableSyntheticShadowSupport: shadow === "native" }),
  ],
})));
