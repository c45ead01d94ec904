// Between C structs and JSON objects, by tables of fields.

#include "json.h"
#include "turn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void gr_add_name(gr_buffer_t *buffer, const char *name) {
  for (; *name; name++) gr_add(buffer, *name == '_' ? "-" : name, 1);
}

void gr_add_shape(gr_buffer_t *buffer, const char *kind, const gr_field_t *fields) {
  gr_add_text(buffer, kind);
  if (!fields || !fields->name) return;
  gr_add_text(buffer, " {");
  for (const gr_field_t *field = fields; field->name; field++) {
    if (field != fields) gr_add_text(buffer, ", ");
    gr_add_name(buffer, field->name);
  }
  gr_add_text(buffer, "}");
}

static bool is_name(const char *name, const char *key) {
  while (*name && *key == (*name == '_' ? '-' : *name)) name++, key++;
  return !*name && !*key;
}

static const char *expected(gr_type_t type) {
  static const char *const NAMES[] = {"",       "a whole number of at least 0", "a whole number", "a number", "a boolean",
                                      "a string", "a string",                     "an address"};
  return type == GR_JSON ? "JSON" : NAMES[type];
}

// "field `how-many`: expected a whole number of at least 0, not a string"
static const char *misfit(gr_turn_t *turn, const gr_field_t *field, const char *expected, const char *not) {
  gr_buffer_t why = {0};
  gr_add_text(&why, "field `");
  gr_add_name(&why, field->name);
  gr_add_text(&why, "`: expected ");
  gr_add_text(&why, expected);
  if (not) gr_add_text(&why, ", not ");
  if (not) gr_add_text(&why, not);
  return gr_settle(turn, &why);
}

// A number in JSON is one in C, and ends where it does: `text` has a 0 after it. Whole ones may be written as 3.0 or 3e2.
static bool take_number(gr_type_t type, const char *text, void *at) {
  char *end;
  errno = 0;
  if (type == GR_WHOLE && *text != '-') {
    *(uint64_t *)at = strtoull(text, &end, 10);
    if (!*end) return errno == 0;
  }
  if (type == GR_INTEGER) {
    *(int64_t *)at = strtoll(text, &end, 10);
    if (!*end) return errno == 0;
  }
  double number = strtod(text, NULL);
  if (number - number != 0) return false;
  if (type == GR_NUMBER) {
    *(double *)at = number;
    return true;
  }
  // Beyond 2^53 a fraction's digits do not say which whole number is meant.
  if (number > 9007199254740992.0 || number < (type == GR_WHOLE ? 0 : -9007199254740992.0)) return false;
  int64_t whole = (int64_t)number;
  if ((double)whole != number) return false;
  *(int64_t *)at = whole;
  return true;
}

static bool take_address(const char *text, gr_address_t *at) {
  static const char DIGITS[] = "0123456789abcdef";
  if (strlen(text) != 33 || text[16] != '-') return false;
  uint64_t both[2] = {0, 0};
  for (int i = 0; i < 33; i++) {
    const char *digit = strchr(DIGITS, text[i]);
    if (i == 16) continue;
    if (!digit) return false;
    both[i > 16] = both[i > 16] << 4 | (uint64_t)(digit - DIGITS);
  }
  *at = (gr_address_t){both[0], both[1]};
  return true;
}

static const char *take_text(gr_turn_t *turn, gr_piece_t **pieces, gr_reader_t *reader, const gr_field_t *field,
                             char *at) {
  gr_buffer_t text = {0};
  const char *why = NULL;
  if (!gr_take_string(reader, &text)) why = misfit(turn, field, expected(field->type), "a broken one");
  else if (strlen(gr_text_of(&text)) != text.length) why = misfit(turn, field, "a string without a 0 in it", NULL);
  else if (field->type == GR_TEXT) *(char **)at = gr_copy(pieces, text.at, text.length);
  else if (field->type == GR_ADDRESS && !take_address(text.at, (gr_address_t *)at))
    why = misfit(turn, field, "an address", "another string");
  else if (field->type == GR_CHARS && text.length >= field->size) why = misfit(turn, field, "a shorter string", NULL);
  else if (field->type == GR_CHARS) memcpy(at, text.at, text.length + 1);
  gr_free(&text);
  return why;
}

