/*
 * Unit tests of the library, on this machine and under sanitizers (`make unit`). What it says to the bridge's own code
 * and hears from it is tested in test/firmware-lines.test.ts and test/firmware-frames.test.ts.
 */
#include <stdio.h>

#include "board.h"

int main(void) {
  test_readings();
  test_texts();
  test_commands();
  test_frames();
  if (failures == 0) puts("all is well");
  return failures != 0;
}
