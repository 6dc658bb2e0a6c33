// The line to the server: JSON requests, files, and streams of events.

const RETRY = 1000; // milliseconds until a line that was cut is tried again

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

/** Listen to a stream's events by name, and "error" when the line is cut, which is tried again; gives a function that ends it. */
export function listen(path, handlers) {
  let socket, again;
  const connect = () => {
    socket = new WebSocket(`ws://${location.host}${path}`);
    socket.onmessage = (event) => {
      const [name, data] = JSON.parse(event.data);
      handlers[name](data);
    };
    socket.onclose = () => {
      handlers.error?.();
      again = setTimeout(connect, RETRY);
    };
  };
  connect();
  return () => {
    clearTimeout(again);
    socket.onmessage = socket.onclose = null;
    socket.close();
  };
}

async function answer(send) {
  try {
    const response = await send();
    return { ...(await response.json()), ok: response.ok, status: response.status };
  } catch {
    return { ok: false, status: 0, error: "The playground does not answer: is it still running?" };
  }
}
