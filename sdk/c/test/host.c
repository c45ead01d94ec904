// The host of a test: the functions of the contract, natively. What a turn asks for waits in `pending` until it ends well.

#include "../include/greenroom/test.h"

#include "../src/turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A message on its way, or one of a timer.
typedef struct item {
  struct item *next;
  enum { SEND, ASK, PUBLISH, REPLY, REFUSE, TIMER, CANCEL, WRITE, REGISTER } what;
  gr_test_sent_t sent;
  uint64_t due, every;
  double value;
  // Of a message to the actor: who sent it, and on which topic.
  bool has_sender;
  gr_address_t sender;
} item_t;

typedef struct named {
  struct named *next;
  const char *name;
  gr_address_t who;
  double value;
} named_t;

static struct {
  item_t *pending, *mailbox, *aside, *timers;
  gr_test_sent_t *sent;
  size_t count;
  named_t *names, *outputs, *inputs;
  uint64_t now, number, asked;
  const char *answer, *refusal, *ended, *config, *logged, *why;
} world;

// A test leaves its memory to the end of the program, but for what goes over the contract.
static char *copied(const void *bytes, size_t length) {
  char *copy = gr_alloc(length + 1);
  if (length) memcpy(copy, bytes, length);
  return copy;
}

static char *text_of(actor_string_t string) { return copied(string.ptr, string.len); }

static actor_string_t given(const char *text) {
  return (actor_string_t){(uint8_t *)copied(text, strlen(text)), strlen(text)};
}

static void append(item_t **list, item_t *item) {
  while (*list) list = &(*list)->next;
  item->next = NULL;
  *list = item;
}

static item_t *pend(int what) {
  item_t *item = gr_alloc(sizeof *item);
  item->what = what;
  append(&world.pending, item);
  return item;
}

static void fill(item_t *item, const greenroom_actor_types_message_t *message) {
  item->sent.kind = text_of(message->kind);
  item->sent.body = copied(message->body.ptr, message->body.len);
}

static bool is_self(gr_address_t address) { return address.node == 1 && address.key == 1; }

static named_t *find(named_t *list, const char *name) {
  while (list && strcmp(list->name, name)) list = list->next;
  return list;
}

static named_t *find_or_add(named_t **list, const char *name) {
  named_t *found = find(*list, name);
  if (found) return found;
  found = gr_alloc(sizeof *found);
  *found = (named_t){.next = *list, .name = copied(name, strlen(name)), .value = -1};
  return *list = found;
}

void gr_test_fail(const char *file, int line, const char *what) {
  fprintf(stderr, "%s:%d: %s does not hold (it has ended: %s; refused: %s)\n", file, line, what,
          world.ended ? world.ended : "no", world.refusal ? world.refusal : "no");
  exit(1);
}

