// Checks of `actors` and `names`.

#include <stdlib.h>

#include "result.h"

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

const check_t FAMILY[] = {
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
    {0},
};
