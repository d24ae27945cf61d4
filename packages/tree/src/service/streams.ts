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
    const caught = this.service.host.output?.open(this.service.name);
    const descriptors: [number, number][] = [];
    if (stdin !== undefined) descriptors.push([stdin, 0]);
    const output = stdout ?? caught;
    if (output !== undefined) descriptors.push([output, 1]);
    if (caught !== undefined) descriptors.push([caught, 2]);
    return { descriptors, close: () => caught !== undefined && this.service.host.system.files.close(caught) };
  }
}
