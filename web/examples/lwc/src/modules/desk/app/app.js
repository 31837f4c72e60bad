import { LightningElement } from "lwc";

export default class App extends LightningElement {
  phone = "5551234567";
  customer = "C-1042";
  reading = true;
  results = [];

  // A template takes no on… with a hyphen; lwc:on does, where the compiler has enableLwcOn.
  listeners = {
    "commdn-result": ({ detail }) => {
      this.results = [...this.results, { id: detail.id, text: `${detail.phone}: ${detail.ok ? "on the list" : detail.message}` }];
    },
  };

  next() {
    this.phone = "5550133019";
    this.customer = undefined;
    this.reading = false;
  }

  end() { this.phone = ""; }
}
