// The SDK's own test: an actor with a field of each kind, which asks, defers, takes questions over, and sees messages raw.

#include "../include/greenroom/test.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  uint64_t whole;
  int64_t integer;
  double number;
  bool truth;
  const char *text;
  char chars[8];
  gr_address_t address;
  gr_json_t json;
  uint64_t maybe;
} all_t;

static const gr_field_t ALL[] = {
    GR_FIELD(all_t, whole), GR_FIELD(all_t, integer), GR_FIELD(all_t, number),
    GR_FIELD(all_t, truth), GR_FIELD(all_t, text),    GR_FIELD(all_t, chars),
    GR_FIELD(all_t, address), GR_FIELD(all_t, json),  GR_MAYBE(all_t, maybe),
    {0},
};

typedef struct {
  double total;
  bool open;
} kept_t;

static const gr_field_t KEPT[] = {GR_FIELD(kept_t, total), GR_FIELD(kept_t, open), {0}};

typedef struct {
  kept_t kept;
  uint64_t question;
} shopper_t;

static const gr_address_t SHOP = {1, 77};

typedef struct {
  double euros;
} price_t;

static const gr_field_t PRICE[] = {GR_FIELD(price_t, euros), {0}};

static gr_next_t echo(void *self, const void *message, gr_turn_t *turn) {
  (void)self;
  return gr_reply(turn, gr_message("echo", ALL, message));
}

static gr_next_t buy(void *self, const void *message, gr_turn_t *turn) {
  (void)self, (void)message;
  return gr_ask(turn, SHOP, gr_signal("price"), 1000, "priced") ? gr_fail(turn, "%s", gr_why(turn)) : GR_SAME;
}

static gr_next_t priced(void *actor, const void *answer, gr_error_t error, gr_turn_t *turn) {
  shopper_t *self = actor;
  if (error) {
    gr_log(GR_WARN, "no price: %s", gr_why(turn));
    return GR_SAME;
  }
  self->kept.total += ((const price_t *)answer)->euros;
  self->kept.open = true;
  return GR_CHANGED;
}

static gr_next_t total(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  shopper_t *self = actor;
  return self->kept.open ? gr_reply(turn, gr_number(self->kept.total)) : GR_DEFER;
}

static gr_next_t later(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  ((shopper_t *)actor)->question = gr_request(turn);
  return gr_send_after(turn, 60000, gr_signal("now")) ? GR_SAME : gr_fail(turn, "%s", gr_why(turn));
}

static gr_next_t now(void *actor, const void *message, gr_turn_t *turn) {
  (void)message;
  gr_reply_to(turn, ((shopper_t *)actor)->question, gr_text("now \"and\" then\n"));
  return GR_SAME;
}

static gr_next_t half(void *self, const void *message, gr_turn_t *turn) {
  (void)self, (void)message;
  gr_tell(turn, SHOP, gr_signal("never"));
  return gr_fail(turn, "half done");
}

static gr_next_t quiet(void *self, const void *message, gr_turn_t *turn) {
  (void)self, (void)message, (void)turn;
  return GR_SAME;
}

static gr_next_t raw(void *self, gr_turn_t *turn) {
  (void)self;
  size_t length;
  const char *body = gr_raw_body(turn, &length);
  return gr_reply(turn, gr_raw_message(gr_raw_kind(turn), length ? body : "null"));
}

static const gr_kind_t KINDS[] = {
    {"echo", echo, ALL, sizeof(all_t)}, {"buy", buy, NULL, 0}, {"total", total, NULL, 0}, {"later", later, NULL, 0},
    {"now", now, NULL, 0},              {"half", half, NULL, 0}, {"quiet", quiet, NULL, 0}, {0},
};

static const gr_answer_t ANSWERS[] = {{"priced", priced, PRICE, sizeof(price_t)}, {0}};

static gr_next_t upgrade(void *kept, uint32_t version, const char *json, gr_turn_t *turn) {
  typedef struct {
    int64_t cents;
  } first_t;
  static const gr_field_t FIRST[] = {GR_FIELD(first_t, cents), {0}};
  first_t first;
  if (version != 1 || !gr_read(turn, json, FIRST, &first)) return gr_fail(turn, "%s", gr_why(turn));
  ((kept_t *)kept)->total = (double)first.cents / 100;
  return GR_SAME;
}

