// Sending, asking, answering, and messages at a later time.

#include <stdlib.h>

#include "host.h"

bool to_message(JSValueConst kind, JSValueConst body, message_t *message) {
  if (!to_string(kind, &message->kind)) return false;
  if (to_bytes(body, &message->body)) return true;
  actor_string_free(&message->kind);
  return false;
}

// messaging

FUNCTION(own_address) {
  UNUSED;
  address_t own;
  greenroom_actor_messaging_own_address(&own);
  return js_address(&own);
}

FUNCTION(host_send) {
  UNUSED;
  address_t to;
  message_t message;
  send_error_t error;
  if (!to_address(argv[0], &to) || !to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool sent = greenroom_actor_messaging_send(&to, &message, &error);
  greenroom_actor_types_message_free(&message);
  return sent ? JS_UNDEFINED : JS_Throw(js, js_send_error(&error));
}

FUNCTION(start_ask) {
  UNUSED;
  address_t to;
  message_t message;
  uint64_t timeout, request;
  ask_error_t error;
  if (!to_address(argv[0], &to) || !to_u64(argv[3], &timeout)) return JS_EXCEPTION;
  if (!to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool asked = greenroom_actor_messaging_start_ask(&to, &message, timeout, &request, &error);
  greenroom_actor_types_message_free(&message);
  return asked ? JS_NewBigUint64(js, request) : JS_Throw(js, js_ask_error(&error));
}

static JSValue replied(uint64_t request, greenroom_actor_messaging_result_message_string_t *answer) {
  send_error_t error;
  bool sent = greenroom_actor_messaging_reply(request, answer, &error);
  greenroom_actor_messaging_result_message_string_free(answer);
  return sent ? JS_UNDEFINED : JS_Throw(js, js_send_error(&error));
}

FUNCTION(reply) {
  UNUSED;
  uint64_t request;
  greenroom_actor_messaging_result_message_string_t answer = {.is_err = false};
  if (!to_u64(argv[0], &request) || !to_message(argv[1], argv[2], &answer.val.ok)) return JS_EXCEPTION;
  return replied(request, &answer);
}

FUNCTION(refuse) {
  UNUSED;
  uint64_t request;
  greenroom_actor_messaging_result_message_string_t answer = {.is_err = true};
  if (!to_u64(argv[0], &request) || !to_string(argv[1], &answer.val.err)) return JS_EXCEPTION;
  return replied(request, &answer);
}

#ifdef ASKING
FUNCTION(ask) {
  UNUSED;
  address_t to;
  message_t message, answer;
  uint64_t timeout;
  ask_error_t error;
  if (!to_address(argv[0], &to) || !to_u64(argv[3], &timeout)) return JS_EXCEPTION;
  if (!to_message(argv[1], argv[2], &message)) return JS_EXCEPTION;
  bool answered = greenroom_actor_asking_ask(&to, &message, timeout, &answer, &error);
  greenroom_actor_types_message_free(&message);
  return answered ? js_message(&answer) : JS_Throw(js, js_ask_error(&error));
}
#endif

// timers

typedef bool timer_t_(uint64_t length, address_t *to, message_t *message, uint64_t *timer, send_error_t *error);

static JSValue set_timer(JSValueConst *argv, timer_t_ *set) {
  address_t to;
  message_t message;
  uint64_t length, timer;
  send_error_t error;
  if (!to_u64(argv[0], &length) || !to_address(argv[1], &to)) return JS_EXCEPTION;
  if (!to_message(argv[2], argv[3], &message)) return JS_EXCEPTION;
  bool done = set(length, &to, &message, &timer, &error);
  greenroom_actor_types_message_free(&message);
  return done ? JS_NewBigUint64(js, timer) : JS_Throw(js, js_send_error(&error));
}

FUNCTION(send_after) {
  UNUSED;
  return set_timer(argv, greenroom_actor_timers_send_after);
}

FUNCTION(send_every) {
  UNUSED;
  return set_timer(argv, greenroom_actor_timers_send_every);
}

FUNCTION(cancel) {
  UNUSED;
  uint64_t timer;
  if (!to_u64(argv[0], &timer)) return JS_EXCEPTION;
  greenroom_actor_timers_cancel(timer);
  return JS_UNDEFINED;
}

void add_messaging(JSValue host) {
  static const JSCFunctionListEntry FUNCTIONS[] = {
      JS_CFUNC_DEF("ownAddress", 0, own_address),
      JS_CFUNC_DEF("send", 3, host_send),
      JS_CFUNC_DEF("startAsk", 4, start_ask),
      JS_CFUNC_DEF("reply", 3, reply),
      JS_CFUNC_DEF("refuse", 2, refuse),
      JS_CFUNC_DEF("sendAfter", 4, send_after),
      JS_CFUNC_DEF("sendEvery", 4, send_every),
      JS_CFUNC_DEF("cancel", 1, cancel),
#ifdef ASKING
      JS_CFUNC_DEF("ask", 4, ask),
#endif
  };
  JS_SetPropertyFunctionList(js, host, FUNCTIONS, sizeof FUNCTIONS / sizeof *FUNCTIONS);
}
