import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';

/** Removes a device, after its id was typed once more, or at once with `yes`. */
export async function removeDevice(context: Context, id: string, options: { yes?: true }): Promise<void> {
  const { terminal } = context;
  const client = await context.hub();
  const device = await client.device(id);
  if (!options.yes) {
    const state = device.online ? 'It is connected, and will be disconnected.' : 'It is not connected.';
    const answer = await terminal.ask(`Remove ${id} and its tokens? ${state} Type its id to go on:`);
    if (answer === null) {
      throw new CliError(`Nobody is there to ask whether ${id} may go.`, {
        exitCode: EXIT.usage,
        hint: 'Add --yes to remove it without a question.',
      });
    }
    if (answer.trim() !== id) return terminal.note(`Nothing was removed.`);
  }
  await client.removeDevice(id);
  terminal.note(`Device ${id} is removed.`);
}
