/**
 * Fails with words instead of a test that hangs. It bounds how long a broken hub can hold a test up; it asserts
 * nothing about speed.
 */
export async function deadline<T>(promise: Promise<T>, what: () => string, timeoutMs = 20_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what()}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