static const uint32_t OLDER[] = {1, 0};

static const gr_state_t STATE = {
    .version = 2, .fields = KEPT, .at = offsetof(shopper_t, kept), .older = OLDER, .upgrade = upgrade};

static const gr_actor_t SHOPPER = {
    .size = sizeof(shopper_t), .kinds = KINDS, .raw = raw, .answers = ANSWERS, .state = &STATE};

GR_EXPORT(SHOPPER);

static int passed;

static void is(const char *got, const char *want) {
  passed++;
  if (got && want ? !strcmp(got, want) : got == want) return;
  fprintf(stderr, "expected %s\n     got %s\n", want ? want : "nothing", got ? got : "nothing");
  gr_test_fail(__FILE__, __LINE__, "what is above");
}

#define HEAD "\"whole\":18446744073709551615,\"integer\":-9,\"number\":0.1,\"truth\":true,"
#define TAIL "\"chars\":\"seven c\",\"address\":\"0000000000000001-00000000000000ff\",\"json\":[1,{\"a\":null}]"

static void each_kind_of_field_goes_there_and_back(void) {
  gr_test_start("{}");
  is(gr_test_ask(gr_raw_message("echo", "{" HEAD "\"text\":\"\\u00e9\\ud83d\\ude00\\n\\\\\\/\"," TAIL ",\"more\":[[{}]]}")),
     "{" HEAD "\"text\":\"\xc3\xa9\xf0\x9f\x98\x80\\u000a\\\\/\"," TAIL ",\"maybe\":0}");
}

// A body with one field that is wrong, and what is said of it.
static void refused(const char *body, const char *why) {
  is(gr_test_ask(gr_raw_message("echo", body)), NULL);
  const char *said = strstr(gr_test_why(), "`: ");
  is(said ? said + 3 : gr_test_why(), why);
}

static void what_does_not_fit_is_told(void) {
  gr_test_start("{}");
  refused("[]", "expected an object");
  refused("{", "it is no JSON");
  refused("{}x", "it is no JSON");
  refused("{\"whole\":1,}", "it is no JSON");
  refused("", "missing field `whole`");
  refused("{\"whole\":18446744073709551616}", "field `whole`: expected a whole number of at least 0, not 18446744073709551616");
  refused("{\"whole\":-1}", "field `whole`: expected a whole number of at least 0, not -1");
  refused("{\"whole\":01}", "it is no JSON");
  refused("{\"whole\":1.5}", "field `whole`: expected a whole number of at least 0, not 1.5");
  refused("{\"whole\":1e2,\"whole\":2}", "field `whole`: expected one of it, not two");
  refused("{\"integer\":9223372036854775808}", "field `integer`: expected a whole number, not 9223372036854775808");
  refused("{\"number\":1e999}", "field `number`: expected a number, not 1e999");
  refused("{\"number\":\"1\"}", "field `number`: expected a number, not a string");
  refused("{\"truth\":1}", "field `truth`: expected a boolean, not a number");
  refused("{\"truth\":tru}", "field `truth`: expected a boolean, not what is no JSON");
  refused("{\"text\":\"\\ud83d\"}", "field `text`: expected a string, not a broken one");
  refused("{\"text\":\"a\\u0000b\"}", "field `text`: expected a string without a 0 in it");
  refused("{\"text\":\"\n\"}", "field `text`: expected a string, not a broken one");
  refused("{\"text\":null}", "field `text`: expected a string, not null");
  refused("{\"chars\":\"eight ch\"}", "field `chars`: expected a shorter string");
  refused("{\"address\":\"0000000000000001-00000000000000fg\"}", "field `address`: expected an address, not another string");
  char deep[256] = "{\"json\":";
  memset(deep + strlen(deep), '[', 70);
  refused(deep, "field `json`: expected JSON, not what is no JSON");
}

static void an_answer_finds_its_way_over_a_swap(void) {
  gr_test_start("{}");
  gr_test_tell(gr_signal("buy"));
  is(gr_test_kept(), "{\"total\":0,\"open\":false,\"$asks\":[[1,\"priced\"]]}");
  gr_test_swap();
  price_t price = {4.5};
  gr_test_answer(gr_test_sent(0)->request, gr_message("answer", PRICE, &price));
  is(gr_test_kept(), "{\"total\":4.5,\"open\":true}");
  // It was answered once.
  gr_test_answer(gr_test_sent(0)->request, gr_message("answer", PRICE, &price));
  is(gr_test_kept(), "{\"total\":4.5,\"open\":true}");
}

