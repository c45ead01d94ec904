// Checks of `messaging`, `asking` and `timers`.

#include <stdlib.h>

#include "result.h"

// messaging

static void own_address(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  address_t address;
  greenroom_actor_messaging_own_address(&address);
  text_address(result, address);
}

static void send(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  message_t message = arg_message(args);
  greenroom_actor_types_send_error_t error;
  if (greenroom_actor_messaging_send(&to, &message, &error)) ok(result);
  else send_error(result, &error);
}

static void start_ask(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  message_t message = arg_message(args);
  uint64_t timeout = arg_number(args), request;
  ask_error_t error;
  if (!greenroom_actor_messaging_start_ask(&to, &message, timeout, &request, &error)) return ask_error(result, &error);
  begin_ok(result);
  text_number(result, request);
  end(result);
}

static void reply(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  uint64_t request = arg_number(args);
  greenroom_actor_messaging_result_message_string_t answer = {.is_err = is(arg_line(args), "refuse")};
  if (answer.is_err) answer.val.err = arg_text(args);
  else answer.val.ok = arg_message(args);
  greenroom_actor_types_send_error_t error;
  if (greenroom_actor_messaging_reply(request, &answer, &error)) ok(result);
  else send_error(result, &error);
}

#ifdef ASKING
static void ask(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  message_t message = arg_message(args), answer;
  uint64_t timeout = arg_number(args);
  ask_error_t error;
  if (!greenroom_actor_asking_ask(&to, &message, timeout, &answer, &error)) return ask_error(result, &error);
  begin_ok(result);
  text_message(result, &answer);
  end(result);
  greenroom_actor_types_message_free(&answer);
}
#endif

// timers

static void set_timer(args_t *args, text_t *result, bool again) {
  uint64_t time = arg_number(args), timer;
  address_t to = whom(args);
  message_t message = arg_message(args);
  greenroom_actor_types_send_error_t error;
  bool set = again ? greenroom_actor_timers_send_every(time, &to, &message, &timer, &error)
                   : greenroom_actor_timers_send_after(time, &to, &message, &timer, &error);
  if (!set) return send_error(result, &error);
  begin_ok(result);
  text_number(result, timer);
  end(result);
}

static void send_after(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  set_timer(args, result, false);
}

static void send_every(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  set_timer(args, result, true);
}

static void cancel(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  greenroom_actor_timers_cancel(arg_number(args));
  nothing(result);
}

const check_t MESSAGING[] = {
    {"messaging.own-address", own_address},
    {"messaging.send", send},
    {"messaging.start-ask", start_ask},
    {"messaging.reply", reply},
#ifdef ASKING
    {"asking.ask", ask},
#endif
    {"timers.send-after", send_after},
    {"timers.send-every", send_every},
    {"timers.cancel", cancel},
    {0},
};
