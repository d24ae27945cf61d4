/** What a service's processes have as standard input, output and error, and how descriptors are handed over. */
import type { SupervisedService } from './supervised-service.ts';

/** The pipe between a service and its logger, at our end of either. */
export interface ServiceStreams {
  readonly stdin?: number;
  readonly stdout?: number;
}

/** Descriptors for one child. */
export interface PassedDescriptors {
  readonly descriptors: readonly (readonly [own: number, childs: number])[];
  /** Closes those that were opened for it, once it has them. */
  close(): void;
}

export class StandardStreams {
  #streams: ServiceStreams;

  constructor(
    readonly service: SupervisedService,
    streams: ServiceStreams,
  ) {
    this.#streams = streams;
  }

  /** From now on processes get /dev/null in place of the pipe, so that a logger reads its end. */
  discard(): void {
    const { nothing } = this.service.host;
    this.#streams = { stdin: nothing, stdout: nothing };
  }

  /** For one process. */
  open(): PassedDescriptors {
    const { stdin, stdout } = this.#streams;
    const { name, host } = this.service;
    const caught = host.output?.open(name);
    const errors = host.output?.openErrors?.(name);
    const descriptors: [number, number][] = [];
    if (stdin !== undefined) descriptors.push([stdin, 0]);
    const output = stdout ?? caught;
    if (output !== undefined) descriptors.push([output, 1]);
    if (caught !== undefined) descriptors.push([errors ?? caught, 2]);
    const close = () => {
      for (const own of [caught, errors]) if (own !== undefined) host.system.files.close(own);
    };
    return { descriptors, close };
  }
}
