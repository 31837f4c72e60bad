import "@lwc/synthetic-shadow";
import "./native.js";
