import pg from 'pg';
import type { LogLines } from '../lib/api.ts';
import type { Bench } from '../lib/bench.ts';
import { bulkFloor } from '../lib/bulk-floor.ts';
import { BYTES_A_LINE, LINES, linesProgram, SECRETS, secretName } from '../lib/bulk-lines.ts';
import { Installation } from '../lib/installation.ts';
import { forgetPeak, peakMib } from '../lib/processes.ts';
import { makeRepository } from '../lib/repository.ts';
import { eventually } from '../lib/wait.ts';

const PIPELINE = `on: manual
jobs:
  bulk:
    kind: build
    secrets: [${SECRETS.map((_, n) => secretName(n)).join(', ')}]
    steps:
      - name: Make
        run: awk -f lines.awk > /tmp/lines
      - name: Print
        run: cat /tmp/lines
`;

/** One job prints as fast as it can, one viewer reads along. Each line is looked at afterwards: all there, in order, masked. */
export const bench: Bench = async () => {
  await using installation = await Installation.running({ SLIPWAY_SAMPLE: 'off' });
  const { api } = installation;
  const repository = await makeRepository(installation, 'bulk', { '.slipway.yml': PIPELINE, 'lines.awk': linesProgram });
  for (const [n, value] of SECRETS.entries())
    await api.query('mutation ($name: String!, $value: String!) { setSecret(project: "bulk", name: $name, value: $value) { name } }', {
      name: secretName(n),
      value,
    });
  const [agent, server] = [await installation.pidOf('agent'), await installation.pidOf('server')];
  for (const pid of [agent, server]) forgetPeak(pid);
  const seen = await printAndWatch(installation, repository.id);
  const peaks = { agent: peakMib(agent), server: peakMib(server) };
  checkLines(seen.texts);
  const floor = await bulkFloor(installation);
  const rate = LINES / seen.viewedS;
  return {
    rows: [
      { what: 'lines to the viewer', value: rate, unit: 'lines/s', floor, aim: { least: 200_000, ratio: 5 } },
      { what: 'lines sealed', value: LINES / seen.sealedS, unit: 'lines/s', floor, aim: { least: 200_000, ratio: 5 } },
      { what: 'agent, largest memory', value: peaks.agent, unit: 'MiB', aim: { most: 150 } },
      { what: 'server, largest memory', value: peaks.server, unit: 'MiB', aim: { most: 250 } },
    ],
    notes: [
      `${LINES.toLocaleString('en')} lines of ${BYTES_A_LINE} bytes by "cat", with ${SECRETS.length} secrets masked; a secret in one line of 1,000. Counted from the agent's time of the first line.`,
      `The viewer is a Node client of graphql-ws, which got ${seen.batches} batches; it checked that every line came once, in order, and without a secret.`,
      'Floor: the same bytes through the same nats-server, publisher → JetStream → web socket, in 64 KiB chunks and as three processes.',
    ],
  };
};

async function printAndWatch(installation: Installation, repositoryId: string) {
  const { databaseUrl } = await installation.services();
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  await using live = installation.api.open();
  const { jobs } = await installation.api.trigger(repositoryId);
  const jobId = (jobs[0] as { id: string }).id;
  const texts: LogLines[] = [];
  let firstAt = Number.NaN;
  const followed = live.followLog(jobId, (lines) => {
    texts.push(lines);
    if (Number.isNaN(firstAt) && lines.text.startsWith('0000001 ')) firstAt = lines.times[0] as number;
    const first = lines.text.indexOf('\n0000001 ');
    if (Number.isNaN(firstAt) && first >= 0) firstAt = lines.times[lines.text.slice(0, first).split('\n').length] as number;
  });
  const sealed = eventually(
    'the log to be sealed',
    async () => {
      const { rows } = await database.query(
        'select 1 from logs l join attempts a on a.id = l.attempt_id where a.job_id = $1 and l.complete',
        [jobId],
      );
      return rows.length > 0 && Date.now();
    },
    { timeoutMs: 60_000 },
  );
  await followed;
  const viewedAt = Date.now();
  const sealedAt = await sealed;
  await database.end();
  return { texts, batches: texts.length, viewedS: (viewedAt - firstAt) / 1000, sealedS: (sealedAt - firstAt) / 1000 };
}

function checkLines(batches: LogLines[]): void {
  let expected = 1;
  let open = '';
  const check = (line: string) => {
    if (!/^\d{7} /.test(line)) return;
    if (Number(line.slice(0, 7)) !== expected) throw new Error(`Line ${expected} was expected, and this came: ${line}`);
    if (SECRETS.some((secret) => line.includes(secret))) throw new Error(`A secret was shown: ${line}`);
    if (expected % 1_000 === 0 && !line.includes('***')) throw new Error(`Nothing was masked in: ${line}`);
    expected += 1;
  };
  for (const { text, startsInsideLine, lineCount } of batches) {
    if (lineCount === 0 && text === '') continue;
    const lines = text.split('\n');
    if (startsInsideLine) lines[0] = open + lines[0];
    else check(open);
    open = lines.pop() as string;
    for (const line of lines) check(line);
  }
  check(open);
  const shown = batches.map(({ text }) => text).join('\n');
  if (expected !== LINES + 1)
    throw new Error(`${LINES} lines were printed, and ${expected - 1} came. The end of the log:\n${shown.slice(-1_000)}`);
}
