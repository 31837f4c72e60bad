import { Component, CUSTOM_ELEMENTS_SCHEMA, signal } from "@angular/core";

@Component({
  selector: "desk-app",
  // Otherwise Angular takes commdn-… for a mistake.
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <p>Call from {{ phone() }} <button class="next" (click)="next()">Next call</button> <button class="end" (click)="end()">End call</button></p>
    @if (phone()) {
      <commdn-dnc [phone]="phone()" [customerId]="customer()" keep="caller" (commdn-result)="settled($event)"></commdn-dnc>
    }
    <commdn-sequence group="501" [readonly]="reading()"></commdn-sequence>
    <ul>@for (text of results(); track $index) { <li>{{ text }}</li> }</ul>
  `,
})
export class App {
  readonly phone = signal("5551234567");
  readonly customer = signal<string | undefined>("C-1042");
  readonly reading = signal(true);
  readonly results = signal<string[]>([]);

  settled({ detail }: CustomEvent) {
    this.results.update((all) => [...all, `${detail.phone}: ${detail.ok ? "on the list" : detail.message}`]);
  }

  next() {
    this.phone.set("5550133019");
    this.customer.set(undefined);
    this.reading.set(false);
  }

  end() { this.phone.set(""); }
}
