import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './hub-process.js';
import { requireTool } from './require-tool.js';
import { run } from './run.js';

/** The C library, and the firmware of simulated boards. */
export const FIRMWARE = `${ROOT}firmware-bridge/firmware`;

/** Of this checkout: what was built before is built again only when its sources changed, as `make` sees it. */
const BUILD = join(
  tmpdir(),
  `fieldline-firmware-${createHash('sha256').update(ROOT).digest('hex').slice(0, 8)}`,
);

/**
 * Builds with the firmware's Makefile, and answers where the first target is. One build at a time, whichever tests run
 * beside. @param targets names within the build directory (`echo`), or goals of the Makefile (`architectures`)
 * @throws Error with what the compiler said, warnings among it
 */
export async function makeFirmware(...targets: readonly [string, ...string[]]): Promise<string> {
  const goals = targets.map((target) => (GOALS.has(target) ? target : join(BUILD, target)));
  await run('flock', [`${BUILD}.lock`, 'make', '--silent', '-C', FIRMWARE, `BUILD=${BUILD}`, ...goals]);
  return join(BUILD, targets[0]);
}

/** A file that GCC does not find has no path before its name. */
const PICOLIBC = ['sh', '-c', 'test -e "$(arm-none-eabi-gcc -print-file-name=picolibc.specs)"'];
const AVR_LIBC = ['test', '-e', '/usr/lib/avr/include/avr/io.h'];

const GOALS = new Set(['architectures', 'examples', 'footprint-check', 'fuzz', 'readme', 'unit']);

/** What builds the library and its tests on this machine. */
export const canBuildHost = (): boolean => requireTool('make', 'make') && requireTool('gcc', 'gcc');

/** Clang with libFuzzer, which Debian packages apart. */
export const canFuzz = (): boolean =>
  canBuildHost() &&
  requireTool('clang', 'clang') &&
  requireTool('libFuzzer', 'libclang-rt-dev', [
    'sh',
    '-c',
    'ls "$(clang -print-runtime-dir)"/libclang_rt.fuzzer-*',
  ]);

/** The compilers of the microcontrollers that the library is for. */
export const canBuildArchitectures = (): boolean =>
  canBuildHost() &&
  requireTool('avr-gcc', 'gcc-avr') &&
  requireTool('avr-libc', 'avr-libc', AVR_LIBC) &&
  requireTool('arm-none-eabi-gcc', 'gcc-arm-none-eabi') &&
  requireTool('picolibc', 'picolibc-arm-none-eabi', PICOLIBC) &&
  requireTool('riscv64-unknown-elf-gcc', 'gcc-riscv64-unknown-elf') &&
  requireTool('xtensa-lx106-elf-gcc', 'gcc-xtensa-lx106');

/** What builds and runs the simulated boards. */
export const canSimulate = (): boolean =>
  canBuildHost() &&
  requireTool('avr-gcc', 'gcc-avr') &&
  requireTool('avr-libc', 'avr-libc', AVR_LIBC) &&
  requireTool('simavr', 'libsimavr-dev', ['test', '-e', '/usr/include/simavr/sim_avr.h']) &&
  requireTool('libelf', 'libelf-dev', ['test', '-e', '/usr/include/libelf.h']) &&
  requireTool('Arduino core', 'arduino-core-avr', [
    'test',
    '-e',
    '/usr/share/arduino/hardware/arduino/avr/cores/arduino/Arduino.h',
  ]) &&
  requireTool('arm-none-eabi-gcc', 'gcc-arm-none-eabi') &&
  requireTool('picolibc', 'picolibc-arm-none-eabi', PICOLIBC) &&
  requireTool('qemu-system-arm', 'qemu-system-arm') &&
  requireTool('socat', 'socat', ['socat', '-V']);
