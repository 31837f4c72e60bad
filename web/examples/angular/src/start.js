// index.html?zoneless takes the other build.
import(`./${location.search.slice(1) || "zone"}.js`);
