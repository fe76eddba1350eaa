// Drives mem0ai's open-source memory for `versus-mem0`. Needs mem0ai, better-sqlite3 and compromise, installed anywhere outside this repository.
// Usage: node versus-mem0.mjs FOLDER_WITH_NODE_MODULES FOLDER_FOR_ITS_DATA EMBEDDINGS_URL KEY MODEL DIMENSIONS
// Reads one line of JSON from standard input at a time, {"add":[texts]} or {"search":[queries]}, and writes one: {"milliseconds":[...],"found":n},
// the time of each call and how many results the searches had in all. Texts are stored as they are, without a language model.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const [, , folder, data, baseURL, apiKey, model, dimensions] = process.argv;
process.env.MEM0_TELEMETRY = 'false';
process.env.MEM0_DIR = data;
// What it prints must not stand among the answers.
console.log = console.info = console.warn = console.error;

const { Memory } = createRequire(join(folder, 'node_modules', 'x.js'))('mem0ai/oss');
const userId = 'bench';
const openai = { provider: 'openai', config: { apiKey, baseURL, model, embeddingDims: Number(dimensions) } };
const memory = new Memory({
  embedder: openai,
  llm: openai,
  vectorStore: { provider: 'memory', config: { collectionName: 'bench', dimension: Number(dimensions), dbPath: join(data, 'vectors.db') } },
  historyStore: { provider: 'sqlite', config: { historyDbPath: join(data, 'history.db') } },
});

for await (const line of createInterface({ input: process.stdin })) {
  const { add = [], search = [] } = JSON.parse(line);
  const milliseconds = [];
  let found = 0;
  for (const content of add) {
    const start = performance.now();
    await memory.add([{ role: 'user', content }], { userId, infer: false });
    milliseconds.push(performance.now() - start);
  }
  for (const query of search) {
    const start = performance.now();
    const { results } = await memory.search(query, { filters: { user_id: userId }, topK: 10, threshold: 0 });
    milliseconds.push(performance.now() - start);
    found += results.length;
  }
  process.stdout.write(`${JSON.stringify({ milliseconds, found })}\n`);
}
