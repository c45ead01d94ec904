// A check for each function that the contract offers: its arguments are the lines of the message, its result what the
// function gave back, as JSON: `{"ok": …}` or `{"error": …}` where it can fail.

#include <stdlib.h>
#include <string.h>

#include "checks.h"

// The address of the actor that was spawned last in this turn, for `spawned` in place of an address.
static address_t last_spawned;

static address_t whom(args_t *args) {
  args_t ahead = *args;
  if (is(arg_line(&ahead), "spawned")) {
    *args = ahead;
    return last_spawned;
  }
  return arg_address(args);
}

static void ok(text_t *result) { text_word(result, "{\"ok\":null}"); }
static void begin_ok(text_t *result) { text_word(result, "{\"ok\":"); }
static void begin_error(text_t *result) { text_word(result, "{\"error\":"); }
static void end(text_t *result) { text_word(result, "}"); }
static void nothing(text_t *result) { text_word(result, "null"); }

static void send_error(text_t *result, greenroom_actor_types_send_error_t *error) {
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

static void ask_error(text_t *result, ask_error_t *error) {
  begin_error(result);
  text_ask_error(result, error);
  end(result);
  greenroom_actor_types_ask_error_free(error);
}

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

// actors

static void spawn(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t behavior = arg_text(args), config = arg_text(args), name = arg_text(args), relation = arg_line(args);
  greenroom_actor_actors_options_t options = {0};
  options.name.is_some = name.len > 0;
  options.name.val = name;
  if (is(relation, "link") || is(relation, "both")) options.relation |= GREENROOM_ACTOR_ACTORS_RELATION_LINK;
  if (is(relation, "monitor") || is(relation, "both")) options.relation |= GREENROOM_ACTOR_ACTORS_RELATION_MONITOR;
  // `grants` and then one a line; without that word, none are named.
  options.grants.is_some = is(arg_line(args), "grants");
  actor_string_t grants[8];
  options.grants.val.ptr = grants;
  while (args->left && options.grants.val.len < 8) grants[options.grants.val.len++] = arg_text(args);
  greenroom_actor_actors_spawned_t spawned;
  greenroom_actor_actors_spawn_error_t error;
  if (greenroom_actor_actors_spawn(&behavior, &config, &options, &spawned, &error)) {
    last_spawned = spawned.address;
    text_word(result, "{\"ok\":{\"address\":");
    text_address(result, spawned.address);
    text_word(result, ",\"monitor\":");
    if (spawned.monitor.is_some) text_number(result, spawned.monitor.val);
    else nothing(result);
    text_word(result, "}}");
    return;
  }
  begin_error(result);
  switch (error.tag) {
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_UNKNOWN_BEHAVIOR: text_case(result, "unknown-behavior", NULL); break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error.val.not_granted); break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_LIMIT: text_case(result, "limit", &error.val.limit); break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_NAME_TAKEN: text_case(result, "name-taken", NULL); break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_INVALID: text_case(result, "invalid", &error.val.invalid); break;
    default: text_case(result, "other", &error.val.other);
  }
  end(result);
  greenroom_actor_actors_spawn_error_free(&error);
}

static void link_to(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  greenroom_actor_actors_link(&to);
  nothing(result);
}

static void unlink_from(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  greenroom_actor_actors_unlink(&to);
  nothing(result);
}

static void monitor(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  text_number(result, greenroom_actor_actors_monitor(&to));
}

static void demonitor(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  greenroom_actor_actors_demonitor(arg_number(args));
  nothing(result);
}

static void trap_exits(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  greenroom_actor_actors_trap_exits(is(arg_line(args), "true"));
  nothing(result);
}

static void send_exit(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  address_t to = whom(args);
  reason_t why = arg_reason(args);
  greenroom_actor_actors_exit(&to, &why);
  nothing(result);
}

// names

