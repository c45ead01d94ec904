// Other actors, names, devices, the clock and the log.

#include "turn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static gr_error_t failed(gr_turn_t *turn, gr_error_t error, const char *why) {
  turn->why = why;
  return error;
}

// Reads a device

static gr_error_t not_read(gr_turn_t *turn, greenroom_actor_devices_read_error_t *error) {
  gr_error_t result;
  switch (error->tag) {
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_NOT_GRANTED:
      result = failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error->val.not_granted));
      break;
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_NO_DEVICE:
      result = failed(turn, GR_NO_DEVICE, "the manifest has no such device");
      break;
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_STALE: {
      gr_buffer_t why = {0};
      gr_add_text(&why, "the last value is ");
      gr_add_whole(&why, error->val.stale / 1000000);
      gr_add_text(&why, " ms old");
      result = failed(turn, GR_STALE, gr_settle(turn, &why));
      break;
    }
    case GREENROOM_ACTOR_DEVICES_READ_ERROR_FAILED:
      result = failed(turn, GR_BROKEN, gr_text_from(turn, error->val.failed));
      break;
    default: result = failed(turn, GR_OTHER, gr_text_from(turn, error->val.other));
  }
  greenroom_actor_devices_read_error_free(error);
  return result;
}

gr_error_t gr_read_device(gr_turn_t *turn, const char *device, double *value, uint64_t *at) {
  actor_string_t name = gr_string(device);
  greenroom_actor_devices_reading_t reading;
  greenroom_actor_devices_read_error_t error;
  if (!greenroom_actor_devices_read(&name, &reading, &error)) return not_read(turn, &error);
  *value = reading.value;
  if (at) *at = reading.at;
  return GR_OK;
}

gr_error_t gr_watch_device(gr_turn_t *turn, const char *device) {
  actor_string_t name = gr_string(device);
  greenroom_actor_devices_read_error_t error;
  return greenroom_actor_devices_watch(&name, &error) ? GR_OK : not_read(turn, &error);
}

gr_error_t gr_write_device(gr_turn_t *turn, const char *device, double value) {
  actor_string_t name = gr_string(device);
  greenroom_actor_devices_write_error_t error;
  if (greenroom_actor_devices_write(&name, value, &error)) return GR_OK;
  gr_error_t result;
  switch (error.tag) {
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_NOT_GRANTED:
      result = failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error.val.not_granted));
      break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_NO_DEVICE:
      result = failed(turn, GR_NO_DEVICE, "the manifest has no such device");
      break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_READ_ONLY:
      result = failed(turn, GR_READ_ONLY, "the device is an input");
      break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_BUSY: {
      gr_buffer_t why = {0};
      gr_add_text(&why, "`");
      gr_add(&why, error.val.busy.ptr, error.val.busy.len);
      gr_add_text(&why, "` writes it");
      result = failed(turn, GR_BUSY, gr_settle(turn, &why));
      break;
    }
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_OUT_OF_RANGE:
      result = failed(turn, GR_OUT_OF_RANGE, gr_text_from(turn, error.val.out_of_range));
      break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_MAX_ON:
      result = failed(turn, GR_MAX_ON, "it was on for longer than its `max-on`: switch it off once");
      break;
    case GREENROOM_ACTOR_DEVICES_WRITE_ERROR_FAILED:
      result = failed(turn, GR_BROKEN, gr_text_from(turn, error.val.failed));
      break;
    default: result = failed(turn, GR_OTHER, gr_text_from(turn, error.val.other));
  }
  greenroom_actor_devices_write_error_free(&error);
  return result;
}

// Names

static gr_error_t not_named(gr_turn_t *turn, greenroom_actor_names_name_error_t *error) {
  gr_error_t result;
  switch (error->tag) {
    case GREENROOM_ACTOR_NAMES_NAME_ERROR_TAKEN:
      result = failed(turn, GR_NAME_TAKEN, "another living actor has this name");
      break;
    case GREENROOM_ACTOR_NAMES_NAME_ERROR_INVALID:
      result = failed(turn, GR_INVALID, gr_text_from(turn, error->val.invalid));
      break;
    case GREENROOM_ACTOR_NAMES_NAME_ERROR_NOT_GRANTED:
      result = failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error->val.not_granted));
      break;
    default: result = failed(turn, GR_OTHER, gr_text_from(turn, error->val.other));
  }
  greenroom_actor_names_name_error_free(error);
  return result;
}

gr_error_t gr_register(gr_turn_t *turn, const char *name) {
  actor_string_t wanted = gr_string(name);
  greenroom_actor_names_name_error_t error;
  return greenroom_actor_names_register(&wanted, &error) ? GR_OK : not_named(turn, &error);
}

void gr_unregister(const char *name) {
  actor_string_t given = gr_string(name);
  greenroom_actor_names_unregister(&given);
}

