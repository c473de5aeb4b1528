// Questions and orders to the server, and what it tells of itself.

export async function ask(path, order) {
  const options = order === undefined
    ? {}
    : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(order) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The page's server does not answer.");
  }
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  let reasons;
  try {
    reasons = JSON.parse(text).reasons.join(": ");
  } catch {
    reasons = text.trim();
  }
  throw new Error(reasons);
}

// Listens until the end; a connection that is lost is made again by the browser.
export function listen(handlers) {
  const source = new EventSource("/api/events");
  for (const [name, handle] of Object.entries(handlers)) {
    if (name !== "lost") source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  source.addEventListener("ended", () => source.close());
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED || !source.ended) handlers.lost();
  });
}
