/** Who gets every line that comes to the catch-all as well. */
export interface LineSink {
  /** `line`: without its newline. */
  write(service: string, stream: 'output' | 'errors', line: Uint8Array): void;
  /** What the tree has to say about a service. */
  note(service: string, message: string): void;
}