static void name_error(text_t *result, greenroom_actor_names_name_error_t *error) {
  begin_error(result);
  switch (error->tag) {
    case GREENROOM_ACTOR_NAMES_NAME_ERROR_TAKEN: text_case(result, "taken", NULL); break;
    case GREENROOM_ACTOR_NAMES_NAME_ERROR_INVALID: text_case(result, "invalid", &error->val.invalid); break;
    case GREENROOM_ACTOR_NAMES_NAME_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error->val.not_granted); break;
    default: text_case(result, "other", &error->val.other);
  }
  end(result);
  greenroom_actor_names_name_error_free(error);
}

static void register_name(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t name = arg_text(args);
  greenroom_actor_names_name_error_t error;
  if (greenroom_actor_names_register(&name, &error)) ok(result);
  else name_error(result, &error);
}

static void unregister(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t name = arg_text(args);
  greenroom_actor_names_unregister(&name);
  nothing(result);
}

static void lookup(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t name = arg_text(args);
  greenroom_actor_names_option_address_t found;
  greenroom_actor_names_name_error_t error;
  if (!greenroom_actor_names_lookup(&name, &found, &error)) return name_error(result, &error);
  begin_ok(result);
  if (found.is_some) text_address(result, found.val);
  else nothing(result);
  end(result);
}

// clock, config, log

static void now(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  text_number(result, greenroom_actor_clock_now());
}

static void wall(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  uint64_t time;
  if (greenroom_actor_clock_wall(&time)) text_number(result, time);
  else nothing(result);
}

static void config(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  actor_string_t config;
  greenroom_actor_config_get(&config);
  text_string(result, config);
  actor_string_free(&config);
}

static void write_log(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  static const char *const LEVELS[] = {"trace", "debug", "info", "warn", "error"};
  actor_string_t word = arg_line(args), line = arg_text(args);
  for (uint8_t level = 0; level < 5; level++) {
    if (is(word, LEVELS[level])) greenroom_actor_log_write(level, &line);
  }
  nothing(result);
}

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

// topics and routes

static void topic_error(text_t *result, greenroom_actor_topics_topic_error_t *error) {
  begin_error(result);
  switch (error->tag) {
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_INVALID: text_case(result, "invalid", &error->val.invalid); break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error->val.not_granted); break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_TOO_LARGE: text_case_number(result, "too-large", error->val.too_large); break;
    case GREENROOM_ACTOR_TOPICS_TOPIC_ERROR_NO_REGISTRY: text_case(result, "no-registry", NULL); break;
    default: text_case(result, "other", &error->val.other);
  }
  end(result);
  greenroom_actor_topics_topic_error_free(error);
}

static void publish(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t topic = arg_text(args);
  message_t message = arg_message(args);
  greenroom_actor_topics_topic_error_t error;
  if (greenroom_actor_topics_publish(&topic, &message, &error)) ok(result);
  else topic_error(result, &error);
}

static void subscribe(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t pattern = arg_text(args);
  greenroom_actor_topics_topic_error_t error;
  if (greenroom_actor_topics_subscribe(&pattern, &error)) ok(result);
  else topic_error(result, &error);
}

static void unsubscribe(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t pattern = arg_text(args);
  greenroom_actor_topics_unsubscribe(&pattern);
  nothing(result);
}

static void routes_error(text_t *result, actor_string_t *why) {
  begin_error(result);
  text_string(result, *why);
  end(result);
  actor_string_free(why);
}

static void set_route(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t pattern = arg_text(args), why;
  address_t receivers[8];
  greenroom_actor_routes_list_address_t list = {receivers, 0};
  while (args->left && list.len < 8) receivers[list.len++] = whom(args);
  if (greenroom_actor_routes_set(&pattern, &list, &why)) ok(result);
  else routes_error(result, &why);
}

