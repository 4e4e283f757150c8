import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, GraphQLError } from 'graphql';
import { createContext, type GraphContext } from '../http/context.js';

type Results = AsyncGenerator<ExecutionResult, void, void>;
type SubscribeArgs = ExecutionArgs & { contextValue: GraphContext };
type OnRightsChanged = (listener: () => void) => () => void;

/**
 * As graphql-js' `subscribe`, but each event is resolved with loaders of its own, and the stream ends with the refusal when a
 * right that let it begin is withdrawn.
 */
export async function subscribe(args: SubscribeArgs, onRightsChanged: OnRightsChanged): Promise<Results | ExecutionResult> {
  let changed = false;
  let results: SubscriptionResults | null = null;
  // Before the rights are checked, so that no withdrawal is missed in between.
  const forget = onRightsChanged(() => {
    changed = true;
    void results?.checkRights();
  });
  const source = await createSourceEventStream(args).catch((error: unknown) => {
    forget();
    throw error;
  });
  if (!(Symbol.asyncIterator in source)) {
    forget();
    return source;
  }
  results = new SubscriptionResults(source[Symbol.asyncIterator](), args, forget);
  if (changed) void results.checkRights();
  return results;
}

/** `return()` and a refusal end a pending `next()` at once, even when the source's own `return()` would wait for its next event. */
class SubscriptionResults implements Results {
  private over = false;
  private refusal: GraphQLError | null = null;
  private interrupt: () => void = () => undefined;

  constructor(
    private readonly source: AsyncIterator<unknown>,
    private readonly args: SubscribeArgs,
    private readonly forget: () => void,
  ) {}

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    if (this.over) return { done: true, value: undefined };
    const event = this.refusal ? null : await this.nextEvent();
    if (this.refusal && !this.over) return this.refuse(this.refusal);
    if (this.over || event === null || event.done) return this.return();
    return { done: false, value: await this.resolve(event.value) };
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    this.close();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<ExecutionResult, void>> {
    this.close();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Looks up every right again that let this begin; a failure to look up ends it too, as nobody would ask again. */
  async checkRights(): Promise<void> {
    try {
      await Promise.all([...this.args.contextValue.decisions.values()].map((decision) => decision.again()));
    } catch (error) {
      this.refusal = new GraphQLError('Your right to see this was withdrawn.', { originalError: error as Error });
      this.interrupt();
    }
  }

  /** null: interrupted. */
  private nextEvent(): Promise<IteratorResult<unknown> | null> {
    return new Promise((resolve, reject) => {
      this.interrupt = () => resolve(null);
      this.source.next().then(resolve, (error: unknown) => {
        this.close();
        reject(error);
      });
    });
  }

  private async resolve(event: unknown): Promise<ExecutionResult> {
    return execute({ ...this.args, rootValue: event, contextValue: createContext(this.args.contextValue) });
  }

  private refuse(refusal: GraphQLError): IteratorResult<ExecutionResult, void> {
    this.close();
    return { done: false, value: { errors: [refusal] } };
  }

  private close(): void {
    if (this.over) return;
    this.over = true;
    this.forget();
    this.interrupt();
    // An async generator that waits for its next event answers this only after it; nobody waits for that.
    void Promise.resolve(this.source.return?.()).catch(() => undefined);
  }
}
