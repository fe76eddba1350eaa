// Times onnxruntime on the texts of `embed`, for comparison. Needs onnxruntime-node, installed anywhere outside this repository.
// Usage: node embed-baseline.mjs FOLDER_WITH_NODE_MODULES MODEL.onnx
// Reads one line of JSON from standard input: {"threads":1,"rounds":5,"cases":[{"rows":1,"columns":20,"ids":[...]}]}; for each such line
// writes one: {"milliseconds":[...]}, the fastest time of each case.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const [, , folder, model] = process.argv;
const ort = createRequire(join(folder, 'node_modules', 'x.js'))('onnxruntime-node');
const sessions = new Map();

async function openSession(threads) {
  if (!sessions.has(threads)) {
    sessions.set(threads, await ort.InferenceSession.create(model, { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: 'all' }));
  }
  return sessions.get(threads);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { threads, rounds, cases } = JSON.parse(line);
  const session = await openSession(threads);
  const milliseconds = [];
  for (const { rows, columns, ids } of cases) {
    const tensor = (values) => new ort.Tensor('int64', BigInt64Array.from(values), [rows, columns]);
    const feeds = {
      input_ids: tensor(ids.map(BigInt)),
      attention_mask: tensor(ids.map(() => 1n)),
      token_type_ids: tensor(ids.map(() => 0n)),
    };
    let fastest = Infinity;
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      await session.run(feeds);
      fastest = Math.min(fastest, performance.now() - start);
    }
    milliseconds.push(fastest);
  }
  console.log(JSON.stringify({ milliseconds }));
}
