import { createElement } from "lwc";
import App from "desk/app";

document.body.append(createElement("desk-app", { is: App }));
