import { hubVersion } from '../../version.js';
import { type Finding, fail, ok, warn } from '../finding.js';
import type { Scene } from '../scene.js';

const DOCS = 'docs/operations.md';

const TROUBLE: Readonly<Record<string, string>> = {
  disk_full: `Make space on the disk of the data directory; the hub goes on by itself (${DOCS}, "When the disk fills").`,
  journal_full: `The history has not confirmed for long: see its sink below (${DOCS}, "When the disk fills").`,
  sync_failed:
    'The disk fails to keep what is written to it: look at the log of the kernel (dmesg), and replace it.',
};

/** Whether a hub answers, which one, and whether it takes readings. */
export function checkHub({ hub, data }: Scene): Finding[] {
  if (!hub.isThere) {
    const runs = data?.pid ?? null;
    if (runs === null)
      return [fail('hub', 'hub_away', `nobody answers at ${hub.url}: ${hub.reason}`, hub.remedy)];
    const message = `process ${runs} has the data directory open, and does not answer at ${hub.url}: ${hub.reason}`;
    const remedy = 'Look whether it listens elsewhere (FIELDLINE_URL), or is busy (top); its log tells more.';
    return [fail('hub', 'hub_silent', message, remedy)];
  }
  const { trouble, damaged } = hub.readiness.journal;
  const findings: Finding[] = [];
  if (trouble === null) findings.push(ok('hub', `answers at ${hub.url} and takes readings`));
  else {
    const remedy = TROUBLE[trouble] ?? `See ${DOCS}.`;
    findings.push(fail('hub', trouble, 'it cannot make readings durable, and asks devices to wait', remedy));
  }
  if (damaged > 0) {
    const message = `its journal had ${damaged} damaged batches when it was opened, which were passed over`;
    findings.push(
      warn(
        'journal',
        'journal_damaged',
        message,
        'Check the disk; what was in them is lost where no sink had it.',
      ),
    );
  }
  findings.push(hub.told === null ? refused(hub.refusal) : version(hub.told.system.version));
  return findings;
}

function refused(reason: string | null): Finding {
  const remedy =
    'Run this as the user of the hub where its data directory is, or set FIELDLINE_API_TOKEN to a token with the role admin.';
  return warn('token', 'not_told', `it does not tell more: ${reason ?? 'no token'}`, remedy);
}

function version(running: string): Finding {
  const installed = hubVersion();
  if (running === installed) return ok('version', running);
  const message = `the hub that runs is ${running}, and the one that is installed here ${installed}`;
  return warn(
    'version',
    'restart_needed',
    message,
    'Restart the hub, so that the new version runs (docs/upgrading.md).',
  );
}
