// State that outlives the code and the incarnation: the export `state`, by the actor's table.

#include "json.h"
#include "turn.h"

#include <stdlib.h>
#include <string.h>

// The name of what is kept beside an actor's own fields: which questions wait for an answer, and the kind that it will
// come as. No field in C has it.
#define ASKS "$asks"

static const gr_field_t NO_FIELDS[] = {{0}};

static const gr_state_t *state(void) {
  // The host may ask for the version before the actor is started.
  static const gr_state_t NONE = {.fields = NO_FIELDS};
  return gr_exported->state ? gr_exported->state : &NONE;
}

static uint32_t version(void) { return state()->version ? state()->version : 1; }

GR_OVER uint32_t exports_greenroom_actor_state_version(void) { return version(); }

GR_OVER void exports_greenroom_actor_state_accepts(actor_list_u32_t *ret) {
  size_t count = 0;
  const uint32_t *older = state()->older;
  while (older && older[count]) count++;
  ret->ptr = gr_alloc((count + 1) * sizeof(uint32_t));
  ret->len = count + 1;
  ret->ptr[0] = version();
  if (count) memcpy(ret->ptr + 1, older, count * sizeof(uint32_t));
}

GR_OVER bool exports_greenroom_actor_state_save(actor_list_u8_t *ret, actor_string_t *err) {
  (void)err;
  gr_buffer_t json = {0};
  gr_open_object(&json, state()->fields, (const char *)gr_current.self + state()->at);
  for (const gr_asked_t *one = gr_current.asked; one; one = one->next) {
    gr_add_text(&json, one != gr_current.asked ? "," : state()->fields->name ? ",\"" ASKS "\":[" : "\"" ASKS "\":[");
    gr_add_text(&json, "[");
    gr_add_whole(&json, one->request);
    gr_add_text(&json, ",");
    gr_add_string(&json, one->kind);
    gr_add_text(&json, "]");
  }
  gr_add_text(&json, gr_current.asked ? "]}" : "}");
  *ret = (actor_list_u8_t){(uint8_t *)json.at, json.length};
  return true;
}

static const gr_field_t OPEN[] = {{ASKS, GR_JSON, 0, sizeof(gr_json_t), true}, {0}};

// The questions that wait: [[request, kind], …].
static void resume_asks(gr_turn_t *turn, const char *json, size_t length) {
  gr_json_t asks = {NULL};
  if (gr_read_fields(turn, &turn->pieces, json, length, OPEN, &asks) || !asks.text) return;
  gr_reader_t reader = {asks.text, asks.text + strlen(asks.text)};
  if (!gr_take_char(&reader, '[')) return;
  while (gr_take_char(&reader, '[')) {
    const char *number;
    gr_buffer_t kind = {0};
    if (!gr_take_value(&reader, &number, &length) || !gr_take_char(&reader, ',') || !gr_take_string(&reader, &kind)) {
      gr_free(&kind);
      return;
    }
    gr_remember(strtoull(number, NULL, 10), gr_text_of(&kind));
    gr_free(&kind);
    if (!gr_take_char(&reader, ']') || !gr_take_char(&reader, ',')) return;
  }
}

GR_OVER bool exports_greenroom_actor_state_restore(uint8_t occasion, actor_string_t *config, uint32_t from,
                                           actor_list_u8_t *bytes, actor_string_t *err) {
  void *read;
  bool is = gr_begin(config, &read, err);
  gr_turn_t *turn = &gr_current;
  void *kept = (char *)turn->self + state()->at;
  const char *json = (const char *)bytes->ptr;
  gr_next_t next = GR_SAME;
  if (is && from != version() && !state()->upgrade) {
    next = gr_fail(turn, "state of version %u cannot be taken: this is version %u", (unsigned)from, (unsigned)version());
  } else if (is && from != version()) {
    next = state()->upgrade(kept, from, gr_copy(&turn->pieces, json, bytes->len), turn);
  } else if (is) {
    const char *why = gr_read_fields(turn, &turn->owned, json, bytes->len, state()->fields, kept);
    if (why) next = gr_fail(turn, "the saved state does not fit: %s", why);
  }
  // A restart ends the incarnation that asked, and its questions with it.
  if (is && occasion != EXPORTS_GREENROOM_ACTOR_STATE_OCCASION_RESTARTED) resume_asks(turn, json, bytes->len);
  if (is && next != GR_FAILED && state()->resume)
    next = state()->resume(turn->self, read, (gr_occasion_t)occasion, turn);
  is = is && gr_started(next, err);
  gr_end_turn();
  actor_string_free(config);
  actor_list_u8_free(bytes);
  return is;
}
