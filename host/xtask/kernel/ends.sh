# The host ends while outputs are on: by kill -9, which no program survives to tidy up, and in order.

on
# The line stays high without its holder, as on a Pi whose kernel keeps outputs.
pull 17 pull-up
mark killed
stop KILL
is "kill -9" "$code" 137
is "nobody has driven it since" "$(driven 17)" ""
echo "note    after kill -9 the pins are at $(level 17) (pull-up), $(level 27) (pull-down): what their resistors say"
start
is "started again: off" "$(level 17)" 0
is "without having been driven on" "$(driven 17)" 0
is "and the one that is active low is off" "$(level 27)" 1

pull 17 pull-down
pull 27 pull-up
for signal in TERM:0 INT:130 HUP:0; do
  on
  mark "${signal%:*}"
  stop "${signal%:*}"
  is "${signal%:*}: the exit code" "$code" "${signal#*:}"
  # The resistor alone would say so, too: the record says that the host did it.
  is "${signal%:*}: the host has driven it off" "$(level 17) $(driven 17)" "0 0"
  start
done
