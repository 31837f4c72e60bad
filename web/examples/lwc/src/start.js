// index.html?development-synthetic takes another build.
import(`./${location.search.slice(1) || "production-native"}.js`);