static void current_routes(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  greenroom_actor_routes_list_route_t routes;
  actor_string_t why;
  if (!greenroom_actor_routes_current(&routes, &why)) return routes_error(result, &why);
  text_word(result, "{\"ok\":[");
  for (size_t i = 0; i < routes.len; i++) {
    text_word(result, i ? ",{\"pattern\":" : "{\"pattern\":");
    text_string(result, routes.ptr[i].pattern);
    text_word(result, ",\"receivers\":[");
    for (size_t j = 0; j < routes.ptr[i].receivers.len; j++) {
      if (j) text_word(result, ",");
      text_address(result, routes.ptr[i].receivers.ptr[j]);
    }
    text_word(result, "]}");
  }
  text_word(result, "]}");
  greenroom_actor_routes_list_route_free(&routes);
}

// devices

static void read_error(text_t *result, greenroom_actor_devices_read_error_t *error) {
  begin_error(result);
  switch (error->tag) {
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error->val.not_granted); break;
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_NO_DEVICE: text_case(result, "no-device", NULL); break;
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_STALE: text_case_number(result, "stale", error->val.stale); break;
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_FAILED: text_case(result, "failed", &error->val.failed); break;
    default: text_case(result, "other", &error->val.other);
  }
  end(result);
  greenroom_actor_devices_read_error_free(error);
}

static void read_device(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t device = arg_text(args);
  greenroom_actor_devices_reading_t reading;
  greenroom_actor_devices_read_error_t error;
  if (!greenroom_actor_devices_read(&device, &reading, &error)) return read_error(result, &error);
  text_word(result, "{\"ok\":{\"at\":");
  text_number(result, reading.at);
  text_word(result, ",\"value\":");
  text_float(result, reading.value);
  text_word(result, "}}");
}

static void watch_device(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t device = arg_text(args);
  greenroom_actor_devices_read_error_t error;
  if (greenroom_actor_devices_watch(&device, &error)) ok(result);
  else read_error(result, &error);
}

static void write_device(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t device = arg_text(args);
  double value = arg_float(args);
  greenroom_actor_devices_write_error_t error;
  if (greenroom_actor_devices_write(&device, value, &error)) return ok(result);
  begin_error(result);
  switch (error.tag) {
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_NOT_GRANTED: text_case(result, "not-granted", &error.val.not_granted); break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_NO_DEVICE: text_case(result, "no-device", NULL); break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_READ_ONLY: text_case(result, "read-only", NULL); break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_BUSY: text_case(result, "busy", &error.val.busy); break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_OUT_OF_RANGE: text_case(result, "out-of-range", &error.val.out_of_range); break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_MAX_ON: text_case(result, "max-on", NULL); break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_FAILED: text_case(result, "failed", &error.val.failed); break;
    default: text_case(result, "other", &error.val.other);
  }
  end(result);
  greenroom_actor_devices_write_error_free(&error);
}

const check_t IMPORTS[] = {
    {"messaging.own-address", own_address},
    {"messaging.send", send},
    {"messaging.start-ask", start_ask},
    {"messaging.reply", reply},
#ifdef ASKING
    {"asking.ask", ask},
#endif
    {"actors.spawn", spawn},
    {"actors.link", link_to},
    {"actors.unlink", unlink_from},
    {"actors.monitor", monitor},
    {"actors.demonitor", demonitor},
    {"actors.trap-exits", trap_exits},
    {"actors.exit", send_exit},
    {"names.register", register_name},
    {"names.unregister", unregister},
    {"names.lookup", lookup},
    {"clock.now", now},
    {"clock.wall", wall},
    {"config.get", config},
    {"log.write", write_log},
    {"timers.send-after", send_after},
    {"timers.send-every", send_every},
    {"timers.cancel", cancel},
    {"topics.publish", publish},
    {"topics.subscribe", subscribe},
    {"topics.unsubscribe", unsubscribe},
    {"routes.set", set_route},
    {"routes.current", current_routes},
    {"devices.read", read_device},
    {"devices.watch", watch_device},
    {"devices.write", write_device},
    {0},
};
