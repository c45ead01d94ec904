// Sending, asking and answering; timers and topics.

#include "turn.h"

#include <string.h>

// A message as the contract has it, in the turn's memory.
static greenroom_actor_types_message_t made(gr_turn_t *turn, const gr_message_t *message) {
  gr_buffer_t body = {0};
  gr_write_body(&body, message);
  size_t length = body.length;
  const char *text = gr_settle(turn, &body);
  return (greenroom_actor_types_message_t){gr_string(message->kind), {(uint8_t *)text, length}};
}

// An error of the contract's in words, and as the SDK's.
static gr_error_t failed(gr_turn_t *turn, gr_error_t error, const char *why) {
  turn->why = why;
  return error;
}

static const char *longer(gr_turn_t *turn, uint32_t most) {
  gr_buffer_t why = {0};
  gr_add_text(&why, "the body is longer than ");
  gr_add_whole(&why, most);
  gr_add_text(&why, " bytes");
  return gr_settle(turn, &why);
}

const char *gr_not_granted(gr_turn_t *turn, actor_string_t grant) {
  gr_buffer_t why = {0};
  gr_add_text(&why, "not granted: the manifest has to grant `");
  gr_add(&why, grant.ptr, grant.len);
  gr_add_text(&why, "`");
  return gr_settle(turn, &why);
}

static gr_error_t sent(gr_turn_t *turn, greenroom_actor_types_send_error_t *error) {
  gr_error_t result;
  switch (error->tag) {
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_NO_ACTOR:
      result = failed(turn, GR_NO_ACTOR, "there is no such actor");
      break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_MAILBOX_FULL:
      result = failed(turn, GR_MAILBOX_FULL, "the receiver's mailbox is full");
      break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_TOO_LARGE:
      result = failed(turn, GR_TOO_LARGE, longer(turn, error->val.too_large));
      break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_INVALID:
      result = failed(turn, GR_INVALID, gr_text_from(turn, error->val.invalid));
      break;
    case GREENROOM_ACTOR_TYPES_SEND_ERROR_NOT_GRANTED:
      result = failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error->val.not_granted));
      break;
    default: result = failed(turn, GR_OTHER, gr_text_from(turn, error->val.other));
  }
  greenroom_actor_types_send_error_free(error);
  return result;
}

static const char *ended(gr_turn_t *turn, gr_reason_t why) {
  static const char *const CAUSES[] = {"normal",      "shutdown",      "killed",   "failed",      "trapped",
                                       "out-of-time", "out-of-memory", "no-actor", "unreachable", "other"};
  gr_buffer_t text = {0};
  gr_add_text(&text, "it ended before it answered: ");
  gr_add_text(&text, CAUSES[why.cause]);
  if (*why.text) gr_add_text(&text, ": ");
  gr_add_text(&text, why.text);
  return gr_settle(turn, &text);
}

gr_error_t gr_ask_failed(gr_turn_t *turn, const greenroom_actor_types_ask_error_t *error) {
  switch (error->tag) {
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_NO_ACTOR: return failed(turn, GR_NO_ACTOR, "there is no such actor");
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_MAILBOX_FULL:
      return failed(turn, GR_MAILBOX_FULL, "the receiver's mailbox is full");
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_TOO_LARGE:
      return failed(turn, GR_TOO_LARGE, longer(turn, error->val.too_large));
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_INVALID:
      return failed(turn, GR_INVALID, gr_text_from(turn, error->val.invalid));
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_NOT_GRANTED:
      return failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error->val.not_granted));
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_TIMED_OUT: return failed(turn, GR_TIMED_OUT, "no answer came in time");
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_RESTARTING: return failed(turn, GR_RESTARTING, "it is being restarted");
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_WOULD_DEADLOCK:
      return failed(turn, GR_WOULD_DEADLOCK, gr_text_from(turn, error->val.would_deadlock));
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_REFUSED:
      return failed(turn, GR_REFUSED, gr_text_from(turn, error->val.refused));
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_ENDED:
      return failed(turn, GR_ENDED, ended(turn, gr_reason_in(turn, &error->val.ended)));
    case GREENROOM_ACTOR_TYPES_ASK_ERROR_UNREACHABLE:
      return failed(turn, GR_UNREACHABLE, "its host could not be reached");
    default: return failed(turn, GR_OTHER, gr_text_from(turn, error->val.other));
  }
}

#define MILLISECOND 1000000ull

static uint64_t nanoseconds(uint64_t milliseconds) {
  // What is too long stays too long, and the host says what would be right.
  return milliseconds > UINT64_MAX / MILLISECOND ? UINT64_MAX : milliseconds * MILLISECOND;
}

gr_address_t gr_self(void) {
  greenroom_actor_types_address_t own;
  greenroom_actor_messaging_own_address(&own);
  return gr_address_in(own);
}

bool gr_sender(const gr_turn_t *turn, gr_address_t *sender) {
  if (!turn->envelope || !turn->envelope->sender.is_some) return false;
  *sender = gr_address_in(turn->envelope->sender.val);
  return true;
}

const char *gr_topic(const gr_turn_t *turn) {
  if (!turn->envelope || !turn->envelope->topic.is_some) return NULL;
  // Turns are one at a time, and all of them are the current one.
  return gr_text_from(&gr_current, turn->envelope->topic.val);
}

const char *gr_raw_kind(const gr_turn_t *turn) {
  return turn->envelope ? gr_text_from(&gr_current, turn->envelope->message.kind) : "";
}

const char *gr_raw_body(const gr_turn_t *turn, size_t *length) {
  if (length) *length = turn->envelope ? turn->envelope->message.body.len : 0;
  if (!turn->envelope) return "";
  return gr_copy(&gr_current.pieces, turn->envelope->message.body.ptr, turn->envelope->message.body.len);
}

