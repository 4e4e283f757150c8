import { answerQuestions } from '../../platform/reader-thread/answer-questions.js';
import { compilePipeline, type PipelineFiles } from './compile-pipeline.js';
import { decideRun } from './decide-run.js';
import type { CompiledPipeline } from './pipeline.js';
import type { RunEvent } from './run-event.js';

/** What the thread that reads pipelines is asked: see pipeline-thread.ts. */
export type PipelineQuestion = { kind: 'compile'; files: PipelineFiles } | { kind: 'decide'; pipeline: CompiledPipeline; event: RunEvent };

// The YAML parser makes an Error of each fault, and a file may have one for every two characters.
Error.stackTraceLimit = 0;

answerQuestions((question: PipelineQuestion) => {
  switch (question.kind) {
    case 'compile':
      return compilePipeline(question.files);
    case 'decide':
      return decideRun(question.pipeline, question.event);
  }
});
