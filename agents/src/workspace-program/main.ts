import { readFileSync } from 'node:fs';
import { type Message, Refused, type Request } from './messages.ts';
import { pack } from './pack.ts';
import { unpack } from './unpack.ts';

/** `node main.js <request file>`, in the folder that the request is about. */
const tell = (message: Message): void => {
  process.stderr.write(`${JSON.stringify(message)}\n`);
};

async function answer(request: Request): Promise<void> {
  switch (request.do) {
    case 'pack':
      return pack(request, process.stdout, tell);
    case 'unpack':
      return unpack(request, tell);
    case 'reports': {
      const { readReports } = await import('./read-reports.ts');
      return readReports(request, process.stdout, tell);
    }
  }
}

process.umask(0o022); // whatever the agent has: what is unpacked is the same everywhere
try {
  await answer(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Request);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  tell({ kind: 'refused', reason: error.reason, text: error.message });
}
