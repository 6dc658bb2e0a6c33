// The line to the server: JSON requests, files, and streams of events.

/** POST JSON; gives the answer's object with `ok` and `status`. A server that is gone is an error like any other. */
export async function post(path, body) {
  return answer(() =>
    fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  );
}

/** Hand over a file that was picked; gives `{ok, upload, filename, size, content_type}`. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file, file.name);
  return answer(() => fetch("/api/uploads", { method: "POST", body: form }));
}

/** GET JSON, a list or an object. */
export async function get(path) {
  const response = await fetch(path);
  return response.json();
}

/** Listen to server-sent events by name; gives a function that ends it. The browser reconnects by itself. */
export function listen(path, handlers) {
  const source = new EventSource(path);
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handler(event.data ? JSON.parse(event.data) : undefined));
  }
  return () => source.close();
}

async function answer(send) {
  try {
    const response = await send();
    return { ...(await response.json()), ok: response.ok, status: response.status };
  } catch {
    return { ok: false, status: 0, error: "The playground does not answer: is it still running?" };
  }
}
