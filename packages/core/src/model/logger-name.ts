/** What the logger is called that a longrun gets by its `log`. */
export function loggerName(producer: string): string {
  return `${producer}-log`;
}
