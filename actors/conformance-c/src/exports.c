// The exports: messages that are checks are run, everything else is noted down and told by the check `heard`.

#include <stdlib.h>
#include <string.h>

#include "checks.h"

// What was heard: JSON values with commas between them.
static text_t heard;
text_t started;
// Whether messages that can't be taken now are put aside (`next`).
static bool is_open;

static void begin_heard(const char *what) {
  if (heard.length) text_word(&heard, ",");
  text_word(&heard, "{\"");
  text_word(&heard, what);
  text_word(&heard, "\":{");
}

// A copy for the caller of an export, who frees it.
actor_string_t copy(actor_string_t string) {
  actor_string_t copy;
  actor_string_dup_n(&copy, (const char *)string.ptr, string.len);
  return copy;
}

static actor_list_u8_t bytes_of(const text_t *text) { return (actor_list_u8_t){text->at, text->length}; }

static void tell_heard(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  text_word(result, "[");
  text_add(result, heard.at, heard.length);
  text_word(result, "]");
  heard.length = 0;
}

static void tell_started(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)outcome;
  text_add(result, started.at, started.length);
}

static void next(args_t *args, text_t *result, outcome_t *outcome) {
  actor_string_t word = arg_line(args), with = arg_line(args);
  text_string(result, word);
  if (is(word, "changed")) {
    is_open = true;
    outcome->next.tag = GREENROOM_ACTOR_TYPES_NEXT_CHANGED;
  } else if (is(word, "defer") && !is_open) {
    outcome->next.tag = GREENROOM_ACTOR_TYPES_NEXT_DEFER;
  } else if (is(word, "unhandled")) {
    outcome->next.tag = GREENROOM_ACTOR_TYPES_NEXT_UNHANDLED;
    outcome->next.val.unhandled = copy(with);
  } else if (is(word, "become")) {
    outcome->next.tag = GREENROOM_ACTOR_TYPES_NEXT_BECOME;
    outcome->next.val.become = copy(with);
  } else if (is(word, "stop")) {
    outcome->next.tag = GREENROOM_ACTOR_TYPES_NEXT_STOP;
  }
}

static void fail(args_t *args, text_t *result, outcome_t *outcome) {
  text_word(result, "null");
  outcome->fails = true;
  outcome->why = copy(arg_text(args));
}

static void trap(args_t *args, text_t *result, outcome_t *outcome) {
  (void)args, (void)result, (void)outcome;
  __builtin_trap();
}

const check_t TURNS[] = {{"heard", tell_heard}, {"started", tell_started}, {"next", next}, {"fail", fail}, {"trap", trap}, {0}};

// The generator's object file would have this, so that it is not left out by the linker. What it holds, the world, is
// embedded as the component is made.
void __component_type_object_force_link_actor(void);
void __component_type_object_force_link_actor(void) {}

// What is exported: all that there is. The functions are below.
GR_EXPORTS_BEHAVIOR();
GR_EXPORTS_STATE();
GR_EXPORTS_SIGNALS();
GR_EXPORTS_REPLIES();

// behavior

// Whether a JSON object has this in it, written as Rust's serde_json writes it.
static bool has(actor_string_t json, const char *part) {
  size_t length = strlen(part);
  for (size_t i = 0; i + length <= json.len; i++) {
    if (!memcmp(json.ptr + i, part, length)) return true;
  }
  return false;
}

bool exports_greenroom_actor_behavior_init(actor_string_t *config, uint8_t *ret, actor_string_t *err) {
  bool fails = has(*config, "\"start\":\"fail\"");
  if (fails) actor_string_dup(err, "it was told to fail");
  *ret = has(*config, "\"start\":\"ignore\"") ? EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_IGNORE
                                              : EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_READY;
  text_word(&started, "{\"init\":");
  text_string(&started, *config);
  text_word(&started, "}");
  actor_string_free(config);
  return !fails;
}

static bool check_in(const check_t *checks, actor_string_t name, args_t args, text_t *result, outcome_t *outcome) {
  for (; checks->name; checks++) {
    if (is(name, checks->name)) {
      checks->run(&args, result, outcome);
      return true;
    }
  }
  return false;
}

bool check(actor_string_t name, args_t args, text_t *result, outcome_t *outcome) {
  static const check_t *const ALL[] = {MESSAGING, FAMILY, TOPICS, HOUSE, TURNS, STATE, GARBAGE};
  for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) {
    if (check_in(ALL[i], name, args, result, outcome)) return true;
  }
  return false;
}

// Several checks in one turn: the name and the arguments of each, and a line with `;` between two.
static void turn(args_t args, text_t *result, outcome_t *outcome) {
  text_word(result, "[");
  for (bool first = true; args.left; first = false) {
    actor_string_t name = arg_line(&args);
    args_t own = {args.at, 0};
    for (bool ends = false; args.left && !ends;) {
      const uint8_t *line = args.at;
      ends = is(arg_line(&args), ";");
      // To the end of the last line, without its line break.
      own.left = (size_t)((ends ? line : args.at + 1) - own.at);
      own.left -= own.left > 0;
    }
    if (!first) text_word(result, ",");
    if (!check(name, own, result, outcome)) text_word(result, "\"unknown\"");
  }
  text_word(result, "]");
}

