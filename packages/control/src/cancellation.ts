/** A caller's signal, and what is under way for it. */
import type { Execution } from '@muster/core/execute/executor';

/**
 * Has `signal` cancel `execution`, at once if it was aborted before; `told` is called first. Returns what is to be called when
 * the execution is over.
 */
export function cancelOn(signal: AbortSignal, execution: Execution, told: () => void = () => {}): () => void {
  const cancel = () => {
    told();
    execution.cancel();
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
