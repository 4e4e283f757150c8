import { ReaderThread, TooCostly } from '../../platform/reader-thread/reader-thread.js';
import { PIPELINE_FILE, type PipelineFiles } from './compile-pipeline.js';
import { type Compiled, refused } from './compiled.js';
import type { Decision } from './decide-run.js';
import type { CompiledPipeline } from './pipeline.js';
import type { PipelineQuestion } from './pipeline-program.js';
import type { RunEvent } from './run-event.js';

/** The worst files of 256 KiB that are known take a second or two, and 200 MiB. */
const thread = new ReaderThread<PipelineQuestion, unknown>({
  program: new URL('./pipeline-program.js', import.meta.url),
  timeLimitMs: 5_000,
  memoryMib: 384,
  idleMs: 60_000,
});

/** See compilePipeline. What takes too long is a pipeline with a problem. */
export async function compileApart(files: PipelineFiles): Promise<Compiled> {
  try {
    return (await thread.ask({ kind: 'compile', files })) as Compiled;
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    return refused([
      {
        file: files.pipelineYaml === null ? 'package.json' : PIPELINE_FILE,
        line: null,
        column: null,
        message: `The pipeline takes too long to read, because it needs more ${error.limit} than any pipeline may.`,
        remedy: 'Make the file smaller and use fewer anchors and aliases; move long scripts into files of their own and run those.',
      },
    ]);
  }
}

/** See decideRun. What can't be decided in time starts nothing: a filter may be what keeps a deployment from happening. */
export async function decideApart(pipeline: CompiledPipeline, event: RunEvent): Promise<Decision> {
  try {
    return (await thread.ask({ kind: 'decide', pipeline, event })) as Decision;
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    const message = `The filters of the pipeline need more ${error.limit} than they may use. Use fewer patterns, with fewer stars.`;
    return { start: false, code: 'filters_too_costly', message };
  }
}
