/* What the library needs of a C library, for compilers that come without one. */
#include <stddef.h>
void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
void *memchr(const void *bytes, int byte, size_t count);
char *strchr(const char *text, int byte);