static void note(const greenroom_actor_types_envelope_t *envelope) {
  begin_heard("message");
  text_word(&heard, "\"sender\":");
  if (envelope->sender.is_some) text_address(&heard, envelope->sender.val);
  else text_word(&heard, "null");
  text_word(&heard, ",\"request\":");
  if (envelope->request.is_some) text_number(&heard, envelope->request.val);
  else text_word(&heard, "null");
  text_word(&heard, ",\"topic\":");
  if (envelope->topic.is_some) text_string(&heard, envelope->topic.val);
  else text_word(&heard, "null");
  text_word(&heard, ",\"kind\":");
  text_string(&heard, envelope->message.kind);
  text_word(&heard, ",\"body\":");
  text_bytes(&heard, envelope->message.body);
  text_word(&heard, "}}");
}

static void answer(uint64_t request, actor_string_t kind, const text_t *result) {
  text_t body = {0};
  text_word(&body, "{\"check\":");
  text_string(&body, kind);
  text_word(&body, ",\"result\":");
  text_add(&body, result->at, result->length);
  text_word(&body, "}");
  greenroom_actor_messaging_result_message_string_t answer = {.is_err = false};
  actor_string_set(&answer.val.ok.kind, "result");
  answer.val.ok.body = bytes_of(&body);
  greenroom_actor_types_send_error_t error;
  if (!greenroom_actor_messaging_reply(request, &answer, &error)) greenroom_actor_types_send_error_free(&error);
  text_free(&body);
}

bool exports_greenroom_actor_behavior_handle(greenroom_actor_types_envelope_t *envelope, next_turn_t *ret,
                                             actor_string_t *err) {
  outcome_t outcome = {0};
  text_t result = {0};
  actor_string_t kind = envelope->message.kind;
  args_t args = {envelope->message.body.ptr, envelope->message.body.len};
  bool known = true;
  if (is(kind, "turn")) turn(args, &result, &outcome);
  else known = check(kind, args, &result, &outcome);
  bool later = outcome.next.tag == GREENROOM_ACTOR_TYPES_NEXT_DEFER ||
               outcome.next.tag == GREENROOM_ACTOR_TYPES_NEXT_UNHANDLED;
  if (!known) note(envelope);
  else if (envelope->request.is_some && !later) answer(envelope->request.val, kind, &result);
  text_free(&result);
  give_back();
  greenroom_actor_types_envelope_free(envelope);
  *ret = outcome.next;
  if (outcome.fails) *err = outcome.why;
  return !outcome.fails;
}

// replies

bool exports_greenroom_actor_replies_answered(uint64_t request,
                                              exports_greenroom_actor_replies_result_message_ask_error_t *answer,
                                              next_turn_t *ret, actor_string_t *err) {
  (void)err;
  begin_heard("answered");
  text_word(&heard, "\"request\":");
  text_number(&heard, request);
  text_word(&heard, answer->is_err ? ",\"error\":" : ",\"ok\":");
  if (answer->is_err) text_ask_error(&heard, &answer->val.err);
  else text_message(&heard, &answer->val.ok);
  text_word(&heard, "}}");
  exports_greenroom_actor_replies_result_message_ask_error_free(answer);
  ret->tag = GREENROOM_ACTOR_TYPES_NEXT_SAME;
  return true;
}

// signals

static bool note_end(address_t *who, reason_t *why, next_turn_t *ret) {
  text_word(&heard, "\"who\":");
  text_address(&heard, *who);
  text_word(&heard, ",\"why\":");
  text_reason(&heard, why);
  text_word(&heard, "}}");
  greenroom_actor_types_reason_free(why);
  ret->tag = GREENROOM_ACTOR_TYPES_NEXT_SAME;
  return true;
}

bool exports_greenroom_actor_signals_exited(address_t *who, reason_t *why, next_turn_t *ret, actor_string_t *err) {
  (void)err;
  begin_heard("exited");
  return note_end(who, why, ret);
}

bool exports_greenroom_actor_signals_down(uint64_t monitor, address_t *who, reason_t *why, next_turn_t *ret,
                                          actor_string_t *err) {
  (void)err;
  begin_heard("down");
  text_word(&heard, "\"monitor\":");
  text_number(&heard, monitor);
  text_word(&heard, ",");
  return note_end(who, why, ret);
}

void exports_greenroom_actor_signals_stopping(reason_t *why) {
  text_t body = {0};
  text_reason(&body, why);
  actor_string_t topic;
  actor_string_set(&topic, "conformance/stopping");
  message_t message = {.body = bytes_of(&body)};
  actor_string_set(&message.kind, "stopping");
  greenroom_actor_topics_topic_error_t error;
  if (!greenroom_actor_topics_publish(&topic, &message, &error)) greenroom_actor_topics_topic_error_free(&error);
  text_free(&body);
  greenroom_actor_types_reason_free(why);
}
