import { expect, test } from 'vitest';
import { DisposableStack } from './disposable-stack.js';

test('everything is undone once, in reverse order', () => {
  const order: string[] = [];
  const stack = new DisposableStack();
  const resource = { [Symbol.dispose]: () => void order.push('used') };
  expect(stack.use(resource)).toBe(resource);
  expect(stack.adopt(7, (value) => void order.push(`adopted ${value}`))).toBe(7);
  stack.defer(() => void order.push('deferred'));
  stack.use(undefined);
  stack.dispose();
  stack.dispose();
  expect(order).toEqual(['deferred', 'adopted 7', 'used']);
  expect(stack.disposed).toBe(true);
});

test('move leaves the old stack empty and closed', () => {
  const order: string[] = [];
  const stack = new DisposableStack();
  stack.defer(() => void order.push('a'));
  stack.defer(() => void order.push('b'));
  const moved = stack.move();
  stack.dispose();
  expect(order).toEqual([]);
  moved.dispose();
  expect(order).toEqual(['b', 'a']);
  expect(() => stack.defer(() => {})).toThrow(ReferenceError);
  expect(() => stack.move()).toThrow(ReferenceError);
});

test('a disposer that throws does not keep the others from running, and no error is lost', () => {
  const order: string[] = [];
  const stack = new DisposableStack();
  stack.defer(() => void order.push('first'));
  for (const name of ['second', 'third']) {
    stack.defer(() => {
      throw new Error(name);
    });
  }
  expect(() => stack.dispose()).toThrow(
    expect.objectContaining({
      name: 'SuppressedError',
      error: expect.objectContaining({ message: 'second' }),
      suppressed: expect.objectContaining({ message: 'third' }),
    }),
  );
  expect(order).toEqual(['first']);
});

test('a single error is thrown as it is', () => {
  const stack = new DisposableStack();
  const error = new Error('alone');
  stack.defer(() => {
    throw error;
  });
  expect(() => stack.dispose()).toThrow(error);
});