static void cannot(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void cancel(uint64_t number) {
  for (item_t **at = &world.timers; *at; at = &(*at)->next) {
    if ((*at)->sent.request == number) {
      *at = (*at)->next;
      return;
    }
  }
}

static void record(const gr_test_sent_t *sent) {
  world.sent = realloc(world.sent, (world.count + 1) * sizeof *world.sent);
  if (!world.sent) abort();
  world.sent[world.count++] = *sent;
}

static void deliver(item_t *item) {
  if (!is_self(item->sent.to)) {
    record(&item->sent);
    return;
  }
  item->has_sender = true;
  item->sender = GR_TEST_SELF;
  item->sent.request = 0;
  append(&world.mailbox, item);
}

// The end of a turn: what it asked for happens, or is dropped.
static void end(bool well) {
  item_t *item = world.pending;
  world.pending = NULL;
  for (item_t *next; item && well; item = next) {
    next = item->next;
    switch (item->what) {
      case SEND: deliver(item); break;
      case ASK:
      case PUBLISH: record(&item->sent); break;
      case REPLY:
        if (item->sent.request == world.asked) world.answer = item->sent.body;
        break;
      case REFUSE:
        if (item->sent.request == world.asked) world.refusal = item->sent.body;
        break;
      case TIMER:
        item->due += world.now;
        append(&world.timers, item);
        break;
      case CANCEL: cancel(item->sent.request); break;
      case WRITE: find_or_add(&world.outputs, item->sent.topic)->value = item->value; break;
      case REGISTER: find_or_add(&world.names, item->sent.topic)->who = GR_TEST_SELF; break;
    }
  }
}

static const char *started(bool is, uint8_t how, actor_string_t err) {
  end(is);
  if (!is) return text_of(err);
  return how == EXPORTS_GREENROOM_ACTOR_BEHAVIOR_STARTED_IGNORE ? "ignore" : NULL;
}

static void after(bool is, greenroom_actor_types_next_t next, actor_string_t err, item_t *item) {
  end(is);
  if (!is) world.ended = text_of(err);
  else if (next.tag == GREENROOM_ACTOR_TYPES_NEXT_STOP) world.ended = "normal";
  else if (next.tag == GREENROOM_ACTOR_TYPES_NEXT_BECOME) world.ended = text_of(next.val.become);
  else if (next.tag == GREENROOM_ACTOR_TYPES_NEXT_DEFER && item) append(&world.aside, item);
  else if (next.tag == GREENROOM_ACTOR_TYPES_NEXT_UNHANDLED && item && item->sent.request == world.asked && world.asked)
    world.refusal = text_of(next.val.unhandled);
  else if (next.tag == GREENROOM_ACTOR_TYPES_NEXT_CHANGED && world.aside) {
    // Oldest first, and before what came meanwhile.
    item_t **last = &world.aside;
    while (*last) last = &(*last)->next;
    *last = world.mailbox;
    world.mailbox = world.aside;
    world.aside = NULL;
  }
}

static void drain(void) {
  while (world.mailbox && !world.ended) {
    item_t *item = world.mailbox;
    world.mailbox = item->next;
    item->next = NULL;
    greenroom_actor_types_envelope_t envelope = {
        .sender = {item->has_sender, gr_address_out(item->sender)},
        .request = {item->sent.request != 0, item->sent.request},
        .topic = {item->sent.topic != NULL, item->sent.topic ? given(item->sent.topic) : (actor_string_t){0}},
        .message = {given(item->sent.kind), {(uint8_t *)copied(item->sent.body, strlen(item->sent.body)),
                                             strlen(item->sent.body)}},
    };
    greenroom_actor_types_next_t next = {0};
    actor_string_t err = {0};
    bool is = exports_greenroom_actor_behavior_handle(&envelope, &next, &err);
    after(is, next, err, item);
  }
}

const char *gr_test_try(const char *config) {
  memset(&world, 0, sizeof world);
  world.config = copied(config, strlen(config));
  actor_string_t text = given(config), err = {0};
  uint8_t how = 0;
  bool is = exports_greenroom_actor_behavior_init(&text, &how, &err);
  const char *why = started(is, how, err);
  if (!why) drain();
  return why;
}

void gr_test_start(const char *config) {
  const char *why = gr_test_try(config);
  if (why) cannot(why);
}

static void put(const gr_address_t *sender, const char *topic, uint64_t request, gr_message_t message) {
  if (world.ended) cannot("the actor has ended, and is told something");
  item_t *item = gr_alloc(sizeof *item);
  item->sent = (gr_test_sent_t){.topic = topic, .request = request, .kind = message.kind};
  item->sent.body = copied(gr_write(&gr_current, message), strlen(gr_write(&gr_current, message)));
  if (sender) item->has_sender = true, item->sender = *sender;
  append(&world.mailbox, item);
  drain();
}

void gr_test_tell(gr_message_t message) { put(NULL, NULL, 0, message); }

void gr_test_hear(const gr_address_t *sender, const char *topic, gr_message_t message) {
  put(sender, topic, 0, message);
}

const char *gr_test_ask(gr_message_t message) {
  world.answer = world.refusal = NULL;
  world.asked = ++world.number;
  put(NULL, NULL, world.asked, message);
  return world.answer;
}

const char *gr_test_answered(void) { return world.answer; }

const char *gr_test_why(void) {
  if (world.refusal) return world.refusal;
  return world.ended ? world.ended : "the question is still open";
}

void gr_test_advance(uint64_t milliseconds) {
  uint64_t until = world.now + milliseconds * 1000000;
  for (;;) {
    item_t *due = NULL;
    for (item_t *one = world.timers; one; one = one->next) {
      if (one->due <= until && (!due || one->due < due->due)) due = one;
    }
    if (!due || world.ended) break;
    world.now = due->due;
    item_t *message = gr_alloc(sizeof *message);
    message->sent = due->sent;
    if (due->every) due->due += due->every;
    else cancel(due->sent.request);
    message->sent.request = 0;
    deliver(message);
    drain();
  }
  world.now = until;
}

static actor_list_u8_t saved(void) {
  actor_list_u8_t bytes = {0};
  actor_string_t err = {0};
  if (!exports_greenroom_actor_state_save(&bytes, &err)) cannot(text_of(err));
  return bytes;
}

const char *gr_test_kept(void) {
  actor_list_u8_t bytes = saved();
  return copied(bytes.ptr, bytes.len);
}

static const char *restored(uint8_t occasion, uint32_t version, actor_list_u8_t kept) {
  actor_string_t config = given(world.config), err = {0};
  world.ended = NULL;
  if (occasion == EXPORTS_GREENROOM_ACTOR_STATE_OCCASION_RESTARTED) world.timers = NULL;
  bool is = exports_greenroom_actor_state_restore(occasion, &config, version, &kept, &err);
  const char *why = started(is, 0, err);
  if (!why) drain();
  return why;
}

static void again(uint8_t occasion) {
  const char *why = restored(occasion, exports_greenroom_actor_state_version(), saved());
  if (why) cannot(why);
}

const char *gr_test_take_over(uint32_t version, const char *json) {
  actor_list_u8_t kept = {(uint8_t *)copied(json, strlen(json)), strlen(json)};
  return restored(EXPORTS_GREENROOM_ACTOR_STATE_OCCASION_SWAPPED, version, kept);
}

void gr_test_restart(void) { again(EXPORTS_GREENROOM_ACTOR_STATE_OCCASION_RESTARTED); }

void gr_test_swap(void) { again(EXPORTS_GREENROOM_ACTOR_STATE_OCCASION_SWAPPED); }

const char *gr_test_ended(void) { return world.ended; }

size_t gr_test_count(void) { return world.count; }

const gr_test_sent_t *gr_test_sent(size_t number) {
  if (number >= world.count) cannot("the actor has sent less than that");
  return &world.sent[number];
}

const char *gr_test_published(const char *topic) {
  for (size_t i = world.count; i > 0; i--) {
    if (world.sent[i - 1].topic && !strcmp(world.sent[i - 1].topic, topic)) return world.sent[i - 1].body;
  }
  return NULL;
}

static void hear_answer(uint64_t request, exports_greenroom_actor_replies_result_message_ask_error_t *answer) {
  greenroom_actor_types_next_t next = {0};
  actor_string_t err = {0};
  bool is = exports_greenroom_actor_replies_answered(request, answer, &next, &err);
  after(is, next, err, NULL);
  drain();
}

void gr_test_answer(uint64_t request, gr_message_t answer) {
  const char *body = gr_write(&gr_current, answer);
  exports_greenroom_actor_replies_result_message_ask_error_t result = {.is_err = false};
  result.val.ok.kind = given(answer.kind);
  result.val.ok.body = (actor_list_u8_t){(uint8_t *)copied(body, strlen(body)), strlen(body)};
  hear_answer(request, &result);
}

void gr_test_no_answer(uint64_t request) {
  exports_greenroom_actor_replies_result_message_ask_error_t result = {.is_err = true};
  result.val.err.tag = GREENROOM_ACTOR_TYPES_ASK_ERROR_TIMED_OUT;
  hear_answer(request, &result);
}

double gr_test_output(const char *device) {
  named_t *found = find(world.outputs, device);
  return found ? found->value : -1;
}

void gr_test_measure(const char *device, double value) { find_or_add(&world.inputs, device)->value = value; }

void gr_test_name(const char *name, gr_address_t who) { find_or_add(&world.names, name)->who = who; }

const char *gr_test_logged(void) { return world.logged ? world.logged : ""; }

// The contract's functions

void greenroom_actor_messaging_own_address(greenroom_actor_types_address_t *ret) { *ret = gr_address_out(GR_TEST_SELF); }

bool greenroom_actor_messaging_send(greenroom_actor_types_address_t *to, greenroom_actor_types_message_t *message,
                                    greenroom_actor_types_send_error_t *err) {
  (void)err;
  item_t *item = pend(SEND);
  fill(item, message);
  item->sent.to = gr_address_in(*to);
  return true;
}

bool greenroom_actor_messaging_start_ask(greenroom_actor_types_address_t *to, greenroom_actor_types_message_t *message,
                                         uint64_t timeout, uint64_t *ret, greenroom_actor_types_ask_error_t *err) {
  (void)timeout, (void)err;
  item_t *item = pend(ASK);
  fill(item, message);
  item->sent.to = gr_address_in(*to);
  *ret = item->sent.request = ++world.number;
  return true;
}

bool greenroom_actor_messaging_reply(uint64_t request, greenroom_actor_messaging_result_message_string_t *answer,
                                     greenroom_actor_types_send_error_t *err) {
  (void)err;
  item_t *item = pend(answer->is_err ? REFUSE : REPLY);
  if (answer->is_err) item->sent.body = text_of(answer->val.err);
  else fill(item, &answer->val.ok);
  item->sent.request = request;
  return true;
}

bool greenroom_actor_asking_ask(greenroom_actor_types_address_t *to, greenroom_actor_types_message_t *message,
                                uint64_t timeout, greenroom_actor_types_message_t *ret,
                                greenroom_actor_types_ask_error_t *err) {
  (void)to, (void)message, (void)timeout, (void)ret;
  err->tag = GREENROOM_ACTOR_TYPES_ASK_ERROR_OTHER;
  err->val.other = given("nobody answers one who waits, in a test: use gr_ask");
  return false;
}

// The range of the contract: 1 ms to 366 days.
static bool in_range(uint64_t time, greenroom_actor_types_send_error_t *err) {
  if (time >= 1000000 && time <= 366ull * 24 * 3600 * 1000000000) return true;
  err->tag = GREENROOM_ACTOR_TYPES_SEND_ERROR_INVALID;
  err->val.invalid = given("a time is from 1 ms to 366 days");
  return false;
}

static bool set(uint64_t due, uint64_t every, greenroom_actor_types_address_t *to,
                greenroom_actor_types_message_t *message, uint64_t *ret, greenroom_actor_types_send_error_t *err) {
  if (!in_range(due, err)) return false;
  item_t *item = pend(TIMER);
  fill(item, message);
  item->sent.to = gr_address_in(*to);
  item->due = due;
  item->every = every;
  *ret = item->sent.request = ++world.number;
  return true;
}

bool greenroom_actor_timers_send_after(uint64_t delay, greenroom_actor_types_address_t *to,
                                       greenroom_actor_types_message_t *message, uint64_t *ret,
                                       greenroom_actor_types_send_error_t *err) {
  return set(delay, 0, to, message, ret, err);
}

bool greenroom_actor_timers_send_every(uint64_t interval, greenroom_actor_types_address_t *to,
                                       greenroom_actor_types_message_t *message, uint64_t *ret,
                                       greenroom_actor_types_send_error_t *err) {
  return set(interval, interval, to, message, ret, err);
}

void greenroom_actor_timers_cancel(uint64_t timer) { pend(CANCEL)->sent.request = timer; }

bool greenroom_actor_topics_publish(actor_string_t *topic, greenroom_actor_types_message_t *message,
                                    greenroom_actor_topics_topic_error_t *err) {
  (void)err;
  item_t *item = pend(PUBLISH);
  fill(item, message);
  item->sent.topic = text_of(*topic);
  return true;
}

bool greenroom_actor_topics_subscribe(actor_string_t *pattern, greenroom_actor_topics_topic_error_t *err) {
  (void)pattern, (void)err;
  return true;
}

void greenroom_actor_topics_unsubscribe(actor_string_t *pattern) { (void)pattern; }

bool greenroom_actor_devices_read(actor_string_t *device, greenroom_actor_devices_reading_t *ret,
                                  greenroom_actor_devices_read_error_t *err) {
  named_t *found = find(world.inputs, text_of(*device));
  err->tag = GREENROOM_ACTOR_DEVICES_READ_ERROR_NO_DEVICE;
  if (found) *ret = (greenroom_actor_devices_reading_t){world.now, found->value};
  return found != NULL;
}

bool greenroom_actor_devices_write(actor_string_t *device, double value, greenroom_actor_devices_write_error_t *err) {
  (void)err;
  item_t *item = pend(WRITE);
  item->sent.topic = text_of(*device);
  item->value = value;
  return true;
}

bool greenroom_actor_devices_watch(actor_string_t *device, greenroom_actor_devices_read_error_t *err) {
  (void)device, (void)err;
  return true;
}

bool greenroom_actor_names_register(actor_string_t *name, greenroom_actor_names_name_error_t *err) {
  err->tag = GREENROOM_ACTOR_NAMES_NAME_ERROR_TAKEN;
  if (find(world.names, text_of(*name))) return false;
  pend(REGISTER)->sent.topic = text_of(*name);
  return true;
}

void greenroom_actor_names_unregister(actor_string_t *name) { (void)name; }

bool greenroom_actor_names_lookup(actor_string_t *name, greenroom_actor_names_option_address_t *ret,
                                  greenroom_actor_names_name_error_t *err) {
  (void)err;
  named_t *found = find(world.names, text_of(*name));
  ret->is_some = found != NULL;
  if (found) ret->val = gr_address_out(found->who);
  return true;
}

bool greenroom_actor_actors_spawn(actor_string_t *behavior, actor_string_t *config,
                                  greenroom_actor_actors_options_t *options, greenroom_actor_actors_spawned_t *ret,
                                  greenroom_actor_actors_spawn_error_t *err) {
  (void)behavior, (void)config, (void)err;
  ret->address = (greenroom_actor_types_address_t){1, 1 + ++world.number};
  ret->monitor.is_some = options->relation & GREENROOM_ACTOR_ACTORS_RELATION_MONITOR;
  ret->monitor.val = ++world.number;
  return true;
}

void greenroom_actor_actors_link(greenroom_actor_types_address_t *to) { (void)to; }
void greenroom_actor_actors_unlink(greenroom_actor_types_address_t *to) { (void)to; }
uint64_t greenroom_actor_actors_monitor(greenroom_actor_types_address_t *whom) {
  (void)whom;
  return ++world.number;
}
void greenroom_actor_actors_demonitor(uint64_t monitor) { (void)monitor; }
void greenroom_actor_actors_trap_exits(bool on) { (void)on; }
void greenroom_actor_actors_exit(greenroom_actor_types_address_t *whom, greenroom_actor_types_reason_t *why) {
  (void)whom, (void)why;
}

uint64_t greenroom_actor_clock_now(void) { return world.now; }

bool greenroom_actor_clock_wall(uint64_t *ret) {
  *ret = world.now;
  return true;
}

void greenroom_actor_log_write(uint8_t level, actor_string_t *text) {
  (void)level;
  world.logged = text_of(*text);
}

// What the bindings free

void actor_string_free(actor_string_t *string) { free(string->ptr); }
void actor_list_u8_free(actor_list_u8_t *list) { free(list->ptr); }
void greenroom_actor_types_message_free(greenroom_actor_types_message_t *message) {
  free(message->kind.ptr);
  free(message->body.ptr);
}
void greenroom_actor_types_envelope_free(greenroom_actor_types_envelope_t *envelope) {
  if (envelope->topic.is_some) free(envelope->topic.val.ptr);
  greenroom_actor_types_message_free(&envelope->message);
}
void exports_greenroom_actor_replies_result_message_ask_error_free(
    exports_greenroom_actor_replies_result_message_ask_error_t *answer) {
  if (!answer->is_err) greenroom_actor_types_message_free(&answer->val.ok);
}
// Errors of a test have texts that stay.
void greenroom_actor_types_reason_free(greenroom_actor_types_reason_t *reason) { (void)reason; }
void greenroom_actor_types_send_error_free(greenroom_actor_types_send_error_t *error) { (void)error; }
void greenroom_actor_types_ask_error_free(greenroom_actor_types_ask_error_t *error) { (void)error; }
void greenroom_actor_topics_topic_error_free(greenroom_actor_topics_topic_error_t *error) { (void)error; }
void greenroom_actor_devices_read_error_free(greenroom_actor_devices_read_error_t *error) { (void)error; }
void greenroom_actor_devices_write_error_free(greenroom_actor_devices_write_error_t *error) { (void)error; }
void greenroom_actor_names_name_error_free(greenroom_actor_names_name_error_t *error) { (void)error; }
void greenroom_actor_actors_spawn_error_free(greenroom_actor_actors_spawn_error_t *error) { (void)error; }
