#include <greenroom/test.h>
#include <cstdio>
#include <cstring>

static void it_counts_and_keeps_the_count_over_a_swap() {
  gr_test_start("{}");
  gr_test_tell(gr_raw_message("add", R"({"how-many": 2})"));
  gr_test_tell(gr_raw_message("add", R"({"how-many": 3})"));
  GR_CHECK(!strcmp(gr_test_ask(gr_signal("how-many")), "5"));
  gr_test_swap();
  GR_CHECK(!strcmp(gr_test_ask(gr_signal("how-many")), "5"));
}

static void what_does_not_fit_is_refused() {
  gr_test_start("{}");
  GR_CHECK(!gr_test_ask(gr_raw_message("add", R"({"how-many": "three"})")));
  GR_CHECK(strstr(gr_test_why(), "`how-many`"));
}

int main() {
  it_counts_and_keeps_the_count_over_a_swap();
  what_does_not_fit_is_refused();
  std::puts("2 passed");
}
