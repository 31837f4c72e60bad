// Warns the builder of a host page of what looks like a mistake in its markup.

const bare = (name) => name.toLowerCase().replace(/[^a-z]/g, "");

// mistakes returns a function that looks at an element and says each thing once.
export function mistakes() {
  const said = new Set();
  const say = (text) => {
    if (said.has(text)) return;
    said.add(text);
    console.warn(`commdn: ${text}`);
  };
  return ({ el, kind }) => {
    for (const { name, value } of el.attributes) {
      const meant = kind.attributes.find((a) => a !== name && bare(a) === bare(name));
      if (meant && name !== "readOnly") {
        say(`<${el.localName}> passes over the attribute ${name}; it has ${meant}. A framework writes such attributes if it runs before commdn.js: load commdn.js first`);
      }
      if (kind.booleans?.includes(name) && value === "false") {
        say(`<${el.localName} ${name}="false"> means that it is ${name}; remove the attribute, or set the property ${name} to false`);
      }
    }
  };
}