static void an_answer_that_failed_or_does_not_fit_is_the_actors_to_handle(void) {
  gr_test_start("{}");
  gr_test_tell(gr_signal("buy"));
  gr_test_no_answer(gr_test_sent(0)->request);
  is(gr_test_logged(), "no price: no answer came in time");
  gr_test_tell(gr_signal("buy"));
  gr_test_answer(gr_test_sent(1)->request, gr_text("dear"));
  is(gr_test_logged(), "no price: the answer does not fit: expected an object");
}

static void a_restart_asks_for_nothing(void) {
  gr_test_start("{}");
  gr_test_tell(gr_signal("buy"));
  gr_test_restart();
  is(gr_test_kept(), "{\"total\":0,\"open\":false}");
}

static void an_older_version_is_upgraded_or_refused(void) {
  gr_test_start("{}");
  is(gr_test_take_over(1, "{\"cents\":150}"), NULL);
  is(gr_test_kept(), "{\"total\":1.5,\"open\":false}");
  is(gr_test_take_over(1, "{\"total\":150}"), "missing field `cents`");
  is(gr_test_take_over(2, "{\"total\":150}"), "the saved state does not fit: missing field `open`");
}

static void what_is_put_aside_comes_again(void) {
  gr_test_start("{}");
  is(gr_test_ask(gr_signal("total")), NULL);
  is(gr_test_why(), "the question is still open");
  gr_test_tell(gr_signal("buy"));
  price_t price = {2};
  gr_test_answer(gr_test_sent(0)->request, gr_message("answer", PRICE, &price));
  is(gr_test_answered(), "2");
}

static void a_question_that_is_taken_over_is_answered_later(void) {
  gr_test_start("{}");
  is(gr_test_ask(gr_signal("later")), NULL);
  gr_test_advance(59999);
  is(gr_test_answered(), NULL);
  gr_test_advance(1);
  is(gr_test_answered(), "\"now \\\"and\\\" then\\u000a\"");
}

static void nobody_waits_for_an_answer_that_never_comes(void) {
  gr_test_start("{}");
  is(gr_test_ask(gr_signal("quiet")), NULL);
  is(gr_test_why(), "`quiet` was handled, and has no answer");
}

static void a_turn_that_fails_leaves_nothing(void) {
  gr_test_start("{}");
  gr_test_tell(gr_signal("half"));
  is(gr_test_ended(), "half done");
  GR_CHECK(gr_test_count() == 0);
}

static void other_kinds_are_seen_raw(void) {
  gr_test_start("{}");
  is(gr_test_ask(gr_raw_message("other", "[1, 2]")), "[1, 2]");
}

static void numbers_are_as_short_as_they_can_be(void) {
  gr_test_start("{}");
  is(gr_test_ask(gr_raw_message("echo", "{\"whole\":2.0,\"integer\":-3e2,\"number\":1e21,\"truth\":false,\"text\":\"\",\"chars\":\"\",\"address\":\"0000000000000000-0000000000000000\",\"json\":1.50}")),
     "{\"whole\":2,\"integer\":-300,\"number\":1e+21,\"truth\":false,\"text\":\"\",\"chars\":\"\",\"address\":\"0000000000000000-0000000000000000\",\"json\":1.50,\"maybe\":0}");
}

int main(void) {
  each_kind_of_field_goes_there_and_back();
  what_does_not_fit_is_told();
  an_answer_finds_its_way_over_a_swap();
  an_answer_that_failed_or_does_not_fit_is_the_actors_to_handle();
  a_restart_asks_for_nothing();
  an_older_version_is_upgraded_or_refused();
  what_is_put_aside_comes_again();
  a_question_that_is_taken_over_is_answered_later();
  nobody_waits_for_an_answer_that_never_comes();
  a_turn_that_fails_leaves_nothing();
  other_kinds_are_seen_raw();
  numbers_are_as_short_as_they_can_be();
  printf("%d passed\n", passed);
}