// Takes a field's value. NULL, or what is wrong.
static const char *take_field(gr_turn_t *turn, gr_piece_t **pieces, gr_reader_t *reader, const gr_field_t *field,
                              char *at) {
  gr_kind_of_t kind = gr_next_kind(reader);
  static const gr_kind_of_t WANTED[] = {GR_IS_NOTHING, GR_IS_NUMBER, GR_IS_NUMBER, GR_IS_NUMBER,
                                        GR_IS_BOOL,    GR_IS_STRING, GR_IS_STRING, GR_IS_STRING};
  if (field->type != GR_JSON && kind != WANTED[field->type])
    return misfit(turn, field, expected(field->type), gr_kind_name(kind));
  if (kind == GR_IS_STRING && field->type != GR_JSON) return take_text(turn, pieces, reader, field, at);
  const char *text;
  size_t length;
  if (!gr_take_value(reader, &text, &length)) return misfit(turn, field, expected(field->type), "what is no JSON");
  if (field->type == GR_BOOL) {
    *(bool *)at = *text == 't';
    return NULL;
  }
  char *copy = gr_copy(field->type == GR_JSON ? pieces : &turn->pieces, text, length);
  if (field->type == GR_JSON) *(gr_json_t *)at = (gr_json_t){copy};
  else if (!take_number(field->type, copy, at)) return misfit(turn, field, expected(field->type), copy);
  return NULL;
}

const char *gr_read_fields(gr_turn_t *turn, gr_piece_t **pieces, const char *json, size_t length,
                           const gr_field_t *fields, void *into) {
  gr_reader_t reader = {json, json + length};
  size_t count = 0;
  while (fields && fields[count].name) count++;
  bool *seen = gr_take_from(&turn->pieces, count);
  // An empty body has no fields.
  bool empty = gr_at_end(&reader);
  if (!empty && gr_next_kind(&reader) == GR_IS_NULL && !count) return NULL;
  if (!empty && !gr_take_char(&reader, '{')) return "expected an object";
  if (!empty && !gr_take_char(&reader, '}')) {
    do {
      gr_buffer_t key = {0};
      bool is = gr_take_string(&reader, &key) && gr_take_char(&reader, ':');
      size_t at = 0;
      while (is && at < count && !is_name(fields[at].name, gr_text_of(&key))) at++;
      gr_free(&key);
      const char *text;
      if (!is) return "it is no JSON";
      if (at == count) {
        // Fields that nobody asks for are no fault.
        if (!gr_take_value(&reader, &text, &length)) return "it is no JSON";
        continue;
      }
      if (seen[at]) return misfit(turn, &fields[at], "one of it", "two");
      seen[at] = true;
      const char *why = take_field(turn, pieces, &reader, &fields[at], (char *)into + fields[at].at);
      if (why) return why;
    } while (gr_take_char(&reader, ','));
    if (!gr_take_char(&reader, '}') || !gr_at_end(&reader)) return "it is no JSON";
  } else if (!empty && !gr_at_end(&reader)) {
    return "it is no JSON";
  }
  for (size_t at = 0; at < count; at++) {
    if (seen[at] || fields[at].optional) continue;
    gr_buffer_t why = {0};
    gr_add_text(&why, "missing field `");
    gr_add_name(&why, fields[at].name);
    gr_add_text(&why, "`");
    return gr_settle(turn, &why);
  }
  return NULL;
}

static void add_address(gr_buffer_t *buffer, gr_address_t address) {
  gr_add_text(buffer, "\"");
  for (int half = 0; half < 2; half++) {
    uint64_t number = half ? address.key : address.node;
    for (int shift = 60; shift >= 0; shift -= 4) gr_add(buffer, &"0123456789abcdef"[number >> shift & 15], 1);
    gr_add_text(buffer, half ? "\"" : "-");
  }
}

static void add_value(gr_buffer_t *buffer, gr_type_t type, const void *at) {
  switch (type) {
    case GR_WHOLE: gr_add_whole(buffer, *(const uint64_t *)at); break;
    case GR_INTEGER: gr_add_integer(buffer, *(const int64_t *)at); break;
    case GR_NUMBER: gr_add_number(buffer, *(const double *)at); break;
    case GR_BOOL: gr_add_text(buffer, *(const bool *)at ? "true" : "false"); break;
    case GR_TEXT: gr_add_string(buffer, *(const char *const *)at ? *(const char *const *)at : ""); break;
    case GR_CHARS: gr_add_string(buffer, at); break;
    case GR_ADDRESS: add_address(buffer, *(const gr_address_t *)at); break;
    case GR_JSON: gr_add_text(buffer, ((const gr_json_t *)at)->text ? ((const gr_json_t *)at)->text : "null"); break;
  }
}

void gr_open_object(gr_buffer_t *buffer, const gr_field_t *fields, const void *values) {
  gr_add_text(buffer, "{");
  for (const gr_field_t *field = fields; field->name; field++) {
    if (field != fields) gr_add_text(buffer, ",");
    gr_add_text(buffer, "\"");
    gr_add_name(buffer, field->name);
    gr_add_text(buffer, "\":");
    add_value(buffer, field->type, (const char *)values + field->at);
  }
}

void gr_write_body(gr_buffer_t *buffer, const gr_message_t *message) {
  if (message->fields) {
    gr_open_object(buffer, message->fields, message->values);
    gr_add_text(buffer, "}");
  } else if (message->type) {
    add_value(buffer, message->type, &message->value);
  }
}
