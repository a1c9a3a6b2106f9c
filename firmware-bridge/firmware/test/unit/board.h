/*
 * A board whose serial line is a buffer, and what its tests say of it. A test that fails goes on, and is told of with its
 * place; the program then ends with 1.
 */
#ifndef BOARD_H
#define BOARD_H

#include "../../src/fieldline.h"

extern fl_t fl;
extern fl_config config;
/** Where it keeps its readings, with FL_COBS. */
#define KEPT_BYTES 400
extern uint8_t kept[KEPT_BYTES];
/** What the library wrote since `forget`, with a NUL behind it. */
extern char out[8192];
extern size_t out_used;
/** How often `relay.set` was executed. */
extern int executed;
/** The id of the command `begin`, whose end is still to follow. */
extern char later[FL_ID_BYTES];

/** A board with the commands relay.set, begin, show and crowd. Its hello is forgotten. */
void start(fl_framing framing, bool checks);
void forget(void);
/** A line comes, without its newline. */
void hear(const char *line);
/** A line comes with its check. */
void hear_checked(const char *line);
/** A frame comes around bytes that are fewer than 250. */
void hear_frame(const char *bytes, size_t count);
/** The command `relay.set`, for tables of a test's own. */
void set(fl_call *call, void *user);

extern int failures;
void expect_text(const char *file, int line, const char *expected);
void expect(const char *file, int line, bool condition, const char *what);
/** This was written since `forget`, and is forgotten. */
#define WROTE(text) expect_text(__FILE__, __LINE__, text)
#define EXPECT(condition) expect(__FILE__, __LINE__, condition, #condition)

void test_readings(void);
void test_texts(void);
void test_commands(void);
void test_frames(void);

#endif
