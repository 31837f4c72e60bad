document.addEventListener("commdn-result", (event) => {
  const { ok, phone, message } = event.detail;
  document.getElementById("result").textContent = ok ? `${phone} is on the list` : message;
});
