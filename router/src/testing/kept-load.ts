import { once } from 'node:events';
import { Agent, request } from 'node:http';

/** Requests over connections that are kept, until `count` have been answered; what went wrong. */
export async function keptLoad(port: number, count: number, connections: number, method = 'GET'): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const failed: string[] = [];
  const one = async () => {
    const asking = request({ host: '127.0.0.1', port, agent, method, headers: method === 'POST' ? { 'Content-Length': 3 } : {} });
    asking.end(method === 'POST' ? 'pay' : undefined);
    const [answer] = await once(asking, 'response');
    answer.resume();
    await once(answer, 'end');
    if (answer.statusCode !== 200) failed.push(String(answer.statusCode));
  };
  let left = count;
  const worker = async () => {
    while (left-- > 0) await one().catch((error: Error) => failed.push(error.message));
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return failed;
}
