#include "json.h"

#include <string.h>

// How deep values may be within each other: a component's stack is small.
#define DEEPEST 64

static void skip(gr_reader_t *reader) {
  while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at) reader->at++;
}

static char peek(const gr_reader_t *reader) { return reader->at < reader->end ? *reader->at : 0; }

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

gr_kind_of_t gr_next_kind(gr_reader_t *reader) {
  skip(reader);
  char byte = peek(reader);
  if (byte == '"') return GR_IS_STRING;
  if (byte == '[') return GR_IS_LIST;
  if (byte == '{') return GR_IS_OBJECT;
  if (byte == 'n') return GR_IS_NULL;
  if (byte == 't' || byte == 'f') return GR_IS_BOOL;
  return byte == '-' || is_digit(byte) ? GR_IS_NUMBER : GR_IS_NOTHING;
}

const char *gr_kind_name(gr_kind_of_t kind) {
  static const char *const NAMES[] = {"no JSON", "null", "a boolean", "a number", "a string", "a list", "an object"};
  return NAMES[kind];
}

bool gr_take_char(gr_reader_t *reader, char byte) {
  skip(reader);
  if (reader->at == reader->end || *reader->at != byte) return false;
  reader->at++;
  return true;
}

static int hex(char byte) {
  if (is_digit(byte)) return byte - '0';
  byte |= 0x20;
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool take_four(gr_reader_t *reader, uint32_t *unit) {
  *unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = hex(peek(reader));
    if (digit < 0) return false;
    *unit = *unit << 4 | (uint32_t)digit;
    reader->at++;
  }
  return true;
}

// The four digits of an escape, or of two that make one character; as UTF-8. A half of a pair alone is no character.
static bool take_unicode(gr_reader_t *reader, gr_buffer_t *into) {
  uint32_t code, low;
  if (!take_four(reader, &code)) return false;
  if (code >= 0xdc00 && code < 0xe000) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    if (reader->end - reader->at < 2 || reader->at[0] != '\\' || reader->at[1] != 'u') return false;
    reader->at += 2;
    if (!take_four(reader, &low) || low < 0xdc00 || low >= 0xe000) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  char bytes[4];
  size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6) bytes[i] = (char)(0x80 | (code & 0x3f));
  static const unsigned char LEADS[] = {0, 0, 0xc0, 0xe0, 0xf0};
  bytes[0] = (char)(LEADS[length] | code);
  gr_add(into, bytes, length);
  return true;
}

bool gr_take_string(gr_reader_t *reader, gr_buffer_t *into) {
  if (!gr_take_char(reader, '"')) return false;
  for (;;) {
    const char *from = reader->at;
    while (reader->at < reader->end && *reader->at != '"' && *reader->at != '\\' && (unsigned char)*reader->at >= 0x20)
      reader->at++;
    gr_add(into, from, (size_t)(reader->at - from));
    if (reader->end - reader->at < 1 || (unsigned char)*reader->at < 0x20) return false;
    if (*reader->at++ == '"') return true;
    char escape = peek(reader);
    reader->at += reader->at < reader->end;
    static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
    const char *known = escape ? strchr(FROM, escape) : NULL;
    if (known) gr_add(into, TO + (known - FROM), 1);
    else if (escape != 'u' || !take_unicode(reader, into)) return false;
  }
}

static bool take_word(gr_reader_t *reader, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length)) return false;
  reader->at += length;
  return true;
}

static bool take_digits(gr_reader_t *reader) {
  if (!is_digit(peek(reader))) return false;
  while (is_digit(peek(reader))) reader->at++;
  return true;
}

static bool take_number(gr_reader_t *reader) {
  take_word(reader, "-");
  // No zeroes before other digits.
  if (!take_word(reader, "0") && !take_digits(reader)) return false;
  if (take_word(reader, ".") && !take_digits(reader)) return false;
  if (take_word(reader, "e") || take_word(reader, "E")) {
    if (!take_word(reader, "+")) take_word(reader, "-");
    return take_digits(reader);
  }
  return true;
}

static bool pass(gr_reader_t *reader, int depth) {
  gr_buffer_t text = {0};
  bool is_object = false;
  switch (gr_next_kind(reader)) {
    case GR_IS_NULL: return take_word(reader, "null");
    case GR_IS_BOOL: return take_word(reader, "true") || take_word(reader, "false");
    case GR_IS_NUMBER: return take_number(reader);
    case GR_IS_STRING: {
      bool is = gr_take_string(reader, &text);
      gr_free(&text);
      return is;
    }
    case GR_IS_OBJECT: is_object = true; break;
    case GR_IS_LIST: break;
    default: return false;
  }
  char close = is_object ? '}' : ']';
  reader->at++;
  if (depth == DEEPEST) return false;
  if (gr_take_char(reader, close)) return true;
  do {
    if (is_object) {
      bool is = gr_take_string(reader, &text);
      gr_free(&text);
      if (!is || !gr_take_char(reader, ':')) return false;
    }
    if (!pass(reader, depth + 1)) return false;
  } while (gr_take_char(reader, ','));
  return gr_take_char(reader, close);
}

bool gr_take_value(gr_reader_t *reader, const char **at, size_t *length) {
  skip(reader);
  *at = reader->at;
  bool is = pass(reader, 0);
  *length = (size_t)(reader->at - *at);
  return is;
}

bool gr_at_end(gr_reader_t *reader) {
  skip(reader);
  return reader->at == reader->end;
}
