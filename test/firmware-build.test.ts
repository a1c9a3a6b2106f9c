import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cHeader, loadProfile } from '@fieldline/protocol';
import { describe, expect, it } from 'vitest';
import { canBuildArchitectures, canBuildHost, canFuzz, FIRMWARE, makeFirmware } from './kit/firmware.js';
import { ROOT } from './kit/hub-process.js';
import { requireTool } from './kit/require-tool.js';
import { run } from './kit/run.js';
import { tempDir } from './kit/temp-dir.js';

const canRun = canBuildHost();

it.runIf(canRun && requireTool('g++', 'g++'))(
  'passes the unit tests of its own',
  () => makeFirmware('unit'),
  120_000,
);

it.runIf(canFuzz())('is fuzzed for a while, and breaks nothing', () => makeFirmware('fuzz'), 120_000);

it.runIf(canBuildArchitectures())(
  'is compiled without a warning for AVR, Cortex-M, RISC-V and the ESP8266, in each of its forms',
  () => makeFirmware('architectures'),
  120_000,
);

describe.runIf(canRun)('the header of a profile', () => {
  it.each(['cold-room', 'env-sensor', 'power-meter', 'pump', 'soil-probe'])(
    'is C without a warning, and fits the library: %s',
    async (name) => {
      const { document } = loadProfile(readFileSync(`${ROOT}profiles/${name}.yaml`, 'utf8'), name);
      const header = cHeader(document);
      const prefix = name.toUpperCase().replaceAll('-', '_');
      const handlers = [...header.matchAll(/^void (\w+)\(fl_call/gm)].map(
        ([, handler]) => `void ${handler}(fl_call *call, void *user) { (void)call; (void)user; }`,
      );
      const commands = `static const fl_command commands[] = ${prefix}_COMMANDS;`;
      const metrics = Object.keys(document.metrics);
      const directory = tempDir('c-header');
      try {
        writeFileSync(join(directory.path, 'profile.h'), header);
        writeFileSync(
          join(directory.path, 'main.c'),
          [
            '#include "profile.h"',
            '#include "profile.h"',
            '#include <stdio.h>',
            ...handlers,
            `static const char *const names[${prefix}_METRICS] = ${prefix}_METRIC_NAMES;`,
            ...(handlers.length === 0 ? [] : [commands]),
            'int main(void) {',
            `  for (size_t i = 0; i < ${prefix}_METRICS; i++) puts(names[i]);`,
            ...(handlers.length === 0
              ? []
              : [`  for (size_t i = 0; i < ${prefix}_COMMAND_COUNT; i++) puts(commands[i].name);`]),
            '  return 0;',
            '}',
          ].join('\n'),
        );
        const program = join(directory.path, 'main');
        const strict = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror', `-I${FIRMWARE}/src`];
        await run('gcc', [...strict, join(directory.path, 'main.c'), '-o', program]);
        const said = (await run(program, [])).trimEnd().split('\n');
        expect(said).toEqual([...metrics, ...Object.keys(document.commands ?? {})]);
      } finally {
        directory.remove();
      }
    },
  );
});
