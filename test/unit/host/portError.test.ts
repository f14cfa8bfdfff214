import assert from 'node:assert/strict';
import { PortError, portError } from '../../../src/host/portError.ts';

describe('errors of ports', () => {
  const check = (message: string, expected: string): void => {
    const error = portError(new Error(message), 6443);
    assert.ok(error instanceof PortError);
    assert.equal(error.message.split('.')[3], expected);
  };

  it('are sentences', () => {
    check('listen EADDRINUSE: address already in use', '1 is in use by another program');
    check('No address added: [listen EADDRINUSE]', '1 is in use by another program');
    check('listen EACCES: permission denied', '1 is only for privileged users');
  });

  it('are left as they are when they are about something else', () => {
    const other = new Error('ENOENT');
    assert.equal(portError(other, 1), other);
  });
});