gr_error_t gr_tell(gr_turn_t *turn, gr_address_t to, gr_message_t message) {
  greenroom_actor_types_address_t whom = gr_address_out(to);
  greenroom_actor_types_message_t what = made(turn, &message);
  greenroom_actor_types_send_error_t error;
  return greenroom_actor_messaging_send(&whom, &what, &error) ? GR_OK : sent(turn, &error);
}

void gr_remember(uint64_t request, const char *kind) {
  gr_asked_t *asked = gr_alloc(sizeof(gr_asked_t) + strlen(kind) + 1);
  asked->request = request;
  strcpy(asked->kind, kind);
  asked->next = gr_current.asked;
  gr_current.asked = asked;
}

gr_error_t gr_ask(gr_turn_t *turn, gr_address_t to, gr_message_t message, uint64_t timeout_ms, const char *then) {
  greenroom_actor_types_address_t whom = gr_address_out(to);
  greenroom_actor_types_message_t what = made(turn, &message);
  greenroom_actor_types_ask_error_t error;
  uint64_t request;
  if (greenroom_actor_messaging_start_ask(&whom, &what, nanoseconds(timeout_ms), &request, &error)) {
    gr_remember(request, then);
    return GR_OK;
  }
  gr_error_t result = gr_ask_failed(turn, &error);
  greenroom_actor_types_ask_error_free(&error);
  return result;
}

gr_error_t gr_reply_to(gr_turn_t *turn, uint64_t request, gr_message_t answer) {
  greenroom_actor_messaging_result_message_string_t result = {.is_err = false, .val.ok = made(turn, &answer)};
  greenroom_actor_types_send_error_t error;
  return greenroom_actor_messaging_reply(request, &result, &error) ? GR_OK : sent(turn, &error);
}

gr_error_t gr_refuse_to(gr_turn_t *turn, uint64_t request, const char *why) {
  greenroom_actor_messaging_result_message_string_t result = {.is_err = true, .val.err = gr_string(why)};
  greenroom_actor_types_send_error_t error;
  return greenroom_actor_messaging_reply(request, &result, &error) ? GR_OK : sent(turn, &error);
}

uint64_t gr_request(gr_turn_t *turn) {
  uint64_t request = turn->request;
  turn->request = 0;
  return request;
}

gr_next_t gr_reply(gr_turn_t *turn, gr_message_t answer) {
  uint64_t request = gr_request(turn);
  if (request && gr_reply_to(turn, request, answer)) return gr_fail(turn, "%s", gr_why(turn));
  return GR_SAME;
}

gr_next_t gr_refuse(gr_turn_t *turn, const char *why) {
  uint64_t request = gr_request(turn);
  if (!request) return gr_unhandled(turn, why);
  return gr_refuse_to(turn, request, why) ? gr_fail(turn, "%s", gr_why(turn)) : GR_SAME;
}

uint64_t gr_send_after(gr_turn_t *turn, uint64_t delay_ms, gr_message_t message) {
  greenroom_actor_types_address_t own = gr_address_out(gr_self());
  greenroom_actor_types_message_t what = made(turn, &message);
  greenroom_actor_types_send_error_t error;
  uint64_t timer;
  if (greenroom_actor_timers_send_after(nanoseconds(delay_ms), &own, &what, &timer, &error)) return timer;
  sent(turn, &error);
  return 0;
}

uint64_t gr_send_every(gr_turn_t *turn, uint64_t interval_ms, gr_message_t message) {
  greenroom_actor_types_address_t own = gr_address_out(gr_self());
  greenroom_actor_types_message_t what = made(turn, &message);
  greenroom_actor_types_send_error_t error;
  uint64_t timer;
  if (greenroom_actor_timers_send_every(nanoseconds(interval_ms), &own, &what, &timer, &error)) return timer;
  sent(turn, &error);
  return 0;
}

void gr_cancel(uint64_t timer) { greenroom_actor_timers_cancel(timer); }

static gr_error_t published(gr_turn_t *turn, greenroom_actor_topics_topic_error_t *error) {
  gr_error_t result;
  switch (error->tag) {
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_INVALID:
      result = failed(turn, GR_INVALID, gr_text_from(turn, error->val.invalid));
      break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_NOT_GRANTED:
      result = failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error->val.not_granted));
      break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_TOO_LARGE:
      result = failed(turn, GR_TOO_LARGE, longer(turn, error->val.too_large));
      break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_NO_REGISTRY:
      result = failed(turn, GR_NO_REGISTRY, "the manifest names no topic registry (`host.topics`)");
      break;
    default: result = failed(turn, GR_OTHER, gr_text_from(turn, error->val.other));
  }
  greenroom_actor_topics_topic_error_free(error);
  return result;
}

gr_error_t gr_publish(gr_turn_t *turn, const char *topic, gr_message_t message) {
  actor_string_t name = gr_string(topic);
  greenroom_actor_types_message_t what = made(turn, &message);
  greenroom_actor_topics_topic_error_t error;
  return greenroom_actor_topics_publish(&name, &what, &error) ? GR_OK : published(turn, &error);
}

gr_error_t gr_subscribe(gr_turn_t *turn, const char *pattern) {
  actor_string_t name = gr_string(pattern);
  greenroom_actor_topics_topic_error_t error;
  return greenroom_actor_topics_subscribe(&name, &error) ? GR_OK : published(turn, &error);
}

void gr_unsubscribe(const char *pattern) {
  actor_string_t name = gr_string(pattern);
  greenroom_actor_topics_unsubscribe(&name);
}
