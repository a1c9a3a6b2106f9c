/*
 * An ATmega328P in simavr whose UART0 is a serial port of this machine (a pty), at the speed of a real one.
 * Usage: simavr-host <firmware.elf> <link to the port>
 *   SIGUSR1 pulls the cable in the middle of a line: the port is gone. SIGUSR2 plugs it in again, and resets the board, as
 *   the USB adapters of such boards do. SIGHUP presses the reset button.
 * Says PLUGGED, OPENED, CLOSED, PULLED on its standard output.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <simavr/avr_adc.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define FREQUENCY 16000000u
#define SLICE_MS 1
#define SUPPLY_MV 5000
/* A TMP36 at pin A0, in a room of 21.5 degrees Celsius. */
#define SENSOR_MV 715
/* A machine that falls behind by more does not make up for it: the board's clock then stands still for a while. */
#define LATE_NS 500000000LL

static avr_t *avr;
static const char *link_path;

/* The cable: the pty's near end, or -1 when it is pulled. */
static int port = -1;
/* Whether somebody has the port open. */
static bool is_open;
/* What the board said and the port did not take yet; when it is full the board's bytes are lost, as on a real line. */
static uint8_t said[4096];
static size_t said_used;
/* Whether the last byte that the port took was in the middle of a line. */
static bool is_mid_line;
/* How long a pull waits for that: a board may have nothing to say. */
#define PULL_WAIT_MS 500
/* And for whoever reads the port, since what was not read when it goes is lost. */
#define READ_WAIT_US 2000

/* Whether the board's UART has room for a byte. */
static bool takes = true;

static volatile sig_atomic_t wants_pull, wants_plug, wants_reset, wants_end;

static void on_signal(int signal_number) {
  if (signal_number == SIGUSR1) wants_pull = 1;
  else if (signal_number == SIGUSR2) wants_plug = 1;
  else if (signal_number == SIGHUP) wants_reset = 1;
  else wants_end = 1;
}

static void say(const char *what) {
  puts(what);
  fflush(stdout);
}

static void on_byte(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq;
  (void)param;
  if (is_open && said_used < sizeof said) said[said_used++] = (uint8_t)value;
}

static void on_room(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq;
  (void)value;
  (void)param;
  takes = true;
}

static void on_full(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq;
  (void)param;
  if (value) takes = false;
}

/* simavr would sleep in real time by itself while the core sleeps; the clock is kept in `pace`. */
static void never_sleep(avr_t *core, avr_cycle_count_t cycles) {
  (void)core;
  (void)cycles;
}

static void plug(void) {
  int far_end;
  char name[64], next_link[512];
  struct termios raw;
  if (openpty(&port, &far_end, name, NULL, NULL) != 0) {
    perror("openpty");
    exit(1);
  }
  tcgetattr(far_end, &raw);
  cfmakeraw(&raw);
  tcsetattr(far_end, TCSANOW, &raw);
  close(far_end);
  fcntl(port, F_SETFL, O_NONBLOCK);
  /* The link appears in one step: nobody finds half a port. */
  snprintf(next_link, sizeof next_link, "%s.next", link_path);
  unlink(next_link);
  if (symlink(name, next_link) != 0 || rename(next_link, link_path) != 0) {
    perror(link_path);
    exit(1);
  }
  is_open = false;
  said_used = 0;
  say("PLUGGED");
}

static void pull(void) {
  if (port < 0) return;
  unlink(link_path);
  close(port);
  port = -1;
  is_open = is_mid_line = false;
  said_used = 0;
  say("PULLED");
}

/* Whether somebody has the port open shows in the hang-up of the far end. */
static void watch(void) {
  struct pollfd poller = {port, POLLIN, 0};
  poll(&poller, 1, 0);
  const bool is_now = (poller.revents & POLLHUP) == 0;
  if (is_now == is_open) return;
  is_open = is_now;
  said_used = 0;
  say(is_open ? "OPENED" : "CLOSED");
}

static void carry(avr_irq_t *to_board) {
  static uint8_t heard[256];
  static size_t heard_used, heard_at;
  if (!is_open) heard_used = heard_at = 0;
  if (heard_at == heard_used) {
    const ssize_t count = read(port, heard, sizeof heard);
    heard_used = count > 0 ? (size_t)count : 0;
    heard_at = 0;
  }
  while (takes && heard_at < heard_used) avr_raise_irq(to_board, heard[heard_at++]);
  if (said_used == 0) return;
  const ssize_t count = write(port, said, said_used);
  if (count <= 0) return;
  is_mid_line = said[count - 1] != '\n';
  said_used -= (size_t)count;
  memmove(said, said + count, said_used);
}

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Waits until the wall clock is where the board's clock is. */
static void pace(void) {
  static int64_t started_at;
  static avr_cycle_count_t started_cycle;
  if (started_at == 0) {
    started_at = now_ns();
    started_cycle = avr->cycle;
  }
  const int64_t board_ns = (int64_t)((avr->cycle - started_cycle) * 1000 / (FREQUENCY / 1000000));
  const int64_t ahead_ns = board_ns - (now_ns() - started_at);
  if (ahead_ns > 0) usleep((useconds_t)(ahead_ns / 1000));
  else if (ahead_ns < -LATE_NS) started_at = 0;
}

static bool run_slice(void) {
  const avr_cycle_count_t until = avr->cycle + FREQUENCY / 1000 * SLICE_MS;
  while (avr->cycle < until) {
    const int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed) return false;
  }
  return true;
}

static void obey(void) {
  static int waited_ms;
  if (wants_pull && !is_mid_line && (waited_ms += SLICE_MS) < PULL_WAIT_MS) return;
  if (wants_pull) {
    usleep(READ_WAIT_US);
    pull();
  }
  wants_pull = waited_ms = 0;
  if (wants_plug && port < 0) {
    plug();
    wants_reset = 1;
  }
  wants_plug = 0;
  if (wants_reset) avr_reset(avr);
  wants_reset = 0;
}

static void make_board(const char *path) {
  elf_firmware_t firmware = {0};
  if (elf_read_firmware(path, &firmware) != 0) {
    fprintf(stderr, "%s is no firmware\n", path);
    exit(1);
  }
  avr = avr_make_mcu_by_name("atmega328p");
  avr_init(avr);
  avr->frequency = FREQUENCY;
  avr->vcc = avr->avcc = avr->aref = SUPPLY_MV;
  avr->sleep = never_sleep;
  avr->log = LOG_ERROR;
  firmware.frequency = FREQUENCY;
  avr_load_firmware(avr, &firmware);
  uint32_t flags = 0; /* neither an echo on our standard output, nor sleeps while the board polls */
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0), SENSOR_MV);
}

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: simavr-host <firmware.elf> <link to the port>\n");
    return 1;
  }
  link_path = arguments[2];
  make_board(arguments[1]);
  avr_irq_t *to_board = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_room, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_full, NULL);
  const int signals[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGTERM, SIGINT};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], on_signal);
  plug();
  while (!wants_end) {
    if (!run_slice()) {
      fprintf(stderr, "the board's program has ended or crashed\n");
      return 2;
    }
    if (port >= 0) {
      watch();
      carry(to_board);
    }
    obey();
    pace();
  }
  pull();
  return 0;
}
