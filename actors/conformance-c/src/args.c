#include "args.h"

#include <stdlib.h>
#include <string.h>

// Memory of this turn, as a list.
typedef struct piece {
  struct piece *next;
  // As much as anything needs to be aligned.
  _Alignas(16) uint8_t bytes[];
} piece_t;

static piece_t *pieces;

void *take(size_t size) {
  piece_t *piece = malloc(sizeof(piece_t) + size);
  if (!piece) abort();
  piece->next = pieces;
  pieces = piece;
  return piece->bytes;
}

void give_back(void) {
  while (pieces) {
    piece_t *next = pieces->next;
    free(pieces);
    pieces = next;
  }
}

bool is(actor_string_t string, const char *word) {
  return string.len == strlen(word) && !memcmp(string.ptr, word, string.len);
}

actor_string_t arg_line(args_t *args) {
  const uint8_t *end = args->left ? memchr(args->at, '\n', args->left) : NULL;
  size_t length = end ? (size_t)(end - args->at) : args->left;
  actor_string_t line = {(uint8_t *)args->at, length};
  size_t gone = end ? length + 1 : length;
  args->at += gone;
  args->left -= gone;
  return line;
}

// A line as a C string.
static char *line_of(args_t *args) {
  actor_string_t line = arg_line(args);
  char *copy = take(line.len + 1);
  memcpy(copy, line.ptr, line.len);
  copy[line.len] = 0;
  return copy;
}

actor_string_t arg_text(args_t *args) {
  char *line = line_of(args);
  if (!strncmp(line, "fill:", 5)) {
    size_t length = strtoul(line + 5, NULL, 10);
    uint8_t *bytes = take(length);
    memset(bytes, 'x', length);
    return (actor_string_t){bytes, length};
  }
  if (!strncmp(line, "hex:", 4)) {
    size_t length = strlen(line + 4) / 2;
    uint8_t *bytes = take(length);
    for (size_t i = 0; i < length; i++) {
      char digits[3] = {line[4 + 2 * i], line[5 + 2 * i], 0};
      bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return (actor_string_t){bytes, length};
  }
  return (actor_string_t){(uint8_t *)line, strlen(line)};
}

uint64_t arg_number(args_t *args) { return strtoull(line_of(args), NULL, 10); }

double arg_float(args_t *args) { return strtod(line_of(args), NULL); }

address_t arg_address(args_t *args) {
  char *rest;
  uint64_t node = strtoull(line_of(args), &rest, 16);
  return (address_t){node, *rest == '-' ? strtoull(rest + 1, NULL, 16) : 0};
}

// A case's name, and after a colon its text.
reason_t arg_reason(args_t *args) {
  char *line = line_of(args);
  char *colon = strchr(line, ':');
  if (colon) *colon = 0;
  reason_t reason = {.tag = GREENROOM_ACTOR_TYPES_REASON_OTHER};
  for (uint8_t tag = 0; tag < REASONS_COUNT; tag++) {
    if (!strcmp(line, reason_names[tag])) reason.tag = tag;
  }
  if (colon) actor_string_set(&reason.val.other, colon + 1);
  return reason;
}

message_t arg_message(args_t *args) {
  message_t message;
  message.kind = arg_text(args);
  actor_string_t body = arg_text(args);
  message.body = (actor_list_u8_t){body.ptr, body.len};
  return message;
}
