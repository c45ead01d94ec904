// Fields: how a C struct is a JSON object. A table of them, to one without a name, is a message's shape, a
// configuration's, or what is kept. `how_many` in C is `how-many` in JSON.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// An actor's address: a plain value that can be sent, stored and compared. In JSON a text of 16 and 16 hexadecimal digits.
typedef struct {
  uint64_t node;
  uint64_t key;
} gr_address_t;

// Any JSON value, as its text.
typedef struct {
  const char *text;
} gr_json_t;

typedef enum {
  // uint64_t: a whole number of at least 0; int64_t: a whole number.
  GR_WHOLE = 1,
  GR_INTEGER,
  // double: any number that is finite.
  GR_NUMBER,
  // bool
  GR_BOOL,
  // const char *: a text that somebody else owns; char[N]: one that fits the array, with its end.
  GR_TEXT,
  GR_CHARS,
  // gr_address_t, gr_json_t
  GR_ADDRESS,
  GR_JSON,
} gr_type_t;

typedef struct {
  // The name in C; NULL ends the table.
  const char *name;
  gr_type_t type;
  // Where the field is in its struct, and its size.
  size_t at, size;
  // It may be missing: then it is left as it is, which is 0 or the actor's default.
  bool optional;
} gr_field_t;

#ifndef __cplusplus
#define GR_TYPE_OF(value)                                                                                              \
  _Generic((value), uint64_t: GR_WHOLE, int64_t: GR_INTEGER, double: GR_NUMBER, bool: GR_BOOL, const char *: GR_TEXT,    \
           char *: GR_CHARS, gr_address_t: GR_ADDRESS, gr_json_t: GR_JSON)
// A field that has to be there, and one that may be missing: GR_FIELD(add_t, how_many).
#define GR_FIELD(type, field) {#field, GR_TYPE_OF(((type *)0)->field), offsetof(type, field), sizeof(((type *)0)->field), false}
#define GR_MAYBE(type, field) {#field, GR_TYPE_OF(((type *)0)->field), offsetof(type, field), sizeof(((type *)0)->field), true}
#endif

// A message to be sent: a kind, and a body.
typedef struct {
  const char *kind;
  // The body's fields and their struct; or without fields one value; or neither, and the body is empty.
  const gr_field_t *fields;
  const void *values;
  gr_type_t type;
  union {
    uint64_t whole;
    int64_t integer;
    double number;
    bool truth;
    const char *text;
    gr_address_t address;
  } value;
} gr_message_t;

// A message with fields: gr_message("add", ADD, &(add_t){.how_many = 3}).
gr_message_t gr_message(const char *kind, const gr_field_t *fields, const void *values);
// One without any.
gr_message_t gr_signal(const char *kind);
// One whose body is this JSON.
gr_message_t gr_raw_message(const char *kind, const char *json);
// An answer that is one value: its kind is `answer`.
gr_message_t gr_whole(uint64_t value);
gr_message_t gr_integer(int64_t value);
gr_message_t gr_number(double value);
gr_message_t gr_truth(bool value);
gr_message_t gr_text(const char *value);

#ifdef __cplusplus
}
#endif
