import { expect, test } from 'vitest';
import { readProblem } from './read-problem.js';

test('the code and the detail of a problem', () => {
  const problem = { type: 'about:blank', title: 'Conflict', status: 409, code: 'busy', detail: 'come later' };
  expect(readProblem(problem)).toEqual({ code: 'busy', detail: 'come later' });
});

test('the title where there is no detail', () => {
  expect(readProblem({ title: 'Bad Gateway' })).toEqual({ detail: 'Bad Gateway' });
  expect(readProblem({ title: 'Bad Gateway', detail: '' })).toEqual({ detail: 'Bad Gateway' });
});

test.each([null, undefined, '<html>', 7, [], {}, { code: 7, detail: {}, title: null }])(
  'nothing of %j',
  (body) => {
    expect(readProblem(body)).toEqual({});
  },
);
