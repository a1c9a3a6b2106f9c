/*
 * What a sketch can say to the Arduino class, on this machine, with a stream that is a buffer (`make unit`): every type
 * of value arrives as what it is. The same file is compiled for an Uno, where `int` has 16 bits and `long` 32.
 */
#include <FieldlineSerial.h>

static char out[2048];
static size_t outUsed;
static const char *in = "";

class Buffer : public Stream {
 public:
  int available() override { return *in != 0; }
  int read() override { return *in++; }
#ifdef __AVR__
  int peek() override { return *in; }
  size_t write(uint8_t byte) override { return write(&byte, 1); }
#endif
  size_t write(const uint8_t *bytes, size_t count) override {
    for (size_t i = 0; i < count && outUsed < sizeof out - 1; i++) out[outUsed++] = static_cast<char>(bytes[i]);
    out[outUsed] = 0;
    return count;
  }
} buffer;

static Fieldline fieldline(buffer);
static int failures;
#ifndef __AVR__
static unsigned long now = 3000000000UL;
#endif

static void expect(bool condition) {
  if (!condition) failures++;
}

/* The line that was written, without its uptime and check, is this. */
static void wrote(const char *expected) {
  char *end = strstr(out, " @");
  if (end == nullptr) end = strstr(out, " *");
  if (end != nullptr) *end = 0;
  if (strcmp(out, expected) != 0) {
    failures++;
#ifndef __AVR__
    fprintf(stderr, "arduino.cpp: wrote %s instead of %s\n", out, expected);
#endif
  }
  outUsed = 0;
}

static void values() {
  fieldline.reading().add("b", true).add("c", static_cast<uint8_t>(255)).add("i", -32768).add("u", 65535u);
  fieldline.add("l", -2147483647L).add("ul", 4294967295UL).add("f", 1.5f).add("d", -0.25, 3).send();
  wrote("b=true c=255 i=-32768 u=65535 l=-2147483647 ul=4294967295 f=1.50 d=-0.250");
  char changeable[] = "text";
  fieldline.reading().add("t", "te\"xt").add("m", changeable).add("n", NAN).addNull("o").send();
  wrote("t=\"te\\\"xt\" m=\"text\" n=null o=null");
  fieldline.send("uptime", millis());
  wrote("uptime=3000000000");
  fieldline.send("volts", 3.14159, 4);
  wrote("volts=3.1416");
  fieldline.send("word", "on");
  wrote("word=\"on\"");
  expect(fieldline.added() == FL_ADDED);
  expect(!fieldline.send("time", 1));
  expect(fieldline.added() == FL_BAD_NAME && fieldline.counts().left_out == 1);
#ifndef __AVR__
  fieldline.reading().add("ll", -9007199254740991LL).add("ull", 9007199254740991ULL).send();
  wrote("ll=-9007199254740991 ull=9007199254740991");
#endif
}

static void heard(FieldlineCall &call) {
  uint8_t small = 1;
  unsigned int u = 2;
  unsigned long ul = 3;
  int i = 4;
  long l = 5;
  float f = 6;
  double d = 7;
  bool b = false;
  const char *t = "";
  expect(call.get("v", small) && call.get("v", u) && call.get("v", ul) && call.get("v", i) && call.get("v", l));
  expect(call.get("v", f) && call.get("v", d) && !call.get("v", b) && !call.get("v", t) && !call.get("w", i));
  expect(call.result("s", small) && call.result("ul", ul) && call.result("l", l) && call.result("b", b));
}

static void commands() {
  in = "!1 heard v=300 *9BBA\n!2 heard v=-1 *F0E6\n";
  fieldline.loop();
  char *end = strstr(out, " *");
  expect(end != nullptr && strncmp(out, "=1 ok s=255 ul=300 l=300 b=false", static_cast<size_t>(end - out)) == 0);
  expect(strstr(out, "=2 ok s=0 ul=0 l=-1 b=false *") != nullptr);
}

static void periods() {
#ifndef __AVR__
  expect(fieldline.every(1000) && !fieldline.every(1000));
  now += 999;
  expect(!fieldline.every(1000));
  now++;
  expect(fieldline.every(1000) && !fieldline.every(1000));
#endif
}

#ifdef __AVR__
void setup() {}
void loop() {}
#else
unsigned long millis() { return now; }
unsigned long micros() { return 1; }
String::String(const char *) {}
const char *String::c_str() const { return ""; }
#endif

int run() {
  fieldline.on("heard", heard);
  expect(fieldline.begin("test 1", nullptr, 0xC0FFEE));
  expect(strstr(out, "\"boot\":\"00C0FFEE\"") != nullptr);
  outUsed = 0;
  expect(fieldline.begin("test 1"));
  outUsed = 0;
  values();
  outUsed = 0;
  commands();
  periods();
  return failures;
}

#ifndef __AVR__
int main() {
  const int failed = run();
  if (failed > 0) fprintf(stderr, "arduino.cpp: %d were not so\n", failed);
  return failed > 0;
}
#endif
