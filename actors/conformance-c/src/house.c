// Checks of `clock`, `config`, `log` and `devices`.

#include <stdlib.h>

#include "result.h"

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

const check_t HOUSE[] = {
    {"clock.now", now},
    {"clock.wall", wall},
    {"config.get", config},
    {"log.write", write_log},
    {"devices.read", read_device},
    {"devices.watch", watch_device},
    {"devices.write", write_device},
    {0},
};