gr_error_t gr_lookup(gr_turn_t *turn, const char *name, gr_address_t *who) {
  actor_string_t wanted = gr_string(name);
  greenroom_actor_names_option_address_t found;
  greenroom_actor_names_name_error_t error;
  if (!greenroom_actor_names_lookup(&wanted, &found, &error)) return not_named(turn, &error);
  if (!found.is_some) return failed(turn, GR_NO_ACTOR, "nobody has this name");
  *who = gr_address_in(found.val);
  return GR_OK;
}

// Other actors

static gr_error_t not_spawned(gr_turn_t *turn, greenroom_actor_actors_spawn_error_t *error) {
  gr_error_t result;
  switch (error->tag) {
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_UNKNOWN_BEHAVIOR:
      result = failed(turn, GR_UNKNOWN_BEHAVIOR, "the manifest has no `[behavior.NAME]` of this name");
      break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_NOT_GRANTED:
      result = failed(turn, GR_NOT_GRANTED, gr_not_granted(turn, error->val.not_granted));
      break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_LIMIT:
      result = failed(turn, GR_LIMIT, gr_text_from(turn, error->val.limit));
      break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_NAME_TAKEN:
      result = failed(turn, GR_NAME_TAKEN, "an actor of this name is alive");
      break;
    case GREENROOM_ACTOR_ACTORS_SPAWN_ERROR_INVALID:
      result = failed(turn, GR_INVALID, gr_text_from(turn, error->val.invalid));
      break;
    default: result = failed(turn, GR_OTHER, gr_text_from(turn, error->val.other));
  }
  greenroom_actor_actors_spawn_error_free(error);
  return result;
}

gr_error_t gr_spawn(gr_turn_t *turn, const char *behavior, const gr_spawn_t *options, gr_address_t *who,
                    uint64_t *monitor) {
  static const gr_spawn_t PLAIN;
  if (!options) options = &PLAIN;
  size_t count = 0;
  while (options->grants && options->grants[count]) count++;
  actor_string_t *grants = gr_take(turn, count * sizeof *grants);
  for (size_t i = 0; i < count; i++) grants[i] = gr_string(options->grants[i]);
  uint8_t relation = 0;
  if (options->linked) relation |= GREENROOM_ACTOR_ACTORS_RELATION_LINK;
  if (options->monitored) relation |= GREENROOM_ACTOR_ACTORS_RELATION_MONITOR;
  greenroom_actor_actors_options_t given = {
      .name = {options->name != NULL, options->name ? gr_string(options->name) : (actor_string_t){0}},
      .relation = relation,
      .grants = {options->grants != NULL, {grants, count}},
  };
  actor_string_t name = gr_string(behavior), config = gr_string(options->config ? options->config : "{}");
  greenroom_actor_actors_spawned_t spawned;
  greenroom_actor_actors_spawn_error_t error;
  if (!greenroom_actor_actors_spawn(&name, &config, &given, &spawned, &error)) return not_spawned(turn, &error);
  *who = gr_address_in(spawned.address);
  if (monitor) *monitor = spawned.monitor.is_some ? spawned.monitor.val : 0;
  return GR_OK;
}

void gr_link(gr_address_t to) {
  greenroom_actor_types_address_t whom = gr_address_out(to);
  greenroom_actor_actors_link(&whom);
}

void gr_unlink(gr_address_t to) {
  greenroom_actor_types_address_t whom = gr_address_out(to);
  greenroom_actor_actors_unlink(&whom);
}

uint64_t gr_monitor(gr_address_t whom) {
  greenroom_actor_types_address_t watched = gr_address_out(whom);
  return greenroom_actor_actors_monitor(&watched);
}

void gr_demonitor(uint64_t monitor) { greenroom_actor_actors_demonitor(monitor); }

void gr_trap_exits(bool on) { greenroom_actor_actors_trap_exits(on); }

void gr_exit(gr_address_t whom, gr_reason_t why) {
  greenroom_actor_types_address_t other = gr_address_out(whom);
  greenroom_actor_types_reason_t reason = {.tag = (uint8_t)why.cause, .val.other = gr_string(why.text ? why.text : "")};
  greenroom_actor_actors_exit(&other, &reason);
}

// The clock, and the log

uint64_t gr_now(void) { return greenroom_actor_clock_now(); }

bool gr_wall(uint64_t *nanoseconds) { return greenroom_actor_clock_wall(nanoseconds); }

void gr_log(gr_level_t level, const char *format, ...) {
  va_list some;
  // The host cuts longer lines, too.
  static char line[8 * 1024];
  va_start(some, format);
  vsnprintf(line, sizeof line, format, some);
  va_end(some);
  actor_string_t text = gr_string(line);
  greenroom_actor_log_write((uint8_t)level, &text);
}

void gr_panic(const char *file, int line, const char *text) {
  // As a panic in other languages: the report of the trap begins with it.
  gr_log(GR_ERROR, "panicked at %s:%d: %s", file, line, text);
  __builtin_trap();
}
