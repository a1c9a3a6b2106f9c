import { CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { loadConfig } from '../config/load-config.js';
import { EXIT, type Host } from './host.js';
import { buildProgram } from './program.js';

/** Runs one command line to its end and answers the exit code. Failures are told on stderr, in words. */
export async function run(host: Host): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram({
    async run({ config: file, settings, ...options }) {
      const config = loadConfig({ file, flags: settings }, host.env);
      // Readings and tokens are for the user of the bridge alone.
      process.umask(0o077);
      const { runBridge } = await import('./run-bridge.js');
      exitCode = await runBridge(config, options, host);
    },
    async monitor(flags) {
      const { runMonitor } = await import('../monitor/run-monitor.js');
      await runMonitor(flags, host);
    },
    async list(json) {
      const { listPorts } = await import('./list-ports.js');
      await listPorts(json, host);
    },
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void host.stderr.write(text),
    });
  }
  try {
    await program.parseAsync([...host.argv]);
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong; its exit code is 0 after --help and --version.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    host.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof ConfigError ? EXIT.usage : EXIT.failed;
  }
}
