#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add(text_t *text, const void *bytes, size_t length) {
  if (text->length + length > text->room) {
    text->room = (text->length + length) * 2;
    text->at = realloc(text->at, text->room);
    if (!text->at) abort();
  }
  if (length) memcpy(text->at + text->length, bytes, length);
  text->length += length;
}

void text_word(text_t *text, const char *word) { text_add(text, word, strlen(word)); }

void text_free(text_t *text) {
  free(text->at);
  *text = (text_t){0};
}

void text_number(text_t *text, uint64_t number) {
  char digits[24];
  text_add(text, digits, (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number));
}

void text_float(text_t *text, double number) {
  char digits[40];
  // 17 digits name every double.
  text_add(text, digits, (size_t)snprintf(digits, sizeof digits, "%.17g", number));
}

void text_string(text_t *text, actor_string_t string) {
  text_word(text, "\"");
  for (size_t i = 0; i < string.len; i++) {
    uint8_t byte = string.ptr[i];
    if (byte == '"' || byte == '\\') {
      char escape[2] = {'\\', (char)byte};
      text_add(text, escape, 2);
    } else if (byte < 0x20) {
      char escape[8];
      text_add(text, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", byte));
    } else {
      text_add(text, &byte, 1);
    }
  }
  text_word(text, "\"");
}

void text_bytes(text_t *text, actor_list_u8_t bytes) {
  bool ascii = true;
  for (size_t i = 0; i < bytes.len; i++) ascii = ascii && bytes.ptr[i] < 0x80;
  if (ascii) {
    text_string(text, (actor_string_t){bytes.ptr, bytes.len});
    return;
  }
  text_word(text, "\"hex:");
  for (size_t i = 0; i < bytes.len; i++) {
    char digits[3];
    text_add(text, digits, (size_t)snprintf(digits, sizeof digits, "%02x", bytes.ptr[i]));
  }
  text_word(text, "\"");
}

void text_address(text_t *text, address_t address) {
  char both[40];
  int length = snprintf(both, sizeof both, "\"%016llx-%016llx\"", (unsigned long long)address.node,
                        (unsigned long long)address.key);
  text_add(text, both, (size_t)length);
}

void text_message(text_t *text, const message_t *message) {
  text_word(text, "{\"kind\":");
  text_string(text, message->kind);
  text_word(text, ",\"body\":");
  text_bytes(text, message->body);
  text_word(text, "}");
}

void text_case(text_t *text, const char *name, const actor_string_t *holds) {
  text_word(text, holds ? "{\"" : "\"");
  text_word(text, name);
  text_word(text, "\"");
  if (!holds) return;
  text_word(text, ":");
  text_string(text, *holds);
  text_word(text, "}");
}

void text_case_number(text_t *text, const char *name, uint64_t holds) {
  text_word(text, "{\"");
  text_word(text, name);
  text_word(text, "\":");
  text_number(text, holds);
  text_word(text, "}");
}

// The names of the cases in the order of their tags, and which of them hold a text.
const char *const reason_names[REASONS_COUNT] = {"normal",       "shutdown",      "killed",   "failed",      "trapped",
                                      "out-of-time",  "out-of-memory", "no-actor", "unreachable", "other"};

void text_reason(text_t *text, const reason_t *reason) {
  bool holds = reason->tag == GREENROOM_ACTOR_TYPES_REASON_FAILED ||
               reason->tag == GREENROOM_ACTOR_TYPES_REASON_TRAPPED || reason->tag == GREENROOM_ACTOR_TYPES_REASON_OTHER;
  text_case(text, reason_names[reason->tag], holds ? &reason->val.failed : NULL);
}

void text_ask_error(text_t *text, const ask_error_t *error) {
  switch (error->tag) {
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_NO_ACTOR: text_case(text, "no-actor", NULL); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_MAILBOX_FULL: text_case(text, "mailbox-full", NULL); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_TOO_LARGE: text_case_number(text, "too-large", error->val.too_large); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_INVALID: text_case(text, "invalid", &error->val.invalid); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_NOT_GRANTED: text_case(text, "not-granted", &error->val.not_granted); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_TIMED_OUT: text_case(text, "timed-out", NULL); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_RESTARTING: text_case(text, "restarting", NULL); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_WOULD_DEADLOCK:
      text_case(text, "would-deadlock", &error->val.would_deadlock);
      break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_REFUSED: text_case(text, "refused", &error->val.refused); break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_ENDED:
      text_word(text, "{\"ended\":");
      text_reason(text, &error->val.ended);
      text_word(text, "}");
      break;
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_UNREACHABLE: text_case(text, "unreachable", NULL); break;
    default: text_case(text, "other", &error->val.other);
  }
}
