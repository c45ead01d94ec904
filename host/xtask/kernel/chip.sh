# The simulated chips: what is on them, what is seen from outside, what the kernel drove.

SIM=/sys/kernel/config/gpio-sim
TRACE=/sys/kernel/tracing

# chip NAME LABEL LINES: a chip that is not yet plugged in.
chip() {
  mkdir -p "$SIM/$1/bank0"
  echo "$2" >"$SIM/$1/bank0/label"
  echo "$3" >"$SIM/$1/bank0/num_lines"
}
# name CHIP LINE NAME; hog CHIP LINE CONSUMER: as a kernel driver has it.
name() {
  mkdir -p "$SIM/$1/bank0/line$2"
  echo "$3" >"$SIM/$1/bank0/line$2/name"
}
hog() {
  mkdir -p "$SIM/$1/bank0/line$2/hog"
  echo "$3" >"$SIM/$1/bank0/line$2/hog/name"
  echo input >"$SIM/$1/bank0/line$2/hog/direction"
}
# plug CHIP; unplug CHIP. The kernel warns of an interrupt that is freed twice when a watched chip goes: that is its own.
plug() {
  echo 1 >"$SIM/$1/live"
}
unplug() {
  echo 0 >"$SIM/$1/live"
}
# number CHIP: as in gpiochip1.
number() {
  cat "$SIM/$1/bank0/chip_name"
}

# level LINE: what is on the wire of the Pi's chip. pull LINE [WAY]: the resistor, which is also how a line is driven from
# outside.
level() {
  cat "$(lines)/sim_gpio$1/value"
}
pull() {
  if [ -n "$2" ]; then echo "$2" >"$(lines)/sim_gpio$1/pull"; else cat "$(lines)/sim_gpio$1/pull"; fi
}
lines() {
  echo "/sys/devices/platform/$(cat $SIM/pi/dev_name)/$(number pi)"
}

# ---- what the kernel drove, each level of it ----

# mark TEXT: in the record, from which everything after it is looked at.
mark() {
  echo >"$TRACE/trace"
  echo "$1" >"$TRACE/trace_marker"
}
# driven LINE: each level since the mark, as in `0 1` for a line that was both.
driven() {
  base=$(cat /sys/bus/gpio/devices/"$(number pi)"/../gpio/gpiochip*/base 2>/dev/null | head -n 1)
  sed -n "s/.* gpio_value: $((base + $1)) set //p" "$TRACE/trace" | sort -u | xargs
}
# moment PATTERN: of its first line in the record, in seconds.
moment() {
  grep -E "$1" "$TRACE/trace" | sed -n 's/.* \([0-9]*\.[0-9]*\): .*/\1/p' | head -n 1
}
