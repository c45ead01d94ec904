#include "result.h"

#include <stdlib.h>

address_t last_spawned;

address_t whom(args_t *args) {
  args_t ahead = *args;
  if (is(arg_line(&ahead), "spawned")) {
    *args = ahead;
    return last_spawned;
  }
  return arg_address(args);
}

void ok(text_t *result) { text_word(result, "{\"ok\":null}"); }
void begin_ok(text_t *result) { text_word(result, "{\"ok\":"); }
void begin_error(text_t *result) { text_word(result, "{\"error\":"); }
void end(text_t *result) { text_word(result, "}"); }
void nothing(text_t *result) { text_word(result, "null"); }

void send_error(text_t *result, greenroom_actor_types_send_error_t *error) {
  begin_error(result);
  switch (error->tag) {
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_NO_ACTOR: text_case(result, "no-actor", NULL); break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_MAILBOX_FULL: text_case(result, "mailbox-full", NULL); break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_TOO_LARGE: text_case_number(result, "too-large", error->val.too_large); break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_INVALID: text_case(result, "invalid", &error->val.invalid); break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error->val.not_granted); break;
    default: text_case(result, "other", &error->val.other);
  }
  end(result);
  greenroom_actor_types_send_error_free(error);
}

void ask_error(text_t *result, ask_error_t *error) {
  begin_error(result);
  text_ask_error(result, error);
  end(result);
  greenroom_actor_types_ask_error_free(error);
}
