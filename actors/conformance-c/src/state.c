// The export `state`, and the checks that say what is to be saved.

#include <stdlib.h>

#include "checks.h"

// What `state.save` gives.
static text_t kept;
static uint32_t version = 1;
static bool save_fails, save_acts;

static void keep(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t what = arg_text(args);
  kept.length = 0;
  text_add(&kept, what.ptr, what.len);
  text_word(result, "null");
}

static void set_version(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  version = (uint32_t)arg_number(args);
  text_word(result, "null");
}

static void set_save(args_t *args, text_t *result, outcome_t *outcome) {
  (void)outcome;
  actor_string_t how = arg_line(args);
  save_fails = is(how, "fails");
  save_acts = is(how, "acts");
  text_word(result, "null");
}

const check_t STATE[] = {{"state.keep", keep}, {"state.save", set_save}, {"state.version", set_version}, {0}};

uint32_t exports_greenroom_actor_state_version(void) { return version; }

void exports_greenroom_actor_state_accepts(actor_list_u32_t *ret) {
  ret->len = 2;
  ret->ptr = malloc(2 * sizeof *ret->ptr);
  if (!ret->ptr) abort();
  ret->ptr[0] = 1;
  ret->ptr[1] = 2;
}

// What `state.save` must not do: nothing of it happens, whatever it is told.
static void act(void) {
  address_t self;
  greenroom_actor_messaging_own_address(&self);
  message_t message = {0};
  actor_string_set(&message.kind, "from-save");
  greenroom_actor_types_send_error_t unsent;
  if (!greenroom_actor_messaging_send(&self, &message, &unsent)) greenroom_actor_types_send_error_free(&unsent);
  actor_string_t behavior, config, device;
  actor_string_set(&behavior, "child");
  actor_string_set(&config, "{}");
  actor_string_set(&device, "lamp");
  greenroom_actor_actors_options_t options = {0};
  greenroom_actor_actors_spawned_t spawned;
  greenroom_actor_actors_spawn_error_t unborn;
  if (!greenroom_actor_actors_spawn(&behavior, &config, &options, &spawned, &unborn)) {
    greenroom_actor_actors_spawn_error_free(&unborn);
  }
  greenroom_actor_devices_write_error_t unwritten;
  if (!greenroom_actor_devices_write(&device, 1, &unwritten)) greenroom_actor_devices_write_error_free(&unwritten);
#ifdef ASKING
  actor_string_t name;
  actor_string_set(&name, "partner");
  greenroom_actor_names_option_address_t partner;
  greenroom_actor_names_name_error_t unknown;
  if (!greenroom_actor_names_lookup(&name, &partner, &unknown)) {
    greenroom_actor_names_name_error_free(&unknown);
  } else if (partner.is_some) {
    message_t answer;
    ask_error_t error;
    if (greenroom_actor_asking_ask(&partner.val, &message, 1000000000, &answer, &error)) {
      greenroom_actor_types_message_free(&answer);
    } else {
      greenroom_actor_types_ask_error_free(&error);
    }
  }
#endif
}

bool exports_greenroom_actor_state_save(actor_list_u8_t *ret, actor_string_t *err) {
  if (save_acts) act();
  if (save_fails) {
    actor_string_dup(err, "it was told not to save");
    return false;
  }
  actor_string_t saved = copy((actor_string_t){kept.at, kept.length});
  *ret = (actor_list_u8_t){saved.ptr, saved.len};
  return true;
}

bool exports_greenroom_actor_state_restore(uint8_t occasion, actor_string_t *config, uint32_t from,
                                           actor_list_u8_t *bytes, actor_string_t *err) {
  static const char *const OCCASIONS[] = {"swapped", "restarted", "woken"};
  bool refuses = is((actor_string_t){bytes->ptr, bytes->len}, "refuse");
  if (refuses) actor_string_dup(err, "it was told to refuse");
  text_word(&started, "{\"restored\":{\"occasion\":\"");
  text_word(&started, OCCASIONS[occasion]);
  text_word(&started, "\",\"config\":");
  text_string(&started, *config);
  text_word(&started, ",\"version\":");
  text_number(&started, from);
  text_word(&started, ",\"bytes\":");
  text_bytes(&started, *bytes);
  text_word(&started, "}}");
  text_add(&kept, bytes->ptr, bytes->len);
  version = from;
  actor_string_free(config);
  actor_list_u8_free(bytes);
  return !refuses;
}
