# Outputs are safe before any actor runs, and move when an actor says so. Lines are found by their chip's label.

chip first gpio-expander 8
chip pi pinctrl-bcm2711 54
for line in 5 13 17 22 25 27; do name pi $line GPIO$line; done
name pi 6 FLOAT
hog pi 3 i2c
plug first
plug pi
is "the Pi's chip is the second one" "$(number pi)" gpiochip1

# As if a host had been killed and every output were as wrong as can be.
pull 17 pull-up
pull 27 pull-down
pull 22 pull-down
echo 1 >$TRACE/events/gpio/enable
start
is "an output that is safe when off is low" "$(level 17)" 0
is "one that is active low is high" "$(level 27)" 1
is "one that is safe when on is high" "$(level 22)" 1
is "they have been driven there, and nowhere else: heater" "$(driven 17)" 0
is "they have been driven there, and nowhere else: fan" "$(driven 27)" 1
is "they have been driven there, and nowhere else: valve" "$(driven 22)" 1
awk -v from="$(moment 'mark_write: start')" -v to="$(moment 'gpio_value: .* set')" 'BEGIN { print (to - from) * 1000 }' |
  figure "from the program's start to the first safe level, ms"
is "the host shows the levels that are read back" "$(value heater) $(value fan) $(value valve)" "0.0 0.0 1.0"

says "an actor switches one on" "$(greenroom ask stoker on)" '"on"'
is "which is seen from outside" "$(level 17)" 1
is "and shown, with its writer" "$(value heater) $(device heater | field writer)" "1.0 stoker"
says "another switches on one that is active low" "$(greenroom ask blower on)" '"on"'
is "which is low then" "$(level 27)" 0
says "the kernel is told whose line it is" "$(cat /sys/kernel/debug/gpio)" "greenroom heater"
