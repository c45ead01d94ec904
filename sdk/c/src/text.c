#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *gr_alloc(size_t size) {
  void *at = calloc(1, size ? size : 1);
  if (!at) __builtin_trap();
  return at;
}

void gr_add(gr_buffer_t *buffer, const void *bytes, size_t length) {
  if (length > SIZE_MAX / 4 || buffer->length > SIZE_MAX / 4) __builtin_trap();
  if (buffer->length + length + 1 > buffer->room) {
    buffer->room = (buffer->length + length + 1) * 2;
    char *at = realloc(buffer->at, buffer->room);
    if (!at) __builtin_trap();
    buffer->at = at;
  }
  if (length) memcpy(buffer->at + buffer->length, bytes, length);
  buffer->length += length;
}

void gr_add_text(gr_buffer_t *buffer, const char *text) { gr_add(buffer, text, strlen(text)); }

void gr_add_whole(gr_buffer_t *buffer, uint64_t number) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  gr_add(buffer, digits + at, sizeof digits - at);
}

void gr_add_integer(gr_buffer_t *buffer, int64_t number) {
  if (number < 0) gr_add_text(buffer, "-");
  gr_add_whole(buffer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void gr_add_number(gr_buffer_t *buffer, double number) {
  if (number - number != 0) {
    gr_add_text(buffer, "null");
    return;
  }
  char digits[32];
  // 17 digits name every double; most are named by fewer.
  for (int precision = 15; precision <= 17; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, number);
    if (strtod(digits, NULL) == number) break;
  }
  gr_add_text(buffer, digits);
}

void gr_add_string(gr_buffer_t *buffer, const char *text) {
  gr_add_text(buffer, "\"");
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\') {
      char escape[2] = {'\\', (char)byte};
      gr_add(buffer, escape, 2);
    } else if (byte < 0x20) {
      const char *digits = "0123456789abcdef";
      char escape[6] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
      gr_add(buffer, escape, 6);
    } else {
      gr_add(buffer, text, 1);
    }
  }
  gr_add_text(buffer, "\"");
}

const char *gr_text_of(gr_buffer_t *buffer) {
  gr_add(buffer, "", 0);
  buffer->at[buffer->length] = 0;
  return buffer->at;
}

void gr_free(gr_buffer_t *buffer) {
  free(buffer->at);
  *buffer = (gr_buffer_t){0};
}
