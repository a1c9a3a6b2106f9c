// What the library costs on an ATmega328P: flash and RAM as the linker says, and its deepest stack in simavr. Written into README.md, or with --check compared with it.
// Usage: node test/footprint.mjs <build directory> [--check]
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [build, mode] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const README = `${here}../README.md`;
const [BEGIN, END] = ['<!-- footprint -->', '<!-- /footprint -->'];
/** Compilers differ a little. */
const TOLERANCE = 0.05;

const FORMS = [
  ['lines (`FL_ONLY_LINES`)', '-DFL_ONLY_LINES'],
  ['frames (`FL_ONLY_COBS`), 256 bytes for readings', '-DFL_ONLY_COBS'],
  ['both, 256 bytes for readings', '-DFL_BOTH'],
];

/** Flash and static RAM of a program, in bytes. */
function sizeOf(file) {
  const [, line] = execFileSync('avr-size', [file], { encoding: 'utf8' }).split('\n');
  const [text, data, bss] = line.trim().split(/\s+/).map(Number);
  return { flash: text + data, ram: data + bss };
}

function compile(...defines) {
  const out = `${build}/footprint.elf`;
  const flags = [
    '-mmcu=atmega328p',
    '-Os',
    '-std=c99',
    '-ffunction-sections',
    '-Wl,--gc-sections',
    ...defines,
  ];
  execFileSync('avr-gcc', [...flags, `${here}footprint.c`, `${here}../src/fieldline.c`, '-o', out, '-lm']);
  return out;
}

/** The deepest stack of a program that hears commands, with its handler's, in bytes. */
function stackOf(define) {
  return Number(execFileSync(`${build}/stack`, [compile(define, '-DSTACK')], { encoding: 'utf8' }));
}

const empty = sizeOf(compile('-DEMPTY'));
const rows = [
  ...FORMS.map(([name, define]) => {
    const { flash, ram } = sizeOf(compile(define));
    return [name, flash - empty.flash, ram - empty.ram, stackOf(define)];
  }),
  [
    'the sketch `examples/Uno` with all of the Arduino core',
    ...Object.values(sizeOf(`${build}/uno-sketch.elf`)),
  ],
];
const table = [
  '| ATmega328P | flash | RAM | deepest stack |',
  '|---|---|---|---|',
  ...rows.map(([name, flash, ram, stack = '']) => `| ${name} | ${flash} | ${ram} | ${stack} |`),
].join('\n');

const readme = readFileSync(README, 'utf8');
const [start, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
if (start === -1 || end < start) throw new Error(`README.md has no place for the table: ${BEGIN} … ${END}`);
if (mode === '--check') {
  const said = [...readme.slice(start, end).matchAll(/\| (\d+) \| (\d+) \| (\d*) \|/g)].map(([, ...sizes]) =>
    sizes.filter((size) => size !== '').map(Number),
  );
  const measured = rows.map(([, ...sizes]) => sizes);
  const isTrue =
    said.length === measured.length &&
    measured.every((sizes, row) =>
      sizes.every((size, i) => Math.abs(size - said[row][i]) <= size * TOLERANCE),
    );
  if (!isTrue) throw new Error(`README.md says something else than was measured (make footprint):\n${table}`);
} else {
  writeFileSync(README, `${readme.slice(0, start)}${BEGIN}\n${table}\n${readme.slice(end)}`);
  console.log(table);
}
