// Loaded into the hub by a test (NODE_OPTIONS=--require): on SIGUSR2 it tells what hangs on Object.prototype.
process.on('SIGUSR2', () => {
  const names = [Object.prototype, Array.prototype, Function.prototype].flatMap((prototype) =>
    Reflect.ownKeys(prototype).map(String),
  );
  process.stdout.write(`prototypes: ${names.join(' ')}\n`);
});
