/*
 * Runs a program for an ATmega328P in simavr for two seconds of its time, and says how many bytes its stack had at the
 * deepest: those above its variables that are no longer as they were painted (test/footprint.mjs).
 */
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <stdio.h>
#include <string.h>

#define FREQUENCY 16000000u
#define PAINT 0xa5
#define RAM_START 0x100u

static void no_log(struct avr_t *avr, const int level, const char *format, va_list args) {
  (void)avr;
  (void)level;
  (void)format;
  (void)args;
}

int main(int argument_count, char **arguments) {
  elf_firmware_t firmware;
  memset(&firmware, 0, sizeof firmware);
  avr_global_logger_set(no_log);
  if (argument_count != 2 || elf_read_firmware(arguments[1], &firmware) != 0) return 2;
  firmware.frequency = FREQUENCY;
  avr_t *avr = avr_make_mcu_by_name("atmega328p");
  if (avr == NULL || avr_init(avr) != 0) return 2;
  avr_load_firmware(avr, &firmware);
  const unsigned lowest = RAM_START + firmware.datasize + firmware.bsssize;
  memset(avr->data + lowest, PAINT, avr->ramend + 1u - lowest);
  while (avr->cycle < 2ull * FREQUENCY) {
    const int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed) return 1;
  }
  unsigned deepest = lowest;
  while (deepest <= avr->ramend && avr->data[deepest] == PAINT) deepest++;
  if (deepest == lowest) return 1; /* the stack has met the variables */
  printf("%u\n", avr->ramend + 1u - deepest);
  return 0;
}
