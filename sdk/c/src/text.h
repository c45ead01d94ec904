// Text that grows.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *at;
  size_t length, room;
} gr_buffer_t;

void gr_add(gr_buffer_t *buffer, const void *bytes, size_t length);
void gr_add_text(gr_buffer_t *buffer, const char *text);
void gr_add_whole(gr_buffer_t *buffer, uint64_t number);
void gr_add_integer(gr_buffer_t *buffer, int64_t number);
// The shortest text that reads as this number. One that is not finite is `null`, as JSON has none.
void gr_add_number(gr_buffer_t *buffer, double number);
// A JSON string, in quotes. What is not UTF-8 stays as it is: the host refuses it.
void gr_add_string(gr_buffer_t *buffer, const char *text);
// With a 0 after it, which does not count.
const char *gr_text_of(gr_buffer_t *buffer);
void gr_free(gr_buffer_t *buffer);

// Memory, or a trap: an actor without memory ends, and its supervisor decides.
void *gr_alloc(size_t size);
