// A small client of MemoryMesh that needs nothing but fetch: Node.js 18 or newer, Deno, Bun, a browser.
//   MEMORYMESH_URL=http://localhost:8000 MEMORYMESH_API_KEY=mm_... node memorymesh.mjs

/** An answer that is not 2xx: problem details (RFC 9457). */
export class MemoryMeshError extends Error {
  constructor(status, problem) {
    super(`${status} ${problem.title ?? ""}: ${problem.detail ?? ""} ${problem.errors ? JSON.stringify(problem.errors) : ""}`.trim());
    this.status = status;
    this.type = problem.type ?? "";
  }
}

export class MemoryMesh {
  #url;
  #apiKey;

  constructor(url, apiKey) {
    this.#url = url.replace(/\/$/, "");
    this.#apiKey = apiKey;
  }

  /** Stores a message; with wait "memories" the answer comes when what there is to learn from it was learned. */
  storeMessage(message, wait = "memories") {
    return this.#send("POST", "/v1/messages", { query: { wait }, body: message });
  }

  /** What an assistant should know before it answers: recent messages, memories, and a text to paste. */
  context(conversationId, userId, query, maxTokens = 1000) {
    return this.#send("GET", `/v1/context/${encodeURIComponent(conversationId)}`, { query: { user_id: userId, query, max_tokens: maxTokens } });
  }

  /** Messages that answer a query, best first. */
  async search(query, topK = 5) {
    return (await this.#send("GET", "/v1/memory/search", { query: { query, top_k: topK } })).results;
  }

  addMemory(userId, text) {
    return this.#send("POST", "/v1/memories", { body: { user_id: userId, text } });
  }

  /** Every memory of a user, page by page. */
  async *memories(userId) {
    for (let page = 1, seen = 0; ; page++) {
      const answer = await this.#send("GET", "/v1/memories", { query: { user_id: userId, page } });
      yield* answer.memories;
      seen += answer.memories.length;
      if (seen >= answer.count || answer.memories.length === 0) return;
    }
  }

  getMemory(id) {
    return this.#send("GET", `/v1/memories/${id}`);
  }

  deleteMemory(id) {
    return this.#send("DELETE", `/v1/memories/${id}`);
  }

  async #send(method, path, { query, body } = {}) {
    const headers = { "x-api-key": this.#apiKey };
    if (body) headers["Content-Type"] = "application/json";
    // Sent again with the same key, a request has its effect once.
    if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
    const response = await fetch(this.#url + path + (query ? "?" + new URLSearchParams(query) : ""), {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const json = (response.headers.get("Content-Type") ?? "").includes("json") && text ? JSON.parse(text) : null;
    if (!response.ok) throw new MemoryMeshError(response.status, json ?? {});
    return json;
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const client = new MemoryMesh(process.env.MEMORYMESH_URL ?? "http://localhost:8000", process.env.MEMORYMESH_API_KEY);
  const user = `javascript-${crypto.randomUUID()}`;

  await client.storeMessage({ conversation_id: `${user}-a`, user_id: user, role: "user", content: "My name is Honda. I prefer Python over JavaScript." });
  console.log("found:", (await client.search("Python"))[0].message.content);
  console.log("context:", (await client.context(`${user}-b`, user, "Which language should I use?")).text);

  const added = await client.addMemory(user, "Works from home on Fridays.");
  let count = 0;
  for await (const _ of client.memories(user)) count++;
  console.log("memories:", count);
  await client.deleteMemory(added.id);
  try {
    await client.getMemory(added.id);
  } catch (error) {
    console.log("deleted:", error.status, error.type);
  }
}
