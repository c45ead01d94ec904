#include <greenroom/test.h>
#include <stdio.h>
#include <string.h>

static gr_message_t add(const char *body) { return gr_raw_message("add", body); }

static const char *count(void) { return gr_test_ask(gr_signal("how-many")); }

static void it_counts_and_says_so(void) {
  gr_test_start("{}");
  gr_test_tell(add("{\"how-many\": 3}"));
  gr_test_tell(add("{\"how-many\": 4}"));
  GR_CHECK(!strcmp(count(), "7"));
  GR_CHECK(!strcmp(gr_test_published("counter/count"), "{\"count\":7}"));
}

static void it_publishes_every_so_often(void) {
  gr_test_start("{\"topic\": \"elsewhere\", \"every-ms\": 250}");
  gr_test_advance(1000);
  GR_CHECK(gr_test_count() == 4);
  GR_CHECK(!strcmp(gr_test_sent(3)->topic, "elsewhere"));
}

static void it_keeps_its_count(void) {
  gr_test_start("{}");
  gr_test_tell(add("{\"how-many\": 3}"));
  for (int again = 0; again < 2; again++) {
    if (again) gr_test_restart();
    else gr_test_swap();
    GR_CHECK(!strcmp(gr_test_kept(), "{\"count\":3}"));
    size_t before = gr_test_count();
    gr_test_advance(1000);
    GR_CHECK(gr_test_count() == before + 1);
  }
}

static void what_does_not_fit_is_refused(void) {
  gr_test_start("{}");
  const char *bodies[] = {"", "{}", "{\"how-many\": -1}", "{\"how-many\": 1.5}", "{\"how-many\": \"three\"}", "[3]", "{\"how-many\""};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    GR_CHECK(!gr_test_ask(add(bodies[i])));
    GR_CHECK(strstr(gr_test_why(), "`add {how-many}`"));
  }
  GR_CHECK(!gr_test_ask(gr_signal("remove")));
  GR_CHECK(!strcmp(gr_test_why(), "`remove` is not understood: expected add {how-many} or how-many or tick or fail or crash"));
  GR_CHECK(!strcmp(count(), "0"));
}

static void too_much_is_an_error(void) {
  gr_test_start("{}");
  gr_test_tell(add("{\"how-many\": 9007199254740991}"));
  gr_test_tell(add("{\"how-many\": 1}"));
  GR_CHECK(!strcmp(gr_test_ended(), "that is too much to count"));
}

static void a_configuration_that_is_wrong_is_a_start_that_fails(void) {
  GR_CHECK(strstr(gr_test_try("{\"every-ms\": \"often\"}"), "configuration: field `every-ms`"));
  GR_CHECK(gr_test_try("{\"every-ms\": 0}"));
}

int main(void) {
  it_counts_and_says_so();
  it_publishes_every_so_often();
  it_keeps_its_count();
  what_does_not_fit_is_refused();
  too_much_is_an_error();
  a_configuration_that_is_wrong_is_a_start_that_fails();
  puts("6 passed");
}
