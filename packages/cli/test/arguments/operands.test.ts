/** Operands that a command has no use for. */
import { expect, test } from 'vitest';
import { callCommand } from '../../src/arguments/call.ts';
import { EXIT } from '../../src/exit-codes.ts';

test('a command that takes no operands does not do its work when it is given some', async () => {
  // Of a live directory that is not there these would say 4, if they looked.
  for (const command of ['rc-shutdown', 'rc-init']) {
    expect(await callCommand(command, ['-l', '/nonexistent/live', 'web']), command).toBe(EXIT.usage);
  }
});
