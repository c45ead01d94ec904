// Reading JSON, value by value, out of text that stays where it is. Source of the grammar: RFC 8259.
#pragma once

#include "text.h"

// What is left to read.
typedef struct {
  const char *at, *end;
} gr_reader_t;

// What kind of value comes next.
typedef enum {
  GR_IS_NOTHING,
  GR_IS_NULL,
  GR_IS_BOOL,
  GR_IS_NUMBER,
  GR_IS_STRING,
  GR_IS_LIST,
  GR_IS_OBJECT,
} gr_kind_of_t;

gr_kind_of_t gr_next_kind(gr_reader_t *reader);
// "a string", for an error.
const char *gr_kind_name(gr_kind_of_t kind);
// Takes a character if it is next, white space before it aside.
bool gr_take_char(gr_reader_t *reader, char byte);
// Takes a string and appends it to `into`, as UTF-8 and without its escapes. False: it is none.
bool gr_take_string(gr_reader_t *reader, gr_buffer_t *into);
// Takes any value as its text. False: it is none. At most 64 lists and objects within each other.
bool gr_take_value(gr_reader_t *reader, const char **at, size_t *length);
// Whether nothing but white space is left.
bool gr_at_end(gr_reader_t *reader);
